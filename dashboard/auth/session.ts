/**
 * The session: a signed cookie that says who has signed in. It holds no secret, so that any dashboard behind the same address
 * can read it; whether the user is still known is asked anew for every request.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import cookieSession from 'cookie-session';
import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { User, Users } from './users.ts';

const cookieName = 'oikotie_session';
const lifetimeMs = 12 * 3_600_000;
const anyUser: User = { name: 'anyone', role: 'operator' };

const sessionShape = z.object({
  name: z.string().optional(),
  stamp: z.string().optional(),
  signedInAtMs: z.number().optional(),
  csrf: z.string().optional(),
});

/** The middleware that reads and writes the cookie: not readable by scripts, over HTTPS only where HTTPS is used. */
export function sessions(secret: string): RequestHandler[] {
  const read = cookieSession({
    name: cookieName,
    keys: [secret],
    maxAge: lifetimeMs,
    httpOnly: true,
    sameSite: 'lax',
  });
  const secure: RequestHandler = (request, _response, next) => {
    request.sessionOptions.secure = request.secure;
    next();
  };
  return [read, secure];
}

/** Who is there; null when nobody has signed in, or too long ago, or with a password that holds no more. */
export function userOf(request: Request, users: Users | null, nowMs: number): User | null {
  if (users === null) return anyUser;
  const { name, stamp, signedInAtMs = 0 } = read(request);
  const isFresh = nowMs - signedInAtMs < lifetimeMs;
  return name === undefined || stamp === undefined || !isFresh ? null : users.find(name, stamp);
}

/** Begins a session; nothing of the one before stays in it. */
export function signIn(request: Request, user: User, users: Users, nowMs: number): void {
  request.session = { name: user.name, stamp: users.stampOf(user.name), signedInAtMs: nowMs, csrf: newToken() };
}

export function signOut(request: Request): void {
  request.session = null;
}

/** What a form of this session must send back. */
export function csrfTokenOf(request: Request): string {
  const known = read(request).csrf;
  if (known !== undefined) return known;
  const csrf = newToken();
  request.session = { ...request.session, csrf };
  return csrf;
}

/** Whether what was sent back is this session's. */
export function isCsrfToken(request: Request, sent: unknown): boolean {
  const { csrf } = read(request);
  if (typeof sent !== 'string' || csrf === undefined) return false;
  const [one, other] = [Buffer.from(sent), Buffer.from(csrf)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function read(request: Request): z.infer<typeof sessionShape> {
  return sessionShape.safeParse(request.session ?? {}).data ?? {};
}

function newToken(): string {
  return randomBytes(18).toString('base64url');
}
