/** Who may use the interface for programs, for what, and how often. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokens, randomToken, tokenLine } from '../../dashboard/auth/tokens.ts';
import { fillSeries, nowMs } from './api-series.ts';
import type { RunningTestDashboard } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

const tokens = { data: randomToken(), status: randomToken(), expired: randomToken(), today: randomToken() };
const lines = [
  tokenLine(tokens.data, { name: 'notebook', scopes: ['read:data', 'read:audit'], lastDay: null }),
  tokenLine(tokens.status, { name: 'monitor', scopes: ['read:status'], lastDay: null }),
  tokenLine(tokens.expired, { name: 'old', scopes: ['read:data'], lastDay: '2026-11-21' }),
  tokenLine(tokens.today, { name: 'last-day', scopes: ['read:data'], lastDay: '2026-11-22' }),
];
const origin = 'https://notebook.example.org';
const settings = { dashboard: { port: 0, tokens: lines, cors_origins: [origin], api_requests_per_minute: 40 } };

let dashboard: RunningTestDashboard;
beforeAll(async () => {
  dashboard = await startTestDashboard({ nowMs: () => nowMs, fill: fillSeries, settings });
});
afterAll(() => dashboard.close());

function ask(path: string, token: string | null, init: RequestInit = {}): Promise<Response> {
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const headers = { ...authorization, ...Object.fromEntries(new Headers(init.headers)) };
  return fetch(`${dashboard.origin}/api/v1${path}`, { ...init, redirect: 'manual', headers });
}

const sentences = () => dashboard.audited.map(({ severity, message }) => `${severity} ${message}`);

describe('a token', () => {
  it('opens what its scopes name, and no more', async () => {
    expect((await ask('/listings', tokens.data)).status).toBe(200);
    expect((await ask('/status', tokens.status)).status).toBe(200);

    const refused = await ask('/listings', tokens.status);

    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer realm="oikotie", error="insufficient_scope", scope="read:data"',
    ]);
    expect((await refused.json()).detail).toBe('expected a token with the scope read:data, got read:status');
  });

  it('opens no page, and nothing from the query', async () => {
    const page = await fetch(dashboard.origin, {
      redirect: 'manual',
      headers: { accept: 'text/html', authorization: `Bearer ${tokens.data}` },
    });
    expect(page.status).toBe(303);
    for (const name of ['token', 'access_token']) {
      expect((await ask(`/listings?${name}=${tokens.data}`, null)).status).toBe(401);
    }
  });

  it('is refused when it is wrong or absent, with the way to do it right', async () => {
    const answers = await Promise.all([ask('/listings', `${tokens.data.slice(0, -1)}_`), ask('/listings', null)]);

    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(answers.map(({ headers }) => headers.get('www-authenticate'))).toEqual([
      'Bearer realm="oikotie", error="invalid_token"',
      'Bearer realm="oikotie"',
    ]);
    expect(answers[1]?.headers.get('content-type')).toContain('application/problem+json');
  });

  it('holds until the end of its last day in Helsinki', async () => {
    const expired = await ask('/listings', tokens.expired);

    expect(await expired.json()).toMatchObject({ status: 401, detail: expect.stringContaining('until 2026-11-21') });
    expect((await ask('/listings', tokens.today)).status).toBe(200);
  });

  it('stands in the audit trail once a day, and so does what it was refused; wrong ones each time', async () => {
    for (let count = 0; count < 3; count++) {
      await ask('/listings', tokens.data);
      await ask('/status', tokens.data);
      await ask('/listings', 'wrong');
    }

    const of = (text: string) => sentences().filter((sentence) => sentence === text).length;
    expect(of('INFO dashboard: use-token by token notebook: done')).toBe(1);
    expect(of('WARNING dashboard: use-token by token notebook: refused')).toBe(1);
    expect(of('WARNING dashboard: use-token by nobody: refused')).toBeGreaterThanOrEqual(3);
    expect(JSON.stringify(dashboard.audited)).not.toContain(tokens.data);
    expect(dashboard.logged.join('')).not.toContain(tokens.data);
  });

  it('is kept as its hash, which opens nothing itself', async () => {
    const known = createTokens(lines);

    expect(known.find(tokens.data)?.name).toBe('notebook');
    expect(lines.some((line) => line.includes(tokens.data))).toBe(false);
    expect(known.find(lines[0]?.split('$')[1] ?? '')).toBeNull();
    expect(createTokens(['nonsense']).find('')).toBeNull();
  });
});

describe('who has signed in', () => {
  it('may read without a token', async () => {
    const vera = await dashboard.visitor('vera');

    expect((await vera.get('/api/v1/listings', { accept: 'application/json' })).status).toBe(200);
    const nobody = await dashboard.visitor();
    expect((await nobody.get('/api/v1/listings', { accept: 'text/html' })).status).toBe(401);
  });
});

describe('one caller', () => {
  it('is told what is left, and to wait when it is used up, without hindering others', async () => {
    const first = await ask('/openapi.json', tokens.status);
    expect(first.headers.get('ratelimit-policy')).toContain('q=40; w=60');

    let answer = first;
    for (let count = 0; count < 41 && answer.status === 200; count++)
      answer = await ask('/data-dictionary', tokens.today);

    expect([answer.status, (await answer.json()).type]).toEqual([429, '/api/v1/docs#too-many-requests']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask('/status', tokens.status)).status).toBe(200);
  });
});

describe('a page of another origin', () => {
  const preflight = (from: string) =>
    ask('/listings', null, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'GET' } });

  it('may ask with a token when its origin is named', async () => {
    const allowed = await preflight(origin);
    const answer = await ask('/status', tokens.status, { headers: { origin } });

    expect([allowed.status, allowed.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'Authorization, If-None-Match',
    ]);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('is told nothing otherwise', async () => {
    const refused = await preflight('https://evil.example');

    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null]);
  });
});

describe('whatever would change something', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('is refused: %s', async (method) => {
    const answer = await ask('/listings', tokens.status, { method });

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
