/** Secrets that are not in the environment but in files it names, as containers are given them. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childEnvironment } from '../../config/child-environment.ts';
import type { ConfigFolder } from './config-file.ts';
import { createConfigFolder, helsinkiTask } from './config-file.ts';

const secret = 'a secret/with:signs%';
const passwordPath = 'global_settings.cluster_coordination.redis_password';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
  folder.write({ tasks: [helsinkiTask()] });
});
afterEach(() => folder.remove());

function secretFile(content: string, name = 'secret'): string {
  const path = join(dirname(folder.path), name);
  writeFileSync(path, content);
  return path;
}

describe('a secret in a file', () => {
  it('is read without the line end after it, wins over the configuration file, and is told by its variable', () => {
    folder.write({
      tasks: [helsinkiTask()],
      global_settings: { cluster_coordination: { redis_password: 'of the file' } },
    });
    const environment = {
      REDIS_URL_FILE: secretFile('redis://redis:6379/2\n', 'url'),
      REDIS_PASSWORD_FILE: secretFile(`${secret}\r\n`),
    };

    const { config, knobs } = folder.load({ environment });

    expect(config.cluster.redis).toMatchObject({ password: secret, database: 2, address: { host: 'redis' } });
    expect(knobs.find(({ path }) => path === passwordPath)).toMatchObject({
      source: 'environment',
      variable: 'REDIS_PASSWORD_FILE',
    });
  });

  it('is not looked for when its variable is empty', () => {
    const environment = { REDIS_URL: 'redis://redis:6379', REDIS_PASSWORD_FILE: ' ' };

    expect(folder.load({ environment }).config.cluster.redis).toMatchObject({ password: null });
  });

  it('is refused when the environment sets the secret itself, too', () => {
    const environment = { REDIS_PASSWORD: secret, REDIS_PASSWORD_FILE: secretFile(secret) };

    expect(folder.problems({ environment })).toEqual([
      `${passwordPath}: expected one of REDIS_PASSWORD and REDIS_PASSWORD_FILE, got both; ` +
        'remove one of the two from the environment',
    ]);
  });

  it('is refused in one sentence when the file is missing, empty or huge, without a word of what is in it', () => {
    const problemsOf = (file: string) =>
      folder.problems({ environment: { REDIS_PASSWORD_FILE: file } }).map((each) => each.replace(file, 'SECRET'));
    const [empty, huge] = [secretFile('\n', 'empty'), secretFile('x'.repeat(70_000), 'huge')];

    const told = [...problemsOf('/nowhere/secret'), ...problemsOf(empty), ...problemsOf(huge)];

    const remedy = 'correct REDIS_PASSWORD_FILE, or what it names';
    expect(told).toEqual([
      `${passwordPath}: expected a file that can be read, got "SECRET" (ENOENT); ${remedy}`,
      `${passwordPath}: expected a file with the secret in it, got "SECRET", which is empty; ${remedy}`,
      `${passwordPath}: expected a file of at most 65536 characters, got "SECRET", which has more; ${remedy}`,
    ]);
  });

  it('that is no good value is not repeated in the problem', () => {
    const environment = { REDIS_URL_FILE: secretFile('http://user:hidden@host') };

    expect(folder.problems({ environment })).toEqual([
      'global_settings.cluster_coordination.redis_url: expected a redis:// or rediss:// URL, or null, got another text; ' +
        'correct the file that REDIS_URL_FILE names',
    ]);
  });

  it('exists for secrets alone', () => {
    const environment = { NODE_ID_FILE: secretFile('another-node') };

    expect(folder.load({ environment }).config.nodeId).not.toBe('another-node');
  });

  it('stays out of processes that are to do only what their file says', () => {
    process.env['REDIS_PASSWORD_FILE'] = '/run/secrets/redis-password';
    try {
      expect(Object.keys(childEnvironment())).not.toContain('REDIS_PASSWORD_FILE');
    } finally {
      delete process.env['REDIS_PASSWORD_FILE'];
    }
  });
});
