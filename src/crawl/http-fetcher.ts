/**
 * The HTTP adapter of the Fetcher port. Every request, and every step of a redirect, passes the allowed hosts, the robots
 * rules and the gate before it leaves, says honestly who it is, and is told to the request log. It never retries.
 */
import { hash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import { categoryOf, ScraperError } from '../errors.ts';
import { categoryOfStatus } from '../resilience/status-category.ts';
import type { HostRules } from './allowed-hosts.ts';
import { createHostRules } from './allowed-hosts.ts';
import { acceptedEncodings, decompress, textOf } from './body.ts';
import { createConnections } from './connections.ts';
import type { RawResponse } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { FetchedResponse, Fetcher, FetchRequest } from './fetcher.ts';
import type { Gate } from './gate.ts';
import type { ProxySettings } from './proxies.ts';
import { noProxies } from './proxies.ts';
import type { RequestLogEntry, RequestSink } from './request-log.ts';
import type { RobotsOptions, RobotsRules } from './robots-rules.ts';
import { createRobotsRules } from './robots-rules.ts';

export interface HttpFetcherOptions {
  /** Full User-Agent header, contact included; sent with every request. */
  readonly userAgent: string;
  /** Hosts (with port when not the default) that may be asked besides loopback. */
  readonly allowedHosts: readonly string[];
  /** From connecting to the last byte, per step of a redirect, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Limit of a body, as it travels and decompressed. */
  readonly maxBodyBytes: number;
  /** Default: none. */
  readonly proxies?: ProxySettings;
  /** Looks names up; by default the system does. */
  readonly lookup?: LookupFunction;
  readonly gate: Gate;
  /** Null when robots.txt is not obeyed. */
  readonly robots: RobotsOptions | null;
  readonly clock: Clock;
  readonly requestSink: RequestSink;
  /**
   * Asked for each request of a city when its turn at the gate has come, except for robots.txt, which is everybody's;
   * what it throws stops the request.
   */
  readonly checkBeforeSending?: (city: string) => void;
  readonly executionId: string;
  readonly nodeId: string;
}

/** Redirects followed for one request. */
const maxRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

interface Answer {
  readonly raw: RawResponse;
  readonly bytes: Buffer;
  readonly sentAtMs: number;
  readonly durationMs: number;
}

/** Makes a fetcher with its own connections; close it when done. */
export function createHttpFetcher(options: HttpFetcherOptions): Fetcher {
  const hosts = createHostRules(options.allowedHosts);
  const sender = createSender(options, hosts);

  /** `robots` is null for robots.txt itself, and when robots.txt is not obeyed. */
  async function follow(request: FetchRequest, robots: RobotsRules | null): Promise<FetchedResponse> {
    const first = hosts.checkUrl(request.url);
    let url = first;
    let durationMs = 0;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      await robots?.check(url, request.city, request.signal);
      const answer = await sender.send(url, request, url.host === first.host ? request.headers : undefined);
      durationMs += answer.durationMs;
      const { location } = answer.raw.headers;
      if (location === undefined || !redirectStatuses.has(answer.raw.status)) {
        return toResponse(request.url, url, answer, durationMs);
      }
      url = hosts.checkRedirect(url, location);
    }
    throw redirectLoop(request.url, url);
  }

  const robots =
    options.robots === null
      ? null
      : createRobotsRules({
          ...options.robots,
          fetch: (request) => follow(request, null),
          gate: options.gate,
          clock: options.clock,
        });

  return {
    fetch: (request) => follow(request, request.kind === 'robots' ? null : robots),
    close: sender.close,
  };
}

