/** What a person or a program is told when a request did not work. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { messageOf, StorageError } from '../../src/errors.ts';
import type { Dashboard } from '../dashboard.ts';
import { sendPage } from '../pages/layout.tsx';
import type { CommonTexts } from '../texts/common.ts';
import { commonTexts } from '../texts/common.ts';
import { HttpProblem, wordsOfStatus } from './problem.ts';
import { requestContextOf } from './request-context.ts';

export const notFound: RequestHandler = (request) => {
  throw new HttpProblem(404, `expected a page of the dashboard, got ${request.path}`);
};

/** Answers in the form that was asked for; what is not the asker's mistake goes to the log, with its cause. */
export function answerProblem({ log }: Pick<Dashboard, 'log'>): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, path: request.path, method: request.method }, 'a request failed');
    response.status(status);
    const isKnown = response.locals['context'] !== undefined;
    if (!isKnown || request.accepts('html', 'json') !== 'html') {
      response.json({ error: { status, message: wordsOf(error, status) } });
      return;
    }
    const texts = commonTexts[requestContextOf(response).language];
    sendPage(response, {
      title: texts.problem,
      children: (
        <>
          <p>{sentenceOf(status, error, texts)}</p>
          <p>
            <a href="/">{texts.backToToday}</a>
          </p>
        </>
      ),
    });
  };
}

function statusOf(error: unknown): number {
  if (error instanceof HttpProblem) return error.status;
  if (isStorageProblem(error)) return 503;
  // What express's own parsers throw for a body that is too large or is none.
  const status = error instanceof Error && 'status' in error ? error.status : null;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** What may be told: the words of others, such as those about a file that is not there, name paths of this machine. */
function wordsOf(error: unknown, status: number): string {
  if (error instanceof HttpProblem || isStorageProblem(error)) return messageOf(error);
  return status >= 500 ? 'the request failed; see the log' : wordsOfStatus(status).toLowerCase();
}

/** Nothing to show yet, or what another version of this program has published. */
const unreadable = new Set(['SNAPSHOT_MISSING', 'DATABASE_TOO_OLD', 'DATABASE_TOO_NEW']);

function isStorageProblem(error: unknown): boolean {
  return error instanceof StorageError && unreadable.has(error.code);
}

function sentenceOf(status: number, error: unknown, texts: CommonTexts): string {
  if (isStorageProblem(error)) {
    return error instanceof StorageError && error.code !== 'SNAPSHOT_MISSING' ? texts.otherVersion : texts.noSnapshot;
  }
  const known: Readonly<Record<number, string>> = {
    401: texts.signInFirst,
    403: messageOf(error).includes('operator') ? texts.operatorsOnly : texts.formTooOld,
    404: texts.notThere,
    429: texts.tooManyTries,
  };
  return known[status] ?? (status >= 500 ? texts.failed : wordsOf(error, status));
}
