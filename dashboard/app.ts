/**
 * The Express application: what every request passes, in order, then the sections. It opens no port.
 */
import { fileURLToPath } from 'node:url';
import compression from 'compression';
import type { Express } from 'express';
import express from 'express';
import helmet from 'helmet';
import { apiPath, apiRoutes } from './api/api.ts';
import { apiPageRoutes } from './api/docs-page.tsx';
import { requireKnownHost, requireOwnForm, requireUser } from './auth/guards.ts';
import { sessions } from './auth/session.ts';
import type { Dashboard } from './dashboard.ts';
import { answerProblem, notFound } from './http/error-page.tsx';
import { chooseLanguage, readRequestContext } from './http/request-context.ts';
import { vendorFiles } from './http/vendor-files.ts';
import type { Hub } from './live/hub.ts';
import { actionRoutes } from './pages/actions/action-page.tsx';
import { clusterRoutes } from './pages/cluster/cluster-page.tsx';
import { executionRoutes } from './pages/executions-page.tsx';
import { listingsRoutes } from './pages/listings/routes.ts';
import { mapRoutes } from './pages/map/map-page.tsx';
import { marketRoutes } from './pages/market/market-page.tsx';
import { qualityRoutes } from './pages/quality-page.tsx';
import { signInRoutes } from './pages/sign-in-page.tsx';
import { todayRoutes } from './pages/today-page.tsx';
import { queueRoutes } from './queues/queue-routes.ts';

const assetsFolder = fileURLToPath(new URL('assets', import.meta.url));
const assetAgeMs = 3_600_000;

/** @param today what the first page shows; the caller closes it. */
export function createApp(dashboard: Dashboard, today: Hub): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', dashboard.config.trustedProxies);
  app.use(securityHeaders(dashboard), requireKnownHost(dashboard), compression());
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', readiness(dashboard));
  app.use('/assets/vendor', vendorFiles());
  app.use('/assets', express.static(assetsFolder, { maxAge: assetAgeMs, index: false, fallthrough: false }));
  app.use(sessions(dashboard.sessionSecret), readRequestContext(dashboard));
  app.use(apiPath, apiRoutes(dashboard));
  app.use(chooseLanguage);
  // Before the token of our own forms: Bull Board's page has none, and is guarded by itself.
  app.use('/queues', requireUser, queueRoutes(dashboard));
  app.use(express.urlencoded({ extended: false, limit: '64kb' }), requireOwnForm);
  app.use(signInRoutes(dashboard), requireUser);
  app.use('/', todayRoutes(dashboard, today));
  app.use('/executions', executionRoutes(dashboard));
  app.use('/quality', qualityRoutes(dashboard));
  app.use('/cluster', clusterRoutes(dashboard));
  app.use('/actions', actionRoutes(dashboard));
  app.use(`${apiPath}/docs`, apiPageRoutes());
  app.use('/listings', listingsRoutes(dashboard));
  app.use('/map', mapRoutes(dashboard));
  app.use('/market', marketRoutes(dashboard));
  app.use(notFound, answerProblem(dashboard));
  return app;
}

/**
 * Nothing but our own files, no frame around us, no inline script or style; our own pages only as a form's target. Images also
 * of the tile server, when one is configured.
 */
function securityHeaders({ config: { tileUrl } }: Dashboard) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', ...(tileUrl === null ? [] : [tileOrigin(tileUrl)])],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    // TLS ends in front of us, if anywhere: whoever ends it decides about this.
    strictTransportSecurity: false,
  });
}

/** `https://{s}.tile.example/{z}/{x}/{y}.png` -> `https://*.tile.example`. */
function tileOrigin(tileUrl: string): string {
  return new URL(tileUrl.replace('{s}.', '*.')).origin;
}

/** Ready when there is something to show. */
function readiness({ series }: Dashboard): express.RequestHandler {
  return async (_request, response) => {
    const edition = await series.edition();
    const reasons = edition === null ? ['nothing has been published yet'] : [];
    response.status(reasons.length === 0 ? 200 : 503).json({ ready: reasons.length === 0, reasons });
  };
}
