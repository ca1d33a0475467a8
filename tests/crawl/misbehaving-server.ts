/**
 * A small local server for one test: routes by path, and raw sockets for what HTTP libraries would not send.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { onTestFinished } from 'vitest';

type Route = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Paths asked for, in order. */
  readonly paths: readonly string[];
  /** Headers of each request, in order. */
  readonly headers: readonly IncomingMessage['headers'][];
  /** Connections made to it so far. */
  readonly connections: () => number;
}

/** Serves `routes` by path (query left out); 404 for the rest. Closed when the test ends. */
export async function serve(routes: Readonly<Record<string, Route>>): Promise<TestServer> {
  const paths: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    paths.push(path);
    headers.push(request.headers);
    const route = routes[path.split('?')[0] ?? '/'];
    if (route !== undefined) return route(request, response);
    response.statusCode = 404;
    return response.end('not here');
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await close(server);
  });
  return { origin: `http://127.0.0.1:${port}`, paths, headers, connections: () => connections };
}

/** Gives every connection to `handle` once its request has begun to arrive. Closed when the test ends. */
export async function serveRaw(handle: (socket: Socket, data: Buffer) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', (data: Buffer) => handle(socket, data));
  });
  const port = await listen(server);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await close(server);
  });
  return `http://127.0.0.1:${port}`;
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createNetServer();
  const port = await listen(server);
  await close(server);
  return port;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // A listening TCP server has an AddressInfo.
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
