/**
 * A client for tests that sees what really happens on the wire: statuses, headers, bytes, and how a connection ended.
 * It follows no redirects and knows nothing of the parser.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { get } from 'node:http';

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** False when the connection ended before the announced body did. */
  readonly isComplete: boolean;
}

/** One GET on its own connection. Rejects when the connection ends without an answer or the signal aborts. */
export function rawGet(
  url: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: options.headers ?? {}, signal: options.signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const end = () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          isComplete: response.complete,
        });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', end);
      response.on('error', end);
    });
    request.on('error', reject);
  });
}

/** JSON of a response body, to be checked by the test itself. */
export function jsonOf(response: RawResponse): unknown {
  return JSON.parse(response.body.toString('utf8'));
}

/** The three session headers from a search page's metas. */
export async function sessionHeaders(searchUrl: string): Promise<Readonly<Record<string, string>>> {
  const page = (await rawGet(searchUrl)).body.toString('utf8');
  const meta = (name: string) => new RegExp(`<meta name="${name}" content="([^"]+)"`).exec(page)?.[1] ?? '';
  return { 'OTA-token': meta('api-token'), 'OTA-loaded': meta('loaded'), 'OTA-cuid': meta('cuid') };
}
