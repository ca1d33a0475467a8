/** `oikotie alerts`: whether messages arrive, and what is open. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAlertsList } from '../../cli/alerts-list.ts';
import { runAlertsTest } from '../../cli/alerts-test.ts';
import { createFileAlertBook } from '../../queues/file-alert-book.ts';
import { helsinkiTask } from '../config/config-file.ts';
import type { WebServer } from '../workers/message-servers.ts';
import { startWebServer } from '../workers/message-servers.ts';

let web: WebServer;
let folder = '';
beforeAll(async () => {
  web = await startWebServer();
  folder = mkdtempSync(join(tmpdir(), 'oikotie-alerts-cli-'));
});
afterAll(async () => {
  await web.close();
  rmSync(folder, { recursive: true });
});

function writeConfig(alerts: object): string {
  const path = join(folder, 'config.json');
  const global_settings = { alerts, state_directory: join(folder, 'state'), database_path: join(folder, 'a.duckdb') };
  writeFileSync(path, JSON.stringify({ tasks: [helsinkiTask()], global_settings }));
  return path;
}

async function call(command: (io: Parameters<typeof runAlertsTest>[1]) => Promise<number>) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await command({ stdout, stderr, signal: new AbortController().signal });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

it('a test message goes to each channel, and what did not take it is said with exit code 1', async () => {
  const config = writeConfig({ webhook_url: `${web.origin}/hook`, ntfy_url: `${web.origin}/topic` });
  const good = await call((io) => runAlertsTest(config, io));
  web.answer = 404;
  const bad = await call((io) => runAlertsTest(config, io));
  const none = await call((io) => runAlertsTest(writeConfig({}), io));

  expect(good).toMatchObject({ exitCode: 0, stdout: 'webhook  sent\nntfy     sent\n' });
  expect(web.requests[0]?.body).toContain('oikotie: test of the alerts');
  expect(bad).toMatchObject({ exitCode: 1 });
  expect(bad.stdout).toContain('ntfy     failed: its URL answers with status 404\n');
  expect(none).toMatchObject({ exitCode: 2, stdout: '' });
  expect(none.stderr).toContain('alerts: expected a channel, got none; set alerts.webhook_url');
});

it('open alerts are listed with what could not be told yet', async () => {
  const config = writeConfig({ webhook_url: `${web.origin}/hook` });
  const list = (json: boolean) => call((io) => runAlertsList({ configPath: config, json, isStandalone: false }, io));
  const empty = await list(false);
  const atUtc = '2026-11-22T05:00:00.000Z';
  const alert = { kind: 'city_incomplete', subject: 'Espoo', summary: 'Espoo is partial', openedAtUtc: atUtc } as const;
  const book = createFileAlertBook({ directory: join(folder, 'state'), onProblem: () => undefined });
  await book.apply({ opened: [alert], resolved: [] }, atUtc, ['webhook']);
  await book.noteFailure('webhook');

  const page = await list(false);
  const json = await list(true);

  expect(empty).toMatchObject({ exitCode: 0, stdout: 'No alert is open.\n' });
  expect(page.stdout).toMatch(
    /2026-11-22T05:00:00\.000Z +city_incomplete +Espoo is partial +docs\/alerts\.md#city-incomplete/,
  );
  expect(page.stdout).toContain('webhook: 1 not told yet, tried 1 times\n');
  expect(JSON.parse(json.stdout)).toEqual({ open: [alert], untold: [{ channel: 'webhook', events: 1, attempts: 1 }] });
});
