/**
 * Stands between the program and the simulator and changes what some answers say, for content that the simulator does
 * not make. It changes bodies only.
 */
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RewritingProxy {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** Starts on a free port of 127.0.0.1; `rewrite` gives back the body to send for a path. */
export async function startRewritingProxy(
  target: string,
  rewrite: (path: string, body: string) => string,
): Promise<RewritingProxy> {
  const server = createServer((incoming, response) => {
    const path = incoming.url ?? '/';
    const headers = { ...incoming.headers, 'accept-encoding': 'identity' };
    const forwarded = ask(`${target}${path}`, { method: incoming.method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', (error) => response.destroy(error));
      answer.on('end', () => {
        const body = Buffer.from(rewrite(path, Buffer.concat(chunks).toString('utf8')));
        response.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': body.length });
        response.end(body);
      });
    });
    forwarded.on('error', (error) => response.destroy(error));
    forwarded.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server that listens has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
