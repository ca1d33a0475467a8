/**
 * The port through which every request leaves. An adapter (HTTP today, a browser beside it) gives back any response the
 * portal sends, whatever its status, and throws only when there is no usable response.
 */
import type { BodyText } from './body.ts';

/** `part` is what a page in a browser asks for besides its document and the portal's API: a script, the consent frame. */
export type RequestKind = 'robots' | 'session' | 'search' | 'listing' | 'location' | 'part';

export interface FetchRequest {
  /** Absolute http(s) URL; its host must be allowed. */
  readonly url: string;
  readonly kind: RequestKind;
  /** City whose limits the request counts against; null counts against the portal only. */
  readonly city: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface FetchedResponse {
  /** URL asked for. */
  readonly url: string;
  /** URL that answered, after redirects within the allowed hosts. */
  readonly finalUrl: string;
  readonly status: number;
  /** Header names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Body decoded as its charset says, UTF-8 by default; bad bytes become U+FFFD. */
  readonly body: string;
  /** The body bytes that `sha256` is of; absent when the adapter has only text and hashed that as UTF-8. */
  readonly bodyAsSent?: Buffer;
  /** The same characters for a reader that needs a part of them only; absent when the adapter has them as text anyway. */
  readonly bodyText?: BodyText;
  /** Size of the decoded body in bytes. */
  readonly bodyBytes: number;
  /** SHA-256 of the body bytes, hex. */
  readonly sha256: string;
  readonly durationMs: number;
  /** ISO 8601 UTC. */
  readonly fetchedAtUtc: string;
}

/** A page as a browser shows it: `body` is its HTML after its script has run; all else is of the document as served. */
export interface RenderedPage extends FetchedResponse {
  /** What the page's script got from the portal's search, in order. */
  readonly answers: readonly FetchedResponse[];
}

export interface Fetcher {
  /**
   * Sends one request and gives back its response.
   * @throws ScraperError with category NETWORK_ERROR (connection, DNS, TLS), TIMEOUT, BLOCKED (robots.txt disallows,
   * code ROBOTS_DISALLOWED) or PARSING_ERROR (body over its size limit, code BODY_TOO_LARGE; redirect to a host that is
   * not allowed, code REDIRECT_REFUSED); the signal's reason when aborted.
   */
  readonly fetch: (request: FetchRequest) => Promise<FetchedResponse>;
  /** Closes the connections it opened. */
  readonly close: () => Promise<void>;
}
