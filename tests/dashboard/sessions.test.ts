/** The cookie of a session: who can read it, over what it is sent, and that nobody can put their own in its place. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../dashboard/auth/passwords.ts';
import { createUsers } from '../../dashboard/auth/users.ts';
import type { RunningTestDashboard } from './running-dashboard.ts';
import { passwords, startTestDashboard } from './running-dashboard.ts';

let direct: RunningTestDashboard;
let behindProxy: RunningTestDashboard;
beforeAll(async () => {
  [direct, behindProxy] = await Promise.all([
    startTestDashboard(),
    startTestDashboard({ settings: { dashboard: { port: 0, trusted_proxies: 1 } } }),
  ]);
});
afterAll(() => Promise.all([direct.close(), behindProxy.close()]));

const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };

/** The cookies that a sign-in sets, with the attributes that come with them, and its audited address. */
async function signInThrough(dashboard: RunningTestDashboard) {
  const nobody = await dashboard.visitor();
  const answer = await nobody.post('/sign-in', { name: 'vera', password: passwords.vera }, forwarded);
  const address = dashboard.audited.at(-1)?.details['address'];
  return { status: answer.status, cookies: answer.headers.getSetCookie(), address };
}

describe('the cookie', () => {
  it('is kept from scripts and other sites, and sent over TLS only behind a proxy that ends it', async () => {
    const { status, cookies, address } = await signInThrough(behindProxy);

    expect([status, address]).toEqual([303, '192.0.2.7']);
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['oikotie_session', 'oikotie_session.sig']);
    for (const cookie of cookies) expect(cookie).toMatch(/; path=\/;.*; samesite=lax; secure; httponly/i);
  });

  it('is sent without TLS where none is, whatever the request says of a proxy that is not trusted', async () => {
    const { status, cookies, address } = await signInThrough(direct);

    expect([status, address]).toEqual([303, '127.0.0.1']);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; samesite=lax; httponly/i);
      expect(cookie).not.toMatch(/secure/i);
    }
  });
});

describe('a session', () => {
  it('is another one after signing in: what was put into a browser before opens nothing', async () => {
    const visitor = await direct.visitor();
    const before = await visitor.page('/sign-in');
    const planted = visitor.cookies();
    const tokenBefore = /name="_csrf" value="([^"]+)"/.exec(before)?.[1] ?? '';

    await visitor.post('/sign-in', { name: 'otto', password: passwords.otto });

    const withPlanted = await fetch(direct.origin, {
      redirect: 'manual',
      headers: { cookie: planted, accept: 'text/html' },
    });
    expect(withPlanted.status).toBe(303);
    expect((await visitor.post('/sign-out', { _csrf: tokenBefore })).status).toBe(403);
    expect((await visitor.post('/sign-out')).status).toBe(303);
  });

  it('ends when the password changes or the user is taken away', async () => {
    const users = createUsers([`vera:viewer:${await hashPassword('one that was')}`]);
    const stamp = users.stampOf('vera');
    const changed = createUsers([`vera:viewer:${await hashPassword('one that is')}`]);

    expect(users.find('vera', stamp)).toEqual({ name: 'vera', role: 'viewer' });
    expect([changed.find('vera', stamp), createUsers([]).find('vera', stamp)]).toEqual([null, null]);
  });

  it('takes as long to refuse a name that is not known as one that is', async () => {
    const users = createUsers([`vera:viewer:${await hashPassword(passwords.vera)}`]);
    const cpuOf = async (name: string) => {
      const begin = process.cpuUsage();
      for (let count = 0; count < 3; count++) await users.check(name, 'not the password');
      return process.cpuUsage(begin).user;
    };
    await cpuOf('vera');

    const [known, unknown] = [await cpuOf('vera'), await cpuOf('nobody')];

    // Without the work of a hash it would be a thousandth.
    expect(unknown / known).toBeGreaterThan(0.4);
    expect(unknown / known).toBeLessThan(2.5);
  });
});
