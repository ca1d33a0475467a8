/**
 * What the simulated portal saw: every request in the order it arrived, with a sub-millisecond arrival time, so that a
 * test can prove that a crawl kept its limits. Control requests are never in it.
 */

export type PathKind = 'session' | 'search' | 'listing' | 'location' | 'robots' | 'trap' | 'other';

export interface LoggedRequest {
  /** Arrival, milliseconds since the epoch with fractions. */
  readonly at: number;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly kind: PathKind;
  /** City the request is about, or null. */
  readonly city: string | null;
  /** Status sent; null while open, and for a request that was never answered. */
  readonly status: number | null;
  readonly userAgent: string;
  /** Body bytes sent. */
  readonly bytes: number;
  /** Type of the fault that was played on it, or null. */
  readonly fault: string | null;
}

export interface RequestLog {
  /** All requests kept, oldest first. */
  readonly entries: () => readonly LoggedRequest[];
  readonly clear: () => void;
  /** Adds one request; what is given back completes it. */
  readonly open: (request: Omit<LoggedRequest, 'status' | 'bytes' | 'fault'>) => OpenRequest;
}

export interface OpenRequest {
  readonly mark: (change: Partial<Pick<LoggedRequest, 'status' | 'bytes' | 'fault'>>) => void;
}

/** A log that keeps the newest `capacity` requests. */
export function createRequestLog(capacity = 500_000): RequestLog {
  let entries: LoggedRequest[] = [];
  return {
    entries: () => entries,
    clear: () => {
      entries = [];
    },
    open: (request) => {
      const entry = { ...request, status: null, bytes: 0, fault: null };
      if (entries.length >= capacity) entries = entries.slice(Math.floor(capacity / 2));
      entries.push(entry);
      return { mark: (change) => void Object.assign(entry, change) };
    },
  };
}
