/** Opens the port of the dashboard, and closes it again. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ScraperError } from '../src/errors.ts';
import { createApp } from './app.ts';
import { isLoopback } from './auth/guards.ts';
import type { Dashboard } from './dashboard.ts';
import { createTodayHub } from './live/today-hub.tsx';

export interface RunningDashboard {
  /** Where it answers, e.g. `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** Ends what is open, at once: pages that wait for news would never end by themselves. */
  readonly close: () => Promise<void>;
}

/** How long a request may take to arrive, so that slow ones do not hold connections; an answer may take longer. */
interface ServerLimits {
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often the two above are looked at. */
  readonly checkMs: number;
  readonly connections: number;
}

const usualLimits: ServerLimits = { headersMs: 10_000, requestMs: 30_000, checkMs: 5_000, connections: 1_000 };

/**
 * Starts the dashboard; the caller closes it.
 * @throws ScraperError DASHBOARD_PUBLIC without authentication on an address that others reach, DASHBOARD_PORT when the port
 * cannot be had.
 */
export async function startDashboard(dashboard: Dashboard, limits = usualLimits): Promise<RunningDashboard> {
  const { host, port } = dashboard.config;
  if (dashboard.users === null && !isLoopback(host)) {
    const message = `dashboard: expected 127.0.0.1 while dashboard.authentication is false, got ${host}, which others reach; set it to true`;
    throw new ScraperError('DASHBOARD_PUBLIC', message, { category: 'UNKNOWN' });
  }
  const { headersMs: headersTimeout, requestMs: requestTimeout, checkMs: connectionsCheckingInterval } = limits;
  const timeouts = { headersTimeout, requestTimeout, connectionsCheckingInterval };
  const today = createTodayHub(dashboard);
  const server = createServer(timeouts, createApp(dashboard, today));
  server.maxConnections = limits.connections;
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new ScraperError('DASHBOARD_PORT', portProblem(host, port, error), {
      category: 'NETWORK_ERROR',
      cause: error,
    });
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await today.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function portProblem(host: string, port: number, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why = code === 'EADDRINUSE' ? 'something else has it' : code;
  return `dashboard: expected port ${port} of ${host} to be free, got: ${why}; end what uses it, or set dashboard.port (DASHBOARD_PORT)`;
}
