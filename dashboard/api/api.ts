/**
 * The interface for programs, below /api/v1: who may ask, how often, what is asked for, and the answer with its tag, so that
 * what has not changed is neither read nor sent again. It only reads.
 */
import { once } from 'node:events';
import type { Request, RequestHandler, Response } from 'express';
import { Router } from 'express';
import { readVersion } from '../../config/user-agent.ts';
import { boundsOfNominalDay, nominalDayOf } from '../../src/clock.ts';
import type { Edition } from '../../src/storage/published-series.ts';
import { limitCallers, readCaller, requireScope } from '../auth/api-access.ts';
import type { Dashboard } from '../dashboard.ts';
import { requestContextOf } from '../http/request-context.ts';
import { allowOrigins } from './cross-origin.ts';
import { createCursors } from './cursor.ts';
import { dataRoutes } from './data-routes.ts';
import { openApiDocument } from './openapi.ts';
import { readParameters } from './parameters.ts';
import { ApiProblem, answerApiProblem } from './problem.ts';
import type { Answer, ApiRoute, ApiSources, Question } from './route.ts';
import { statusRoutes } from './status-routes.ts';

export const apiPath = '/api/v1';
export const apiRouteList: readonly ApiRoute[] = [...statusRoutes, ...dataRoutes];

/** Exports of all rows at once: each keeps a snapshot open for as long as its reader takes. */
const mostExports = 2;
/** A reader that takes nothing for so long is given up. */
const stalledExportMs = 60_000;
const linesType = 'application/x-ndjson';

/** To be mounted at `apiPath`, after the session has been read. The page `/docs` is left to the pages. */
export function apiRoutes(dashboard: Dashboard): Router {
  const router = Router();
  const sources = { dashboard, cursors: createCursors(dashboard.sessionSecret) };
  const exports = createExports();
  const document = JSON.stringify(openApiDocument(apiRouteList, readVersion()));
  router.get('/docs', (_request, _response, next) => next('router'));
  router.use(allowOrigins(dashboard.config.corsOrigins), onlyReading, readCaller(dashboard));
  router.use(limitCallers(dashboard.config.apiRequestsPerMinute));
  router.get('/openapi.json', (request, response) => {
    readParameters({}, request.query);
    response.set(privateHeaders).type('json').send(document);
  });
  for (const route of apiRouteList) {
    router.get(route.path, requireScope(dashboard, route.scope), answer(route, sources, exports));
  }
  router.use((request) => {
    throw new ApiProblem('not-found', `expected an answer of the interface, got ${request.path}; see ${apiPath}/docs`);
  });
  router.use(answerApiProblem(dashboard));
  return router;
}

const privateHeaders = { 'Cache-Control': 'private, no-cache', Vary: 'Accept, Authorization, Cookie, Origin' } as const;

const onlyReading: RequestHandler = (request, _response, next) => {
  if (['GET', 'HEAD'].includes(request.method)) return next();
  throw new ApiProblem('method-not-allowed', `expected GET or HEAD, got ${request.method}`, { Allow: 'GET, HEAD' });
};

function answer(route: ApiRoute, { dashboard, cursors }: ApiSources, exports: Exports): RequestHandler {
  return async (request, response) => {
    const values = {
      inPath: readParameters(route.inPath, request.params),
      inQuery: readParameters(route.inQuery, request.query),
    };
    const { nowMs } = requestContextOf(response);
    const address = request.originalUrl;
    const question = { dashboard, cursors, nowMs, address };
    response.set(privateHeaders);
    if (route.fromElsewhere !== null) return send(response, await route.fromElsewhere(question));
    const { fromSeries, lines } = route;
    if (fromSeries === null) throw new Error(`expected ${route.path} to be read from somewhere`);
    const isAsked = lines !== null && request.accepts(['json', linesType]) === linesType;
    const current = await dashboard.series.edition();
    if (current !== null) {
      describe(response, current, question);
      if (isKnown(request, response)) return void response.status(304).end();
    }
    await exports.use(isAsked, () =>
      dashboard.series.read(async (database, edition) => {
        describe(response, edition, question);
        if (isAsked) await sendLines(response, lines(values, database), request.method === 'HEAD');
        else send(response, await fromSeries(values, { ...question, database, edition }));
      }),
    );
  };
}

/** The tag and date of what is read from the snapshot; some answers also say which day it is. */
function describe(response: Response, { version, publishedAtMs }: Edition, { nowMs }: Pick<Question, 'nowMs'>): void {
  const day = nominalDayOf(nowMs);
  const changedAtMs = Math.max(publishedAtMs, boundsOfNominalDay(day).fromMs);
  response.set({ ETag: `W/"${version}-${day}"`, 'Last-Modified': new Date(changedAtMs).toUTCString() });
}

/** By the tag alone when there is one: whoever sends a tag by hand sends `no-cache` with it, which express takes for a refusal. */
function isKnown(request: Request, response: Response): boolean {
  const tags = request.get('if-none-match')?.split(',') ?? [];
  return tags.some((tag) => ['*', response.get('ETag')].includes(tag.trim())) || request.fresh;
}

function send(response: Response, { text, next }: Answer): void {
  if (next !== null) response.set('Link', `<${next}>; rel="next"`);
  response.type('json').send(text);
}

/** Sends as fast as it is taken. What breaks in the middle breaks the transfer, so that half is never taken for whole. */
async function sendLines(response: Response, lines: AsyncIterable<string>, isHead: boolean): Promise<void> {
  response.type(linesType);
  if (isHead) return void response.end();
  response.setTimeout(stalledExportMs, () => response.destroy());
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  for await (const text of lines) {
    if (response.destroyed) return;
    if (!response.write(text)) await once(response, 'drain', { signal: gone.signal }).catch(ignoreAbort);
  }
  response.end();
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

interface Exports {
  /** @throws ApiProblem when it is an export and as many as are allowed are under way. */
  readonly use: (isExport: boolean, work: () => Promise<void>) => Promise<void>;
}

function createExports(): Exports {
  let running = 0;
  return {
    use: async (isExport, work) => {
      if (!isExport) return work();
      if (running >= mostExports) {
        const message = `expected ${mostExports} exports at once at most; try again soon`;
        throw new ApiProblem('too-many-exports', message, { 'Retry-After': '30' });
      }
      running += 1;
      try {
        await work();
      } finally {
        running -= 1;
      }
    },
  };
}
