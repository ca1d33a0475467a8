/** What holds for every route there is, new ones too: nobody gets in, nothing is taken from elsewhere, nothing breaks. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { apiPath, apiRouteList } from '../../dashboard/api/api.ts';
import { createApp } from '../../dashboard/app.ts';
import { createTodayHub } from '../../dashboard/live/today-hub.tsx';
import { startDashboard } from '../../dashboard/server.ts';
import { fillSeries, nowMs } from './api-series.ts';
import type { Route } from './route-list.ts';
import { listRoutes } from './route-list.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

/** What may be seen before signing in. */
const openPaths = ['/healthz', '/readyz', '/sign-in'];
/** Names of parameters that pages read; those of the interface for programs are read from its list. */
const pageNames = [
  ...[
    'city',
    'q',
    'text',
    'sort',
    'page',
    'limit',
    'cursor',
    'day',
    'from',
    'to',
    'asOf',
    'dealType',
    'type',
    'status',
  ],
  ...[
    'minPriceEur',
    'maxPriceEur',
    'minAreaM2',
    'maxAreaM2',
    'rooms',
    'postalCode',
    'format',
    'language',
    'id',
    'bbox',
  ],
];
const injection = `' OR 1=1 --"); DROP TABLE listings; --`;
const nasty = [injection, `\0<script>alert(1)</script>${'9'.repeat(400)}e9`];

let dashboard: RunningTestDashboard;
let routes: readonly Route[];
let otto: Visitor;
let vera: Visitor;

beforeAll(async () => {
  dashboard = await startTestDashboard({
    nowMs: () => nowMs,
    fill: fillSeries,
    settings: { dashboard: { port: 0, api_requests_per_minute: 100_000 } },
  });
  routes = listRoutes(createApp(dashboard.parts, createTodayHub(dashboard.parts)));
  [otto, vera] = await Promise.all([dashboard.visitor('otto'), dashboard.visitor('vera')]);
});
afterAll(() => dashboard.close());

const gets = () => routes.filter(({ method }) => method === 'GET').map(({ path }) => path);
const changes = () => routes.filter(({ method }) => !['GET', 'HEAD'].includes(method));
/** A path with something in each of its places. */
const filled = (path: string, value = '1') =>
  path.replace(/[:*]\w+/g, encodeURIComponent(value)).replaceAll(/[{}]/g, '');

/** The answer without its body: a page that waits for news has no end. */
async function head(visitor: Visitor, path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await visitor.get(path, headers);
  await response.body?.cancel();
  return response;
}

