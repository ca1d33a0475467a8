/** The sign-in page, and what signing in and out does. */
import type { RequestHandler } from 'express';
import { Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { z } from 'zod';
import { signIn, signOut } from '../auth/session.ts';
import type { Users } from '../auth/users.ts';
import type { Dashboard } from '../dashboard.ts';
import { ownPath } from '../http/own-path.ts';
import { HttpProblem } from '../http/problem.ts';
import { recordAction } from '../http/record-action.ts';
import { requestContextOf } from '../http/request-context.ts';
import { commonTexts } from '../texts/common.ts';
import { sendPage } from './layout.tsx';

/** Failed tries of one address within the window, after which it waits. */
const mostTries = 10;
const windowMs = 15 * 60_000;

const formShape = z.object({
  name: z.string().max(64),
  password: z.string().max(1_024),
  to: z.string().max(2_048).optional(),
});

/** Routes `/sign-in` and `/sign-out`. Without users there is nobody to sign in: both lead to the first page. */
export function signInRoutes(dashboard: Dashboard): Router {
  const router = Router();
  const { users } = dashboard;
  if (users === null) {
    router.all(['/sign-in', '/sign-out'], (_request, response) => response.redirect(303, '/'));
    return router;
  }
  router.get('/sign-in', showForm);
  router.post('/sign-in', throttle(), checkForm(dashboard, users));
  router.post('/sign-out', (request, response) => {
    signOut(request);
    response.redirect(303, '/sign-in');
  });
  return router;
}

/** Counts what failed only: whoever has the right password is never locked out by having used it. */
function throttle(): RequestHandler {
  return rateLimit({
    limit: mostTries,
    windowMs,
    skipSuccessfulRequests: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, _response, next) => next(new HttpProblem(429, 'expected fewer tries to sign in')),
  });
}

const showForm: RequestHandler = (request, response) => {
  sendForm(response, { to: typeof request.query['to'] === 'string' ? request.query['to'] : '/', isWrong: false });
};

function checkForm(dashboard: Dashboard, users: Users): RequestHandler {
  return async (request, response) => {
    const { nowMs } = requestContextOf(response);
    const form = formShape.safeParse(request.body).data;
    const user = form === undefined ? null : await users.check(form.name, form.password);
    const name = form?.name ?? '';
    if (user === null) {
      recordAction(dashboard, request, { user: name, action: 'sign-in', outcome: 'refused', severity: 'WARNING' });
      response.status(401);
      return sendForm(response, { to: form?.to ?? '/', isWrong: true });
    }
    signIn(request, user, users, nowMs);
    recordAction(dashboard, request, { user: user.name, action: 'sign-in', outcome: 'done' });
    response.redirect(303, ownPath(form?.to));
  };
}

function sendForm(response: Parameters<RequestHandler>[1], { to, isWrong }: { to: string; isWrong: boolean }): void {
  const context = requestContextOf(response);
  const texts = commonTexts[context.language];
  sendPage(response, {
    title: texts.signIn,
    children: (
      <form method="post" action="/sign-in" class="sign-in">
        <input type="hidden" name="_csrf" value={context.csrfToken()} />
        <input type="hidden" name="to" value={to} />
        <label for="name">{texts.userName}</label>
        <input id="name" name="name" autocomplete="username" required maxlength={64} autocapitalize="none" />
        <label for="password">{texts.password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        {isWrong ? (
          <p class="bad" role="alert">
            {texts.wrongPassword}
          </p>
        ) : null}
        <button type="submit">{texts.signIn}</button>
      </form>
    ),
  });
}
