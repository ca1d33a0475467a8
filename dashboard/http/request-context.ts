/**
 * What a request brings besides its path: who asks, in which language, when. Read once, before any page.
 */
import type { Request, RequestHandler, Response } from 'express';
import { csrfTokenOf, userOf } from '../auth/session.ts';
import type { User } from '../auth/users.ts';
import type { Dashboard } from '../dashboard.ts';
import type { Format } from '../format.ts';
import { createFormats } from '../format.ts';
import type { Language } from '../texts/common.ts';
import { languages } from '../texts/common.ts';

export interface RequestContext {
  /** Null before signing in. */
  readonly user: User | null;
  /** False where nobody is asked who they are: then there is nothing to sign out of. */
  readonly asksWho: boolean;
  readonly language: Language;
  readonly format: Format;
  /** What a form must send back as `_csrf`. */
  readonly csrfToken: () => string;
  /** Path and query, as they were asked for. */
  readonly path: string;
  readonly nowMs: number;
}

const languageCookie = 'oikotie_language';
const yearMs = 365 * 24 * 3_600_000;

/** Puts the context where `requestContextOf` finds it. */
export function readRequestContext({ users, clock }: Pick<Dashboard, 'users' | 'clock'>): RequestHandler {
  const formats = createFormats();
  return (request, response, next) => {
    const nowMs = clock.now();
    const language = languageOf(request);
    const context: RequestContext = {
      user: userOf(request, users, nowMs),
      asksWho: users !== null,
      language,
      format: formats[language],
      csrfToken: () => csrfTokenOf(request),
      path: request.originalUrl,
      nowMs,
    };
    response.locals['context'] = context;
    next();
  };
}

/** @throws Error when `readRequestContext` has not been there: a mistake in the order of the middleware. */
export function requestContextOf(response: Response): RequestContext {
  const context: RequestContext | undefined = response.locals['context'];
  if (context === undefined) throw new Error('expected readRequestContext before this handler');
  return context;
}

/** `?language=fi` on any page keeps the language and shows the page again. */
export const chooseLanguage: RequestHandler = (request, response, next) => {
  const url = new URL(request.originalUrl, 'http://localhost');
  const language = languages.find((known) => known === url.searchParams.get('language'));
  if (request.method !== 'GET' || language === undefined) return next();
  url.searchParams.delete('language');
  const cookie = { maxAge: yearMs, httpOnly: true, sameSite: 'lax', secure: request.secure } as const;
  response.cookie(languageCookie, language, cookie).redirect(303, `${url.pathname}${url.search}`);
};

/** What was chosen, else what the browser prefers, else English. */
function languageOf(request: Request): Language {
  const chosen = new RegExp(`(?:^|; )${languageCookie}=(\\w+)`).exec(request.get('cookie') ?? '')?.[1];
  const preferred = chosen ?? request.acceptsLanguages([...languages]);
  return languages.find((known) => known === preferred) ?? 'en';
}
