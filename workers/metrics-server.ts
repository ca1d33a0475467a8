/**
 * Serves `/metrics`, `/healthz` and `/readyz` of this process, by default to this machine only. It answers GET and HEAD,
 * tells nothing of the data but counts, and never stands in the way of the end of the process.
 */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../src/errors.ts';
import type { MonitoredParts } from '../src/metrics/monitoring-pages.ts';
import { monitoringPage, monitoringPaths } from '../src/metrics/monitoring-pages.ts';

export interface MetricsServer {
  /** Address of the server, e.g. `http://127.0.0.1:9464`. */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

interface MetricsServerOptions extends MonitoredParts {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Starts the server; the caller closes it. @throws Error that says which port cannot be used and why. */
export async function startMetricsServer({ host, port, ...parts }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(answer(parts));
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new Error(listenProblem(error, host, port), { cause: error });
  });
  const { port: taken } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listenProblem(error: unknown, host: string, port: number): string {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return isTaken ? `port ${port} of ${host} is taken` : `cannot listen on port ${port} of ${host}: ${messageOf(error)}`;
}

function answer(parts: MonitoredParts): RequestListener {
  return (request, response) => {
    const send = sender(request, response);
    const { method = '', url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return send(405, 'text/plain', 'expected GET\n');
    const [pathname = ''] = url.split('?');
    monitoringPage(pathname, parts).then(
      (page) => {
        if (page === null) send(404, 'text/plain', `expected ${monitoringPaths.join(', ')}\n`);
        else send(page.status, page.contentType, page.text);
      },
      (error: unknown) => send(500, 'text/plain', `${messageOf(error)}\n`),
    );
  };
}

function sender(request: IncomingMessage, response: ServerResponse) {
  return (status: number, contentType: string, text: string): void => {
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? '' : text);
  };
}
