/**
 * One request and its response over a connection pool: bytes in, within a time and a size limit. It follows nothing,
 * retries nothing and judges no status. Written on undici's dispatch interface, because its streams cost more than a page.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import { bodyTooLarge } from './body.ts';
import type { Route } from './connections.ts';
import { onAbort } from './on-abort.ts';

export interface ExchangeRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** From the start of connecting to the last byte of the body. */
  readonly timeoutMs: number;
  /** Limit of the body as it travels. */
  readonly maxBodyBytes: number;
  /** Called when a connection is there and the request is about to be written to it. */
  readonly onSending: () => void;
}

export interface RawResponse {
  readonly status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Sends one GET request.
 * @throws ScraperError NETWORK_ERROR (NETWORK_FAILED, PROXY_FAILED, BODY_TRUNCATED), TIMEOUT (REQUEST_TIMEOUT) or
 * PARSING_ERROR (BODY_TOO_LARGE, ADDRESS_REFUSED); the signal's reason when aborted.
 */
export async function exchange(route: Route, clock: Clock, request: ExchangeRequest): Promise<RawResponse> {
  const reader = new ResponseReader(request, route.proxyHost);
  const { url } = request;
  request.signal.throwIfAborted();
  const stopListening = onAbort(request.signal, () => reader.stop(request.signal.reason));
  const callOff = clock.after(request.timeoutMs, () => reader.stop(timeoutError(request, reader.hasHeaders)));
  try {
    route.dispatcher.dispatch(
      { origin: url.origin, path: url.pathname + url.search, method: 'GET', headers: request.headers },
      reader,
    );
    return await reader.response;
  } finally {
    stopListening();
    callOff();
  }
}

/** Gathers one response; settles exactly once, whatever comes first: the end, an error, or `stop`. */
class ResponseReader implements Dispatcher.DispatchHandler {
  readonly response: Promise<RawResponse>;
  hasHeaders = false;
  private readonly request: ExchangeRequest;
  readonly proxyHost: string | null;
  /** The body so far, when its size was announced. */
  private announced: Buffer | null = null;
  /** The body so far, when it was not. */
  private readonly chunks: Buffer[] = [];
  private byteCount = 0;
  private status = 0;
  private headers: Record<string, string> = {};
  private controller: Dispatcher.DispatchController | null = null;
  private stopReason: { readonly error: unknown } | null = null;
  private settle: { resolve: (response: RawResponse) => void; reject: (error: unknown) => void } | null = null;

  constructor(request: ExchangeRequest, proxyHost: string | null) {
    this.request = request;
    this.proxyHost = proxyHost;
    this.response = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  /** Gives up with this error; a connection in use is closed, one still being made sends nothing. */
  stop(error: unknown): void {
    if (this.settle === null) return;
    this.stopReason = { error };
    this.settle.reject(error);
    this.settle = null;
    this.controller?.abort(new Error('The request was given up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.stopReason === null) this.request.onSending();
    else controller.abort(new Error('The request was given up'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HeaderRecord): void {
    // 1xx answers announce the real one.
    if (status < 200) return;
    this.hasHeaders = true;
    this.status = status;
    this.headers = joinHeaders(headers);
    if (status === notModified) return;
    const announcedBytes = Number(this.headers['content-length'] ?? 0);
    if (announcedBytes > this.request.maxBodyBytes) this.stop(this.tooLarge());
    else if (announcedBytes > 0) this.announced = Buffer.allocUnsafeSlow(announcedBytes);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.settle === null) return;
    if (this.byteCount + chunk.length > this.request.maxBodyBytes) this.stop(this.tooLarge());
    else this.keep(chunk);
  }

  /** Copies it to its place at once: the memory it came in can be used again, and nothing has to be joined at the end. */
  private keep(chunk: Buffer): void {
    const at = this.byteCount;
    this.byteCount += chunk.length;
    if (this.announced !== null && this.byteCount > this.announced.length) {
      this.chunks.push(this.announced.subarray(0, at));
      this.announced = null;
    }
    if (this.announced === null) this.chunks.push(chunk);
    else chunk.copy(this.announced, at);
  }

  onResponseEnd(): void {
    this.settle?.resolve({ status: this.status, headers: this.headers, body: this.body() });
    this.settle = null;
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.status === notModified && codeOf(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
      this.onResponseEnd();
      return;
    }
    this.settle?.reject(transportError(error, this.request, this));
    this.settle = null;
  }

  private body(): Buffer {
    // Never more than has come: the rest of the buffer is memory of something else.
    if (this.announced !== null) return this.announced.subarray(0, this.byteCount);
    const [only] = this.chunks;
    return this.chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.chunks, this.byteCount);
  }

  private tooLarge(): ScraperError {
    return bodyTooLarge(this.request.maxBodyBytes, this.request.url.href);
  }
}

/**
 * The status of an answer that never has a body. It may say all the same how long the page is that it stands for (RFC 9110,
 * section 8.6), which undici takes for a body that broke off.
 */
const notModified = 304;

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

type HeaderRecord = Readonly<Record<string, string | string[] | undefined>>;

function joinHeaders(headers: HeaderRecord): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return joined;
}

function timeoutError(request: ExchangeRequest, hasHeaders: boolean): ScraperError {
  const got = hasHeaders ? 'a part of it' : 'no answer';
  const message = `Request for ${request.url.href} timed out; expected the whole response within ${request.timeoutMs} ms, got ${got}`;
  return new ScraperError('REQUEST_TIMEOUT', message, { category: 'TIMEOUT', details: { url: request.url.href } });
}

interface ExchangeState {
  readonly hasHeaders: boolean;
  readonly proxyHost: string | null;
}

function transportError(error: Error, request: ExchangeRequest, { hasHeaders, proxyHost }: ExchangeState): Error {
  // An address that must not be asked is found out while connecting.
  if (error instanceof ScraperError) return error;
  const reason = codeOf(error) ?? error.name;
  const url = request.url.href;
  if (reason === 'UND_ERR_CONNECT_TIMEOUT') return timeoutError(request, hasHeaders);
  const details = { url, reason };
  if (hasHeaders) {
    const message = `Response of ${url} broke off; expected the whole body, got a part of it (${reason})`;
    return new ScraperError('BODY_TRUNCATED', message, { category: 'NETWORK_ERROR', details, cause: error });
  }
  if (proxyHost !== null) return proxyError(error, url, proxyHost, reason);
  const message = `Request for ${url} failed; expected an HTTP response, got ${reason}; check the network and the address`;
  return new ScraperError('NETWORK_FAILED', message, { category: 'NETWORK_ERROR', details, cause: error });
}

/** The proxy cannot be reached, refused (undici puts its status into the message), or lost the connection. */
function proxyError(error: Error, url: string, proxyHost: string, reason: string): ScraperError {
  const status = /\((\d{3})\)/.exec(error.message)?.[1];
  const got = status === undefined ? reason : `status ${status} of the proxy`;
  const remedy = status === '407' ? 'check the user name and password of the proxy' : 'check the proxy';
  const message = `Request for ${url} failed; expected an HTTP response through the proxy ${proxyHost}, got ${got}; ${remedy}`;
  const details = { url, reason, proxyHost };
  return new ScraperError('PROXY_FAILED', message, { category: 'NETWORK_ERROR', details, cause: error });
}
