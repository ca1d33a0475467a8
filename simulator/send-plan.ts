/**
 * Carries out a plan on a response: sends it, delays it, cuts it short, floods the client, leaves it hanging or resets
 * the connection. Every wait ends when the simulator closes.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import type { Plan } from './fault-plan.ts';
import type { OpenRequest } from './request-log.ts';

const FLOOD_CHUNK = Buffer.alloc(64 * 1024, ' x');

/** Sends the plan; resolves when the response is done or given up. Rejects only when the signal aborts a wait. */
export async function sendPlan(input: {
  readonly plan: Plan;
  readonly response: ServerResponse;
  readonly logged: OpenRequest;
  readonly hasBody: boolean;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { plan, response, logged, signal } = input;
  switch (plan.kind) {
    case 'answer':
      if (plan.delayMs > 0) await setTimeoutPromise(plan.delayMs, undefined, { signal });
      sendAnswer(plan.answer, response, logged, input.hasBody);
      return;
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'short_body':
      logged.mark({ status: plan.answer.status, bytes: plan.sentBytes });
      response.writeHead(plan.answer.status, { ...plan.answer.headers, 'content-length': plan.answer.body.length });
      response.write(plan.answer.body.subarray(0, plan.sentBytes), () => response.destroy());
      return;
    case 'flood':
      return flood(plan.answer, plan.bytes, response, logged);
  }
}

/** Sends a whole answer at once. */
export function sendAnswer(answer: Answer, response: ServerResponse, logged: OpenRequest, hasBody: boolean): void {
  logged.mark({ status: answer.status, bytes: hasBody ? answer.body.length : 0 });
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
  response.end(hasBody ? answer.body : undefined);
}

async function flood(answer: Answer, bytes: number, response: ServerResponse, logged: OpenRequest): Promise<void> {
  logged.mark({ status: answer.status });
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes });
  let sent = 0;
  for (let chunk: Buffer = answer.body; sent < bytes && !response.destroyed; chunk = FLOOD_CHUNK) {
    const part = chunk.subarray(0, bytes - sent);
    sent += part.length;
    logged.mark({ bytes: sent });
    if (!response.write(part)) await drainedOrClosed(response);
  }
  response.end();
}

/** Resolves when the client has taken what was written, or is gone (closing the simulator makes it gone). */
function drainedOrClosed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
    if (response.destroyed) done();
  });
}
