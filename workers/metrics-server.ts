/**
 * Serves `/metrics` and `/healthz` to this machine only. It answers GET and HEAD, tells nothing of the run's data but
 * counts, and never stands in the way of the run's end.
 */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { MissingPart } from '../src/quality/city-receipt.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import type { MetricSources, RunMetrics } from './metrics.ts';

export interface MetricsServer {
  /** Address of the server, e.g. `http://127.0.0.1:9464`. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

interface MetricsServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly metrics: RunMetrics;
  readonly missingParts: () => readonly MissingPart[];
}

/** Starts the server; the caller closes it. @throws Error of the system, e.g. EADDRINUSE when the port is taken. */
async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(answer(options));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The metrics, or null when none are to be served: then their library, which takes long to load, is not loaded. */
export async function loadMetrics(
  { metricsPort }: Pick<Config, 'metricsPort'>,
  sources: MetricSources,
): Promise<RunMetrics | null> {
  if (metricsPort === null) return null;
  const { createMetrics } = await import('./metrics.ts');
  return createMetrics(sources);
}

/** The server, or null when none is configured or it cannot be started, which is then reported. */
export async function serveMetrics(
  { metricsPort: port }: Pick<Config, 'metricsPort'>,
  metrics: RunMetrics,
  degradations: Degradations,
  log: Log,
): Promise<MetricsServer | null> {
  if (port === null) return null;
  try {
    const server = await startMetricsServer({ port, metrics, missingParts: degradations.list });
    log.info({ url: `${server.origin}/metrics` }, 'metrics are served');
    return server;
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    const reason = isTaken
      ? `port ${port} of 127.0.0.1 is taken`
      : `cannot listen on port ${port}: ${messageOf(error)}`;
    const remedy = 'end what uses it, or set metrics_port to another port, to 0 for any free one, or to null';
    degradations.report({ part: 'metrics', reason, remedy });
    return null;
  }
}

function answer({ metrics, missingParts }: MetricsServerOptions): RequestListener {
  return (request, response) => {
    const send = sender(request, response);
    const { method = '', url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return send(405, 'text/plain', 'expected GET\n');
    const [pathname] = url.split('?');
    if (pathname === '/healthz') return send(200, 'application/json', healthOf(missingParts()));
    if (pathname !== '/metrics') return send(404, 'text/plain', 'expected /metrics or /healthz\n');
    metrics.render().then(
      (text) => send(200, metrics.contentType, text),
      (error: unknown) => send(503, 'text/plain', `${messageOf(error)}\n`),
    );
  };
}

/** A run that goes on without a part is alive. */
function healthOf(missingParts: readonly MissingPart[]): string {
  return `${JSON.stringify({ status: missingParts.length === 0 ? 'ok' : 'degraded', missingParts })}\n`;
}

function sender(request: IncomingMessage, response: ServerResponse) {
  return (status: number, contentType: string, text: string): void => {
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? '' : text);
  };
}
