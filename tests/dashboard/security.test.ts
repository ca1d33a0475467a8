/** Who gets in, what they may do, and what a page of another site may not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCity } from '../storage/city-run.ts';
import type { RunningTestDashboard } from './running-dashboard.ts';
import { passwords, startTestDashboard } from './running-dashboard.ts';

let dashboard: RunningTestDashboard;

beforeAll(async () => {
  dashboard = await startTestDashboard({
    nowMs: () => Date.parse('2026-11-22T09:00:00Z'),
    fill: async (store) => {
      await runCity(store, 22, { pages: ['1', '2'] });
    },
  });
});
afterAll(() => dashboard.close());

describe('without signing in', () => {
  it('shows no page but the one to sign in, and brings people back to where they wanted to go', async () => {
    const nobody = await dashboard.visitor();
    const answer = await nobody.get('/?city=Helsinki');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/sign-in?to=%2F%3Fcity%3DHelsinki']);
    const signedIn = await nobody.post('/sign-in', { name: 'vera', password: passwords.vera, to: '/?city=Helsinki' });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/?city=Helsinki']);
  });

  it('refuses programs with 401 as JSON', async () => {
    const nobody = await dashboard.visitor();
    const answer = await nobody.get('/', { accept: 'application/json' });
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { error: { status: 401, message: 'expected a signed-in user' } },
    ]);
  });

  it.each(['//evil.example/x', 'https://evil.example/', '/\\evil.example'])(
    'never leads from the sign-in to another site: %s',
    async (to) => {
      const nobody = await dashboard.visitor();
      const answer = await nobody.post('/sign-in', { name: 'vera', password: passwords.vera, to });
      expect(answer.headers.get('location')).toMatch(/^\/(?![/\\])/);
    },
  );
});

describe('signing in', () => {
  it('says the same for a wrong password and an unknown name, and records both', async () => {
    const nobody = await dashboard.visitor();
    const wrong = await nobody.post('/sign-in', { name: 'vera', password: 'not this one' });
    const unknown = await nobody.post('/sign-in', { name: 'nobody', password: 'not this one' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const sentences = dashboard.audited.filter((event) => event.severity === 'WARNING').map((event) => event.message);
    expect(sentences.slice(-2)).toEqual([
      'dashboard: sign-in by vera: refused',
      'dashboard: sign-in by nobody: refused',
    ]);
  });

  it('takes a signed cookie that scripts cannot read, and no other', async () => {
    const vera = await dashboard.visitor('vera');
    expect((await vera.get('/')).status).toBe(200);
    const forged = vera.cookies().replace(/oikotie_session=[^;]+/, (pair) => `${pair.slice(0, -4)}AAAA`);
    const answer = await fetch(`${dashboard.origin}/`, { headers: { cookie: forged }, redirect: 'manual' });
    expect(answer.status).not.toBe(200);
  });

  it('ends the session when the user signs out', async () => {
    const vera = await dashboard.visitor('vera');
    expect((await vera.post('/sign-out')).status).toBe(303);
    expect((await vera.get('/')).status).toBe(303);
  });

  it('makes an address wait after ten failed tries, with the right password too', async () => {
    const other = await startTestDashboard();
    try {
      const nobody = await other.visitor();
      for (let count = 0; count < 10; count++) await nobody.post('/sign-in', { name: 'vera', password: 'wrong' });
      const answer = await nobody.post('/sign-in', { name: 'vera', password: passwords.vera });
      expect(answer.status).toBe(429);
    } finally {
      await other.close();
    }
  });
});

describe('a page of another site', () => {
  it('cannot send a form: its token is not ours', async () => {
    const vera = await dashboard.visitor('vera');
    expect((await vera.post('/sign-out', { _csrf: 'guessed' })).status).toBe(403);
    expect((await vera.post('/sign-out', {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await vera.get('/')).status).toBe(200);
  });

  it('cannot reach this machine by a name of its own', async () => {
    const { port } = new URL(dashboard.origin);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/sign-in', headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });

  it('cannot put ours in a frame, nor run a script in it', async () => {
    const { headers } = await fetch(`${dashboard.origin}/sign-in`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('an address that others reach', () => {
  it('is refused while nobody is asked who they are', async () => {
    const start = startTestDashboard({
      parts: (config) => ({ users: null, config: { ...config.dashboard, host: '0.0.0.0' } }),
    });
    await expect(start).rejects.toThrow(
      /expected 127\.0\.0\.1 while dashboard\.authentication is false, got 0\.0\.0\.0/,
    );
  });
});
