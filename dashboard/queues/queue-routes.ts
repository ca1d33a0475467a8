/**
 * Bull Board at /queues: every queue with its jobs, flows and schedulers. It reads; an operator may pause and resume a queue
 * and bring a delayed job forward, nothing else: a job that is changed, repeated or removed by hand makes sums wrong that a
 * receipt has vouched for. The interface of a board offers more than that; its server refuses it.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BoardHooks, UIConfig } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import { Router } from 'express';
import { requireOwnPage, requireRole } from '../auth/guards.ts';
import type { Role } from '../auth/users.ts';
import type { QueueBoard } from '../cluster-view.ts';
import type { Dashboard } from '../dashboard.ts';
import { HttpProblem } from '../http/problem.ts';
import { recordAction } from '../http/record-action.ts';
import { requestContextOf } from '../http/request-context.ts';
import { renderBoardShell } from './board-shell.ts';
import { noBoardPage } from './no-board-page.tsx';
import { redact } from './redact.ts';

const basePath = '/queues';
/** Paths that show the interface; it finds its way by itself from there. */
const shellPaths = ['/', '/metrics-history', '/job-schedulers', '/queue/:queueName', '/queue/:queueName/:jobId'];
/** What an operator may do, as the board names its routes. */
const operatorRoutes: ReadonlySet<string> = new Set([
  'put /api/queues/:queueName/pause',
  'put /api/queues/:queueName/resume',
  'put /api/queues/:queueName/:jobId/promote',
]);
/** How old the list of queues may be, in milliseconds. */
const namesAgeMs = 5_000;

const uiConfig: UIConfig = {
  boardTitle: 'oikotie',
  // Each queue would ask Redis for all its connections, with every look.
  showWorkers: false,
  hideRedisDetails: true,
  hideDocsLink: true,
  pollingInterval: { forceInterval: 10 },
  miscLinks: [{ text: 'oikotie', url: '/cluster' }],
};

/** As strict as our own pages but for what the interface cannot do without: a base, and styles it makes while it runs. */
const contentSecurityPolicy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:"],
  ...["connect-src 'self'", "base-uri 'self'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

/** All below `/queues`; a page that says why not where there is no cluster. */
export function queueRoutes(dashboard: Dashboard): Router {
  const router = Router();
  const { board } = dashboard.cluster;
  if (board === null) {
    router.use(noBoardPage);
    return router;
  }
  const shell = renderBoardShell(`${basePath}/`, uiConfig);
  const boards = { viewer: createBoard('viewer', board), operator: createBoard('operator', board) };
  router.get(shellPaths, (_request, response) => {
    response.set('Content-Security-Policy', contentSecurityPolicy).type('html').send(shell);
  });
  router.use('/api', guardChanges(dashboard), requireRedis(board));
  router.use(async (request, response, next) => {
    const { refresh, handler } = boards[requestContextOf(response).user?.role ?? 'viewer'];
    if (request.path.startsWith('/api')) await refresh(dashboard.clock.now());
    handler(request, response, next);
  });
  return router;
}

/** Whatever changes something comes from our own page, from an operator, and is recorded with its outcome. */
function guardChanges(dashboard: Dashboard): RequestHandler[] {
  const isChange = (method: string) => !['GET', 'HEAD', 'OPTIONS'].includes(method);
  const onlyChanges =
    (guard: RequestHandler): RequestHandler =>
    (request, response, next) =>
      isChange(request.method) ? guard(request, response, next) : next();
  const record: RequestHandler = (request, response, next) => {
    const user = requestContextOf(response).user?.name ?? '';
    const details = { method: request.method, path: request.path };
    response.once('finish', () => {
      const outcome = response.statusCode < 300 ? 'done' : response.statusCode < 500 ? 'refused' : 'failed';
      recordAction(dashboard, request, { user, action: 'queue', outcome, severity: 'WARNING', details });
    });
    next();
  };
  return [record, requireOwnPage(dashboard), requireRole('operator')].map(onlyChanges);
}

/** The connection would wait, and with it everybody who looks. */
function requireRedis(board: QueueBoard): RequestHandler {
  return (_request, _response, next) => {
    if (board.isAway()) throw new HttpProblem(503, 'expected a Redis that answers, got none; it is tried again');
    next();
  };
}

function createBoard(role: Role, board: QueueBoard) {
  const serverAdapter = new ExpressAdapter().setBasePath(basePath);
  const readOnlyMode = role === 'viewer';
  const adapters = new Map<string, BullMQAdapter>();
  const { replaceQueues } = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig, handlerHooks: { before: onlyAllowed(role) } },
  });
  let readAtMs = Number.NEGATIVE_INFINITY;

  const adapterOf = (name: string): BullMQAdapter => {
    const known = adapters.get(name);
    if (known !== undefined) return known;
    const adapter = new BullMQAdapter(board.queue(name), { readOnlyMode, allowRetries: false });
    adapter.setFormatter('data', redact);
    adapter.setFormatter('returnValue', redact);
    adapter.setFormatter('progress', redact);
    adapters.set(name, adapter);
    return adapter;
  };
  return {
    handler: serverAdapter.getRouter() as RequestHandler,
    /** Takes in queues that have come, and leaves out those that are gone. */
    refresh: async (nowMs: number): Promise<void> => {
      if (nowMs - readAtMs < namesAgeMs) return;
      readAtMs = nowMs;
      replaceQueues((await board.names()).map(adapterOf));
    },
  };
}

function onlyAllowed(role: Role): NonNullable<BoardHooks['before']> {
  return ({ method, route }) => {
    if (method === 'get') return { allow: true };
    const isAllowed = role === 'operator' && operatorRoutes.has(`${method} ${route}`);
    return isAllowed ? { allow: true } : { allow: false, status: 403 };
  };
}
