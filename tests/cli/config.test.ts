/**
 * `oikotie config` as a person and as a program reads it.
 */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runConfig } from '../../cli/config.ts';
import type { ConfigFolder } from '../config/config-file.ts';
import { createConfigFolder, helsinkiTask } from '../config/config-file.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
  vi.stubEnv('REDIS_URL', 'redis://me:hush@cache:6379/2');
  vi.stubEnv('NODE_ID', 'node-7');
});
afterEach(() => {
  folder.remove();
  vi.unstubAllEnvs();
});

async function run(json: boolean): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const io = { stdout, stderr, signal: new AbortController().signal };
  const exitCode = await runConfig({ configPath: folder.path, json }, io);
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

it('prints each value with its unit and source, and warnings apart', async () => {
  folder.write({ tasks: [helsinkiTask({ rate_limit_seconds: 2 })] });

  const { exitCode, stdout, stderr } = await run(false);

  expect(exitCode).toBe(0);
  expect(stdout).toContain('\ntasks[0]\n');
  expect(stdout).toMatch(/^ {2}rate_limit_seconds +file +2 s$/m);
  expect(stdout).toMatch(/^ {2}crawler\.request_timeout_seconds +default +30 s$/m);
  expect(stdout).toMatch(
    /^ {2}cluster_coordination\.redis_url +environment REDIS_URL +"redis:\/\/me:\*\*\*@cache:6379\/2"$/m,
  );
  expect(stdout).toMatch(/^ {2}node +node-7$/m);
  expect(stderr).toMatch(/^warning: global_settings\.crawler\.contact: /);
});

it('prints the same as JSON, with the secret masked', async () => {
  folder.write({ tasks: [helsinkiTask()] });

  const { stdout } = await run(true);

  expect(stdout).not.toContain('hush');
  expect(JSON.parse(stdout)).toMatchObject({
    path: folder.path,
    inForce: { nodeId: 'node-7' },
    knobs: expect.arrayContaining([
      {
        path: 'global_settings.cluster_coordination.redis_url',
        value: 'redis://me:***@cache:6379/2',
        unit: 'redis:// or rediss:// URL',
        source: 'environment REDIS_URL',
      },
      { path: 'tasks[0].max_detail_workers', value: 5, unit: 'requests', source: 'default' },
    ]),
  });
});

it('shows proxies without their passwords, whichever spelling of the variable they came from', async () => {
  vi.stubEnv('HTTP_PROXY', '');
  vi.stubEnv('http_proxy', 'http://me:hush@proxy.example.org:3128');
  vi.stubEnv('HTTPS_PROXY', 'http://hush-token@proxy.example.org:3129');
  folder.write({ tasks: [helsinkiTask({ proxy_url: 'http://you:hush@proxy.example.org:3130' })] });

  for (const json of [false, true]) {
    const { stdout, stderr } = await run(json);

    expect(stdout + stderr).not.toContain('hush');
    expect(stdout).toContain('http://me:***@proxy.example.org:3128/');
    expect(stdout).toContain('http://***@proxy.example.org:3129/');
    expect(stdout).toContain('http://you:***@proxy.example.org:3130/');
    expect(stdout).toContain('environment http_proxy');
  }
});
