/**
 * A fetcher for tests: no limits and no robots rules unless asked for, closed when the test ends.
 */
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { FetchedResponse, Fetcher, FetchRequest } from '../../src/crawl/fetcher.ts';
import { createGate } from '../../src/crawl/gate.ts';
import type { HttpFetcherOptions } from '../../src/crawl/http-fetcher.ts';
import { createHttpFetcher } from '../../src/crawl/http-fetcher.ts';
import type { RequestLogEntry } from '../../src/crawl/request-log.ts';

export interface TestFetcher {
  readonly fetcher: Fetcher;
  /** Every request that left. */
  readonly log: readonly RequestLogEntry[];
  /** Fetches one URL as a listing of Helsinki, or as `extra` says. */
  readonly get: (url: string, extra?: Partial<FetchRequest>) => Promise<FetchedResponse>;
}

/** Makes a fetcher that may ask loopback only, with 1 s per request and 100,000 bytes per body. */
export function createTestFetcher(options: Partial<HttpFetcherOptions> = {}): TestFetcher {
  const log: RequestLogEntry[] = [];
  const fetcher = createHttpFetcher({
    userAgent: 'oikotie-collector/0.1 (+mailto:test@example.org)',
    allowedHosts: [],
    requestTimeoutMs: 1000,
    maxBodyBytes: 100_000,
    gate: createGate({ clock: systemClock, portalIntervalMs: 0, cityIntervalMs: () => 0 }),
    robots: null,
    clock: systemClock,
    requestSink: (entry) => log.push(entry),
    executionId: 'test-run',
    nodeId: 'test-node',
    ...options,
  });
  onTestFinished(() => fetcher.close());
  const get: TestFetcher['get'] = (url, extra) =>
    fetcher.fetch({ url, kind: 'listing', city: 'Helsinki', signal: new AbortController().signal, ...extra });
  return { fetcher, log, get };
}
