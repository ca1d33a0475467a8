/** What takes the messages of alerts in tests: a web server and a mail server on this machine, well-behaved or not. */
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface TakenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebServer {
  readonly origin: string;
  readonly requests: readonly TakenRequest[];
  /** Status of the answers from now on; null answers never. */
  answer: number | null;
  readonly close: () => Promise<void>;
}

/** Starts it; with a status of 3xx it sends elsewhere. */
export async function startWebServer(answer: number | null = 200): Promise<WebServer> {
  const requests: TakenRequest[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      if (web.answer !== null) response.writeHead(web.answer, { location: '/elsewhere' }).end('ignored');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const web: WebServer = {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return web;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly { readonly from: string; readonly to: readonly string[]; readonly text: string }[];
  readonly close: () => Promise<void>;
}

/** Starts a mail server that lets one user in. */
export async function startMailServer(password: string): Promise<MailServer> {
  const mails: { from: string; to: readonly string[]; text: string }[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, callback) => {
      if (auth.password === password) callback(null, { user: auth.username });
      else callback(new Error(`wrong password ${auth.password}`));
    },
    onData: (stream, session, callback) => {
      let text = '';
      stream.on('data', (chunk) => {
        text += String(chunk);
      });
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text,
        });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo; // it listens on a port
  return { port, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
