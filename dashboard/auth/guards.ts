/**
 * What a request must pass before a page sees it: the right host, a signed-in user, the right role, and for everything that
 * changes something a token that only our own forms have.
 */
import type { Request, RequestHandler } from 'express';
import type { Dashboard } from '../dashboard.ts';
import { HttpProblem } from '../http/problem.ts';
import { requestContextOf } from '../http/request-context.ts';
import { isCsrfToken } from './session.ts';
import type { Role } from './users.ts';

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses other hosts than the ones the dashboard is known by: a page elsewhere whose name leads to this machine must not read
 * what a browser here may read (DNS rebinding). On a public address without `public_url` every name goes.
 */
export function requireKnownHost({ config }: Dashboard): RequestHandler {
  const known = config.publicUrl === null ? [] : [new URL(config.publicUrl).hostname];
  const isPublic = config.publicUrl === null && !isLoopback(config.host);
  return (request, _response, next) => {
    const { hostname } = request;
    if (isPublic || [...known, ...loopbackNames].includes(hostname)) return next();
    const expected = [...known, ...loopbackNames].join(', ');
    throw new HttpProblem(
      421,
      `expected a request for ${expected}, got one for another host; set dashboard.public_url`,
    );
  };
}

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Sends people who have not signed in to the sign-in page, and everything else away with 401. */
export const requireUser: RequestHandler = (request, response, next) => {
  if (requestContextOf(response).user !== null) return next();
  if (request.method !== 'GET' || request.accepts('html', 'json') !== 'html') {
    throw new HttpProblem(401, 'expected a signed-in user');
  }
  response.redirect(303, `/sign-in?to=${encodeURIComponent(request.originalUrl)}`);
};

/** Lets only this role pass; an operator may do what a viewer may. */
export function requireRole(role: Role): RequestHandler {
  return (_request, response, next) => {
    const { user } = requestContextOf(response);
    if (user === null) throw new HttpProblem(401, 'expected a signed-in user');
    if (role === 'operator' && user.role !== 'operator') {
      throw new HttpProblem(403, `expected an operator, got ${user.name}, who is a viewer`);
    }
    next();
  };
}

/** For every request that may change something: the token of the session, and no other site as its origin. */
export const requireOwnForm: RequestHandler = (request, _response, next) => {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return next();
  const site = request.get('sec-fetch-site');
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeign || !isCsrfToken(request, sentToken(request))) {
    throw new HttpProblem(403, 'expected a form of this page; it may be too old: load the page again');
  }
  next();
};

/**
 * For a page of ours that sends no token: the request must say that it comes from our own origin. Browsers say so of every
 * request that changes something, and no page can say it for another; whoever says nothing is no browser and is refused.
 */
export function requireOwnPage({ config }: Pick<Dashboard, 'config'>): RequestHandler {
  const publicHost = config.publicUrl === null ? null : new URL(config.publicUrl).host;
  return (request, _response, next) => {
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin') ?? '';
    const host = URL.canParse(origin) ? new URL(origin).host : null;
    const isOwn = host !== null && (host === request.host || host === publicHost);
    if (isOwn && (site === undefined || site === 'same-origin')) return next();
    throw new HttpProblem(403, 'expected a request of this page');
  };
}

function sentToken(request: Request): unknown {
  const header = request.get('x-csrf-token');
  if (header !== undefined) return header;
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && '_csrf' in body ? body._csrf : undefined;
}
