/**
 * A small real HTTP proxy on 127.0.0.1: forwards requests for whole URLs, tunnels CONNECT, asks for a password when it
 * has one. Where it connects to is the test's choice: names are the proxy's to look up.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

export interface LoopbackProxy {
  /** `http://127.0.0.1:<port>`, without credentials. */
  readonly origin: string;
  readonly host: string;
  /** First line of each request: method and target. */
  readonly asked: readonly string[];
}

interface ProxyOptions {
  /** `user:password` it wants. */
  readonly credentials?: string;
  /** Port on 127.0.0.1 that it connects to, whatever name it is asked for. */
  readonly targetPort: number;
}

/** Starts a proxy; closed when the test ends. */
export async function startLoopbackProxy(options: ProxyOptions): Promise<LoopbackProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const isWelcome = (request: IncomingMessage): boolean => {
    asked.push(`${request.method} ${request.url}`);
    const [, encoded = ''] = (request.headers['proxy-authorization'] ?? '').split(' ');
    return options.credentials === undefined || Buffer.from(encoded, 'base64').toString() === options.credentials;
  };
  const server = createServer((request, response) => {
    if (isWelcome(request)) forward(request, response, options.targetPort);
    else response.writeHead(407, { 'proxy-authenticate': 'Basic realm="test"' }).end('no');
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    if (!isWelcome(request)) return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const target = connect(options.targetPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    sockets.add(target).add(client);
    for (const socket of [target, client]) socket.on('error', () => socket.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // A listening TCP server has an AddressInfo.
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin: `http://${host}`, host, asked };
}

function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { pathname, search } = new URL(request.url ?? '');
  const { 'proxy-authorization': _secret, ...headers } = request.headers;
  const onward = sendRequest({ host: '127.0.0.1', port, path: pathname + search, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.writeHead(502).end());
  onward.end();
}
