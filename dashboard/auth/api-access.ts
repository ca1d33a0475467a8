/**
 * Who asks the interface for programs: a token in the Authorization header, and nowhere else, or a person who has signed in.
 * What each may ask for, and how often.
 */
import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { nominalDayOf } from '../../src/clock.ts';
import { ApiProblem } from '../api/problem.ts';
import type { Dashboard } from '../dashboard.ts';
import { recordAction } from '../http/record-action.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { ApiToken, Scope } from './tokens.ts';
import { createTokens, scopes } from './tokens.ts';

interface Caller {
  /** Unique among tokens and people. */
  readonly key: string;
  readonly scopes: readonly Scope[];
  /** Null for a person. */
  readonly token: ApiToken | null;
}

/** Wrong tokens of one address within the window that are answered and recorded one by one. */
const mostWrongTokens = 30;
const wrongTokenWindowMs = 15 * 60_000;
const minuteMs = 60_000;
const challenge = 'Bearer realm="oikotie"';
const readScopes = scopes.filter((scope) => scope !== 'operate');

/** Lets nobody pass who is not known. The first use of a token on a day, and what is refused, go to the audit trail. */
export function readCaller(dashboard: Dashboard): RequestHandler {
  const tokens = createTokens(dashboard.config.tokens);
  const recordOnce = createDailyRecord(dashboard);
  const limitWrong = rateLimit({
    limit: mostWrongTokens,
    windowMs: wrongTokenWindowMs,
    standardHeaders: false,
    legacyHeaders: false,
    handler: (_request, _response, next) =>
      next(new ApiProblem('too-many-requests', 'expected fewer wrong tokens from this address')),
  });
  return (request, response, next) => {
    const text = bearerOf(request);
    if (text === null) {
      response.locals['caller'] = personOf(response);
      return next();
    }
    const token = tokens.find(text);
    if (token === null) {
      void limitWrong(request, response, (refusal?: unknown) => {
        if (refusal !== undefined) return next(refusal);
        recordAction(dashboard, request, { user: '', action: 'use-token', outcome: 'refused', severity: 'WARNING' });
        next(invalidToken('expected a token of dashboard.tokens, got another'));
      });
      return;
    }
    const today = nominalDayOf(dashboard.clock.now());
    if (token.lastDay !== null && today > token.lastDay) {
      recordOnce(request, token, 'refused', { reason: 'expired' });
      throw invalidToken(`expected a token that holds, got one that held until ${token.lastDay}`);
    }
    recordOnce(request, token, 'done', {});
    response.locals['caller'] = { key: `token ${token.name}`, scopes: token.scopes, token } satisfies Caller;
    next();
  };
}

/** Lets only who has the scope pass. */
export function requireScope(dashboard: Dashboard, scope: Scope): RequestHandler {
  const recordOnce = createDailyRecord(dashboard);
  return (request, response, next) => {
    const { scopes: granted, token } = callerOf(response);
    if (granted.includes(scope)) return next();
    if (token !== null) recordOnce(request, token, 'refused', { reason: `without ${scope}` });
    throw new ApiProblem('missing-scope', `expected a token with the scope ${scope}, got ${granted.join(', ')}`, {
      'WWW-Authenticate': `${challenge}, error="insufficient_scope", scope="${scope}"`,
    });
  };
}

/** As many requests a minute of one token or person; the RateLimit headers say what is left. */
export function limitCallers(perMinute: number): RequestHandler {
  return rateLimit({
    limit: perMinute,
    windowMs: minuteMs,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (_request, response) => callerOf(response as Response).key,
    handler: (_request, _response, next) =>
      next(new ApiProblem('too-many-requests', `expected ${perMinute} requests a minute at most`)),
  });
}

function callerOf(response: Response): Caller {
  const caller: Caller | undefined = response.locals['caller'];
  if (caller === undefined) throw new Error('expected readCaller before this handler');
  return caller;
}

/** @throws ApiProblem 401 when nobody has signed in. */
function personOf(response: Response): Caller {
  const { user } = requestContextOf(response);
  if (user === null) {
    throw new ApiProblem('unauthorized', 'expected a token as "Authorization: Bearer …", or a signed-in user', {
      'WWW-Authenticate': challenge,
    });
  }
  return { key: `user ${user.name}`, scopes: user.role === 'operator' ? scopes : readScopes, token: null };
}

function bearerOf(request: Request): string | null {
  return /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? null;
}

function invalidToken(message: string): ApiProblem {
  return new ApiProblem('unauthorized', message, { 'WWW-Authenticate': `${challenge}, error="invalid_token"` });
}

/** Records a use of each kind once a day, so that a program which asks every minute does not fill the audit trail. */
function createDailyRecord(dashboard: Dashboard) {
  const lastDays = new Map<string, string>();
  return (request: Request, { name }: ApiToken, outcome: 'done' | 'refused', details: { reason?: string }): void => {
    const today = nominalDayOf(dashboard.clock.now());
    const use = `${name} ${outcome} ${details.reason ?? ''}`;
    if (lastDays.get(use) === today) return;
    lastDays.set(use, today);
    const severity = outcome === 'done' ? 'INFO' : 'WARNING';
    recordAction(dashboard, request, { user: `token ${name}`, action: 'use-token', outcome, severity, details });
  };
}
