/**
 * Operators' actions: one page that asks, and one that says what became of it. Only operators get here; every try is recorded
 * with its outcome, and a form that is sent twice does nothing twice.
 */
import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { Router } from 'express';
import { z } from 'zod';
import { messageOf } from '../../../src/errors.ts';
import { requireRole } from '../../auth/guards.ts';
import type { Dashboard } from '../../dashboard.ts';
import { createOnce } from '../../http/once.ts';
import { ownPath } from '../../http/own-path.ts';
import { HttpProblem } from '../../http/problem.ts';
import { recordAction } from '../../http/record-action.ts';
import { requestContextOf } from '../../http/request-context.ts';
import type { ActionKind, OperatorAction } from '../../operator-actions.ts';
import { actionShape } from '../../operator-actions.ts';
import { actionTexts } from '../../texts/actions.ts';
import { sendPage } from '../layout.tsx';
import { ActionForm } from './action-form.tsx';
import type { Tried } from './action-outcome.tsx';
import { ActionOutcome } from './action-outcome.tsx';

const styles = ['operate.css'];
const statuses = { done: 200, refused: 409, failed: 502 } as const;

/** Of the form: made anew with each page that asks. */
const keyShape = z.uuid();

/** All below `/actions`. */
export function actionRoutes(dashboard: Dashboard): Router {
  const router = Router();
  router.use(requireRole('operator'));
  router.get('/:kind', ask(dashboard));
  router.post('/:kind', act(dashboard));
  return router;
}

function ask({ actions, scraper }: Dashboard): RequestHandler {
  return (request, response) => {
    const context = requestContextOf(response);
    const kind = kindOf(request);
    const fields = fieldsOf(request.query);
    const texts = actionTexts[context.language];
    const title = texts.kinds[kind].title(aboutOf(fields));
    const reason = actions.hindrance(kind);
    const to = ownPath(fields['to']);
    if (reason !== null) {
      const tried: Tried = { outcome: 'refused', reason, about: null };
      response.status(statuses.refused);
      return sendOutcome(response, { title, kind, about: aboutOf(fields), tried, to });
    }
    const cities = scraper.tasks.map(({ city }) => city);
    sendPage(response, {
      title,
      styles,
      children: (
        <ActionForm {...{ kind, fields, to, texts, cities }} formKey={randomUUID()} csrf={context.csrfToken()} />
      ),
    });
  };
}

function act(dashboard: Dashboard): RequestHandler {
  const once = createOnce<Tried>();
  return async (request, response) => {
    const context = requestContextOf(response);
    const kind = kindOf(request);
    const fields = fieldsOf(request.body);
    const action = readAction(kind, fields);
    const key = keyShape.safeParse(fields['key']);
    if (!key.success) throw new HttpProblem(400, 'expected the key of a form of this page; load the page again');
    const tried = await once.run(`${context.user?.name} ${key.data}`, () =>
      tryIt(dashboard, request, response, action),
    );
    response.status(statuses[tried.outcome]);
    const about = aboutOf(fields);
    const title = actionTexts[context.language].kinds[kind].title(about);
    sendOutcome(response, { title, kind, about, tried, to: ownPath(fields['to']) });
  };
}

/** Does it and records how it ended. */
async function tryIt(
  dashboard: Dashboard,
  request: Request,
  response: Response,
  action: OperatorAction,
): Promise<Tried> {
  const { kind, ...details } = action;
  const city = 'city' in action ? action.city : null;
  const user = requestContextOf(response).user?.name ?? '';
  const record = (tried: Tried) => {
    const { outcome } = tried;
    const why = tried.outcome === 'refused' ? tried.reason : tried.outcome === 'failed' ? tried.message : undefined;
    const severity = outcome === 'failed' ? 'ERROR' : 'WARNING';
    recordAction(dashboard, request, {
      ...{ user, action: kind, outcome, city, severity },
      details: { ...details, ...(why === undefined ? {} : { why }) },
    });
    return tried;
  };
  try {
    return record(await dashboard.actions.perform(action));
  } catch (error) {
    dashboard.log.error({ err: error, action: kind }, 'an operator’s action failed');
    return record({ outcome: 'failed', message: messageOf(error) });
  }
}

interface Outcome {
  readonly title: string;
  readonly kind: ActionKind;
  readonly about: string;
  readonly tried: Tried;
  readonly to: string;
}

function sendOutcome(response: Response, { title, ...outcome }: Outcome): void {
  const texts = actionTexts[requestContextOf(response).language];
  sendPage(response, { title, styles, children: <ActionOutcome {...outcome} texts={texts} /> });
}

function kindOf(request: Request): ActionKind {
  const kind = request.params['kind'];
  const known = actionShape.options.map((option) => option.shape.kind.value);
  const found = known.find((each) => each === kind);
  if (found === undefined) throw new HttpProblem(404, `expected one of ${known.join(', ')}, got ${String(kind)}`);
  return found;
}

/** Texts only: whatever else a query or a form holds is left out. */
function fieldsOf(from: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(z.record(z.string(), z.unknown()).safeParse(from).data ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function readAction(kind: ActionKind, fields: Readonly<Record<string, string>>): OperatorAction {
  const read = actionShape.safeParse({ ...fields, kind });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new HttpProblem(400, `${field === '' ? kind : field}: ${issue?.message ?? 'expected something else'}`);
}

/** What the action is about, in one word; empty for all cities and for the schedule. */
function aboutOf({ breaker, node, city }: Readonly<Record<string, string>>): string {
  return breaker ?? node ?? city ?? '';
}
