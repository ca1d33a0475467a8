/**
 * What a program is told when its request did not work: problem details of RFC 9457, each kind with an address at which it is
 * explained.
 */
import type { ErrorRequestHandler } from 'express';
import { messageOf, StorageError } from '../../src/errors.ts';
import type { Log } from '../../src/log.ts';
import { HttpProblem, wordsOfStatus } from '../http/problem.ts';

/** Kinds of problems, with their status and what they mean; the page of the interface prints them. */
export const problemKinds = {
  'invalid-parameter': { status: 400, meaning: 'A value of a parameter cannot be read, or was given twice.' },
  'unknown-parameter': { status: 400, meaning: 'The answer has no such parameter; the nearest known one is named.' },
  'invalid-cursor': { status: 400, meaning: 'The cursor is not one of this question; begin again without one.' },
  'bad-request': { status: 400, meaning: 'The request itself cannot be read.' },
  unauthorized: { status: 401, meaning: 'No token, a wrong or expired one, and nobody is signed in.' },
  'missing-scope': { status: 403, meaning: 'The token does not have the scope that this answer needs.' },
  'not-found': { status: 404, meaning: 'There is no such answer, listing or execution.' },
  'method-not-allowed': { status: 405, meaning: 'Only GET and HEAD are answered.' },
  'too-many-requests': { status: 429, meaning: 'More requests in a minute than are allowed; Retry-After says when.' },
  'too-many-exports': { status: 503, meaning: 'As many exports as are allowed at once are under way; try again soon.' },
  'nothing-published': { status: 503, meaning: 'No snapshot has been published yet.' },
  failed: { status: 500, meaning: 'The request failed; the log of the dashboard says why.' },
} as const satisfies Readonly<Record<string, { status: number; meaning: string }>>;

export type ProblemKind = keyof typeof problemKinds;

export class ApiProblem extends HttpProblem {
  readonly kind: ProblemKind;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(problemKinds[kind].status, message);
    this.kind = kind;
    this.headers = headers;
  }
}

/** Answers every error of the interface; what is not the asker's mistake goes to the log, with its cause. */
export function answerApiProblem({ log }: { readonly log: Log }): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = toProblem(error);
    const { kind, status } = problem;
    if (status >= 500 && kind === 'failed') {
      log.error({ err: error, path: request.path, method: request.method }, 'a request failed');
    }
    for (const name of ['ETag', 'Last-Modified', 'Link']) response.removeHeader(name);
    response.status(status).set({ ...problem.headers, 'Cache-Control': 'no-store' });
    response.type('application/problem+json').send(
      JSON.stringify({
        type: `/api/v1/docs#${kind}`,
        title: wordsOfStatus(status),
        status,
        detail: problem.message,
        instance: request.originalUrl.split('?')[0],
      }),
    );
  };
}

function toProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof StorageError) {
    if (error.code === 'SNAPSHOT_MISSING') {
      return new ApiProblem('nothing-published', messageOf(error), { 'Retry-After': '60' });
    }
    if (['LISTING_UNKNOWN', 'EXECUTION_UNKNOWN'].includes(error.code)) {
      return new ApiProblem('not-found', messageOf(error));
    }
  }
  // What express throws for a path that is no text, and the like.
  const status = error instanceof Error && 'status' in error ? error.status : null;
  const isTheirs = typeof status === 'number' && status >= 400 && status < 500;
  return isTheirs
    ? new ApiProblem('bad-request', 'expected a request that can be read')
    : new ApiProblem('failed', 'the request failed; see the log');
}