/** Asks for exactly this path, which `fetch` would tidy up. */
function askRaw(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { port, hostname } = new URL(dashboard.origin);
  return new Promise((resolve, reject) => {
    request(
      { host: hostname, port, path, headers: { accept: 'application/json', cookie: otto.cookies() } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    )
      .on('error', reject)
      .end();
  });
}

describe('every route', () => {
  it('is found by the test', () => {
    const paths = routes.map(({ method, path }) => `${method} ${path}`);
    expect(paths).toEqual(
      expect.arrayContaining(['GET /', 'POST /sign-in', `GET ${apiPath}/listings/:listingId/history`]),
    );
  });

  it('is closed to who has not signed in, but for the named few', async () => {
    const nobody = await dashboard.visitor();
    const open: string[] = [];
    for (const path of new Set(gets())) {
      const { status, headers } = await head(nobody, filled(path));
      const isClosed = status === 401 || (status === 303 && headers.get('location')?.startsWith('/sign-in') === true);
      if (!isClosed) open.push(path);
    }
    // Files that everybody may have: our scripts and styles, and those of the libraries.
    expect(open.filter((path) => !path.startsWith('/assets/')).toSorted()).toEqual(openPaths.toSorted());
  });

  it('takes nothing without the token of a form, from whoever has signed in', async () => {
    for (const { method, path } of changes()) {
      const response = await fetch(`${dashboard.origin}${filled(path)}`, {
        ...{ method, redirect: 'manual' },
        headers: { cookie: otto.cookies(), accept: 'text/html' },
      });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });

  it('lets a viewer change nothing', async () => {
    for (const { path } of changes().filter(({ path }) => !['/sign-in', '/sign-out'].includes(path))) {
      expect([path, (await vera.post(filled(path))).status]).toEqual([path, 403]);
    }
  });

  it('has the headers that keep a browser from doing more than it should', async () => {
    for (const path of [...gets().map((path) => filled(path)), '/assets/style.css', '/nothing', `${apiPath}/nothing`]) {
      const { headers } = await head(vera, path);
      expect([path, headers.get('content-security-policy')]).toEqual([
        path,
        expect.stringContaining("default-src 'none'"),
      ]);
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
});

describe('absurd values', () => {
  it('in a query of the interface are refused or find nothing', async () => {
    for (const { path, inQuery } of apiRouteList) {
      for (const name of [...Object.keys(inQuery), '__proto__', 'constructor']) {
        for (const value of nasty) {
          const query = `${name}=${encodeURIComponent(value)}`;
          const response = await vera.get(`${apiPath}${filled(path)}?${query}`, { accept: 'application/json' });
          const body = await response.json();
          const isHonest = response.status === 400 || response.status === 404 || body.items?.length === 0;
          expect([path, query, response.status, isHonest || isEmpty(body)]).toEqual([
            path,
            query,
            response.status,
            true,
          ]);
        }
      }
    }
  }, 30_000);

  it('in a query of a page break nothing', async () => {
    const pages = gets().filter((path) => !path.startsWith(`${apiPath}/`) && !openPaths.includes(path));
    for (const path of new Set(pages)) {
      for (const name of pageNames) {
        const one = new URLSearchParams({ [name]: injection });
        expect([path, name, (await head(vera, `${filled(path)}?${one}`)).status < 500]).toEqual([path, name, true]);
      }
    }
  }, 30_000);

  it('in a path find nothing', async () => {
    for (const path of gets().filter((each) => /[:*]/.test(each))) {
      for (const value of nasty) {
        const { status } = await head(vera, filled(path, value));
        expect([path, value, status < 500]).toEqual([path, value, true]);
      }
    }
    expect((await vera.get(`${apiPath}/listings?count=true`)).status).toBe(200);
    const { total } = await (await vera.get(`${apiPath}/listings?count=true`, { accept: 'application/json' })).json();
    expect(total).toBe(3);
    expect(dashboard.logged.filter((line) => line.includes('a request failed'))).toEqual([]);
  });
});

/** An answer about the one city that is not there. */
function isEmpty(body: Readonly<Record<string, unknown>>): boolean {
  return Object.values(body).every((value) => !Array.isArray(value) || value.length === 0);
}

describe('paths that lead out of the folder', () => {
  it.each([
    '/assets/../app.js',
    '/assets/%2e%2e/app.js',
    '/assets/..%2f..%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/vendor/../../app.js',
    '/assets/vendor/..%2f..%2f..%2fpackage.json',
    '/assets/%00',
    '/assets/%',
    '/assets/.hidden',
    '/assets//etc/passwd',
  ])('are refused without telling where the folder is: %s', async (path) => {
    const { status, text } = await askRaw(path);

    expect([status >= 400 && status < 500, text]).toEqual([true, expect.not.stringContaining(process.cwd())]);
    expect(text).not.toMatch(/ENOENT|"dependencies"|createApp/);
  });
});

describe('what is too much', () => {
  it('of a body is refused with 413', async () => {
    const response = await fetch(`${dashboard.origin}/sign-in`, {
      ...{ method: 'POST', body: new URLSearchParams({ name: 'x'.repeat(70_000) }) },
      headers: { cookie: otto.cookies(), accept: 'text/html' },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([413, 'text/html; charset=utf-8']);
  });

  it.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '],
    [
      'a body',
      'POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nabc',
    ],
  ])('of a wait for %s ends the connection', async (_, begin) => {
    // A server of its own: on a busy machine these limits are short for the other tests.
    const impatient = await startDashboard(dashboard.parts, {
      headersMs: 200,
      requestMs: 300,
      checkMs: 50,
      connections: 9,
    });
    onTestFinished(impatient.close);
    const { port } = new URL(impatient.origin);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(begin));
      socket.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      socket.on('close', () => resolve(text)).on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});
