/** The operator that is made at the first start, and the token that a program gets: both are shown once. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runMakeToken } from '../../cli/dashboard-token.ts';
import { keepSecrets } from '../../dashboard/auth/kept-secrets.ts';
import { createTokens } from '../../dashboard/auth/tokens.ts';
import { createUsers } from '../../dashboard/auth/users.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder } from '../storage/samples.ts';

let folder: TestFolder;
beforeEach(() => {
  folder = createFolder();
});
afterEach(() => folder.remove());

const keep = (wantsNewPassword: boolean) =>
  keepSecrets({ stateDirectory: folder.path, users: [], sessionSecret: null, wantsNewPassword });

it('makes one operator with a password of its own, and keeps it until another is wanted', async () => {
  const first = await keep(false);
  const second = await keep(false);
  const third = await keep(true);

  expect([first.newPassword, second.newPassword]).toEqual([expect.stringMatching(/^[0-9a-f-]{34}$/), null]);
  expect(second).toEqual({ ...first, newPassword: null });
  expect(third.sessionSecret).toBe(first.sessionSecret);
  const users = createUsers((await keep(false)).users);
  expect(await users.check('operator', first.newPassword ?? '')).toBeNull();
  expect(await users.check('operator', third.newPassword ?? '')).toEqual({ name: 'operator', role: 'operator' });
  const file = join(folder.path, 'dashboard', 'users');
  expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8').includes(third.newPassword ?? '')]).toEqual([
    0o600,
    false,
  ]);
});

it('prints a token and the line that lets it in', () => {
  const made = makeToken({ name: 'notebook', scopes: ['read:data', 'read:status'], expires: '2027-01-31' });
  const [, token = '', line = ''] = /^token (oikotie_\S{43})\nline {2}(\S+)\n$/.exec(made.stdout) ?? [];

  expect(made.exitCode).toBe(0);
  expect(createTokens([line]).find(token)).toEqual({
    ...{ name: 'notebook', scopes: ['read:status', 'read:data'], lastDay: '2027-01-31' },
  });
});

it.each([
  [{ name: 'a:b', scopes: ['read:data'], expires: undefined }, '--name: expected 1 to 64 letters'],
  [
    { name: 'a', scopes: ['read:all'], expires: undefined },
    '--scope: expected read:status, read:data, read:audit, operate, got "read:all"',
  ],
  [{ name: 'a', scopes: ['read:data'], expires: 'soon' }, '--expires: expected a day such as 2027-01-31, got "soon"'],
])('makes none of %j', (request, sentence) => {
  expect(makeToken(request)).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringContaining(sentence) });
});

function makeToken(request: Parameters<typeof runMakeToken>[0]) {
  const texts = { stdout: '', stderr: '' };
  const streamOf = (name: keyof typeof texts) =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        texts[name] += chunk.toString();
        done();
      },
    });
  const io = { stdout: streamOf('stdout'), stderr: streamOf('stderr'), signal: new AbortController().signal };
  return { exitCode: runMakeToken(request, io), ...texts };
}