interface Sender {
  /** One request, gate included. `headers` are the caller's own. */
  readonly send: (url: URL, request: FetchRequest, headers: FetchRequest['headers']) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

function createSender(options: HttpFetcherOptions, hosts: HostRules): Sender {
  const connections = createConnections({
    hosts,
    proxies: options.proxies ?? noProxies,
    connectTimeoutMs: options.requestTimeoutMs,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  async function send(url: URL, request: FetchRequest, headers: FetchRequest['headers']): Promise<Answer> {
    await options.gate.enter(request.city, request.signal);
    checkTurn(request);
    const startedAtMs = options.clock.now();
    let sentAtMs = startedAtMs;
    let hasDeparted = false;
    const log = (outcome: LogOutcome): void => {
      const durationMs = options.clock.now() - startedAtMs;
      options.requestSink({
        ...logEntryOf(options, request, url),
        ...outcome,
        sentAtUtc: toUtcIso(sentAtMs),
        durationMs,
      });
    };
    const onSending = (): void => {
      sentAtMs = options.clock.now();
      hasDeparted = true;
      options.gate.departed(request.city);
    };
    let raw: RawResponse | null = null;
    try {
      raw = await exchange(connections.routeFor(url, request.city), options.clock, {
        url,
        headers: headersFor(options.userAgent, headers),
        signal: request.signal,
        timeoutMs: options.requestTimeoutMs,
        maxBodyBytes: options.maxBodyBytes,
        onSending,
      });
      // A 304 has no body, but may say how the one it stands for is encoded.
      const encoding = raw.status === 304 ? undefined : raw.headers['content-encoding'];
      const bytes = decompress(raw.body, encoding, options.maxBodyBytes, url.href);
      const errorCategory = categoryOfStatus(raw.status, 'retry-after' in raw.headers);
      log({ status: raw.status, bodyBytes: bytes.length, errorCategory });
      return { raw, bytes, sentAtMs, durationMs: options.clock.now() - startedAtMs };
    } catch (error) {
      if (!hasDeparted) options.gate.departed(request.city);
      log({ status: raw?.status ?? null, bodyBytes: raw?.body.length ?? 0, errorCategory: categoryOf(error) });
      throw error;
    }
  }

  /** robots.txt is everybody's: what is wrong with one city does not keep it from being read. */
  function checkTurn({ city, kind }: FetchRequest): void {
    if (city === null || kind === 'robots') return;
    try {
      options.checkBeforeSending?.(city);
    } catch (error) {
      options.gate.departed(city);
      throw error;
    }
  }

  return { send, close: connections.close };
}

type LogOutcome = Pick<RequestLogEntry, 'status' | 'bodyBytes' | 'errorCategory'>;

function logEntryOf(options: HttpFetcherOptions, request: FetchRequest, url: URL) {
  const { executionId, nodeId } = options;
  // robots.txt is read for every city of the portal, whoever made it necessary.
  const city = request.kind === 'robots' ? null : request.city;
  return { executionId, nodeId, city, kind: request.kind, url: url.href };
}

/** Names in lower case, so that a caller's header can never stand beside ours. */
function headersFor(userAgent: string, extra: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const headers: Record<string, string> = { accept: 'text/html,application/json;q=0.9,*/*;q=0.8' };
  for (const [name, value] of Object.entries(extra ?? {})) headers[name.toLowerCase()] = value;
  headers['user-agent'] = userAgent;
  headers['accept-language'] = 'fi-FI,fi;q=0.9';
  headers['accept-encoding'] = acceptedEncodings;
  return headers;
}

function toResponse(asked: string, final: URL, answer: Answer, durationMs: number): FetchedResponse {
  const { raw, bytes } = answer;
  const bodyText = textOf(bytes, raw.headers['content-type']);
  return {
    url: asked,
    finalUrl: final.href,
    status: raw.status,
    headers: raw.headers,
    get body() {
      return bodyText.whole();
    },
    bodyText,
    bodyAsSent: bytes,
    bodyBytes: bytes.length,
    sha256: hash('sha256', bytes, 'hex'),
    durationMs,
    fetchedAtUtc: toUtcIso(answer.sentAtMs),
  };
}

function redirectLoop(asked: string, last: URL): ScraperError {
  const message = `Request for ${asked} given up; expected a page after at most ${maxRedirects} redirects, got one more to ${last.href}`;
  return new ScraperError('REDIRECT_LOOP', message, { category: 'PARSING_ERROR', details: { url: asked } });
}
