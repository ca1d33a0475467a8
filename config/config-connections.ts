/** What the program connects to beside the portal: object store, Redis, and whoever is told when something is wrong. */

/** A bucket of an S3-compatible object store, and the key to it. */
export interface BucketTarget {
  /** Scheme, host and port; the bucket goes into the path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** What the names of our objects begin with; empty or with a slash at its end. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  /** Longest time of one request. */
  readonly timeoutMs: number;
  /** Requests for one answer at most. */
  readonly maxAttempts: number;
}

/** Where a Redis, a Sentinel or a node of a Redis Cluster listens. */
export interface RedisAddress {
  /** Name or address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

export interface RedisAccess {
  /** Null is the default user. */
  readonly username: string | null;
  readonly password: string | null;
  /** Null = without TLS. `ca`: PEM certificates; null = those that Node.js knows. */
  readonly tls: { readonly ca: string | null } | null;
}

/** The Redis of a cluster: one server, the master that Sentinels name, or a Redis Cluster. */
export type RedisTarget = RedisAccess &
  (
    | { readonly kind: 'single'; readonly address: RedisAddress; readonly database: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly RedisAddress[];
        readonly master: string;
        readonly sentinelPassword: string | null;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] }
  );

/** Who is told when something is wrong; each null when not. The URLs may be secrets as a whole. */
export interface AlertConfig {
  /** False: nothing is judged, kept or told. */
  readonly isEnabled: boolean;
  readonly webhookUrl: string | null;
  readonly ntfyUrl: string | null;
  readonly ntfyToken: string | null;
  readonly smtpUrl: string | null;
  /** Set whenever `smtpUrl` is. */
  readonly emailFrom: string | null;
  readonly emailTo: readonly string[];
  /** Asked after each run that ends as `completed`. */
  readonly deadManUrl: string | null;
  /** After its planned start the run of a day must have ended by then. */
  readonly runDeadlineMs: number;
  readonly breakerOpenMs: number;
  readonly queueStuckMs: number;
}
