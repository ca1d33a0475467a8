/**
 * One HTTP request to an address that the operator has configured: bounded in time, never redirected, its answer not read.
 * The address is in no error, for it may be a secret.
 */
import { messageOf } from '../src/errors.ts';

export interface HttpMessage {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** How long an address may take to answer. */
const answerMs = 10_000;

/** Sends it. @throws Error that says what the address did instead of taking it. */
export async function sendHttpMessage(
  { url: configured, method, headers, body }: HttpMessage,
  timeoutMs = answerMs,
): Promise<void> {
  const url = new URL(configured);
  const credentials = credentialsOf(url);
  // They do not belong into the address of a request, nor into the error of one that fails.
  url.username = '';
  url.password = '';
  const response = await fetch(url, {
    method,
    headers: { ...(credentials === null ? {} : { authorization: `Basic ${credentials}` }), ...headers },
    body,
    // An answer could lead elsewhere than to what was configured.
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new Error(`its URL does not answer: ${reasonOf(error, timeoutMs)}`, { cause: error });
  });
  await response.body?.cancel();
  if (response.status >= 300 && response.status < 400) {
    throw new Error(
      `its URL redirects elsewhere (status ${response.status}), which is not followed; set the final one`,
    );
  }
  if (!response.ok) throw new Error(`its URL answers with status ${response.status}`);
}

function credentialsOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  return Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing within ${timeoutMs / 1000} s`;
  return messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}
