/** What a demo ends with in front of a terminal: the offer to look at its data in a browser. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { offerDashboard } from '../../cli/offer-dashboard.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { runCity } from '../storage/city-run.ts';
import { openForWriting } from '../storage/samples.ts';

let folder: string;
let config: Config;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oikotie-offer-'));
  const path = join(folder, 'config.json');
  const settings = { database_path: join(folder, 'demo.duckdb'), logs_directory: null, dashboard: { port: 0 } };
  const url = `https://asunnot.oikotie.fi/myytavat-asunnot?cardType=100&locations=${encodeURIComponent('[[64,6,"Helsinki"]]')}`;
  writeFileSync(path, JSON.stringify({ tasks: [{ city: 'Helsinki', enabled: true, url }], global_settings: settings }));
  ({ config } = loadConfig({ path, environment: {} }));
  const database = await openForWriting(config.databasePath);
  const store = createSeriesStore({ database, clock: systemClock });
  await store.startExecution({
    ...{
      executionId: 'daily-2026-11-22',
      nominalDay: '2026-11-22',
      startedAtUtc: '2026-11-22T03:00:00.000Z',
      cities: [],
    },
  });
  await runCity(store, 22, { pages: ['1'] });
  await database.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Somebody in front of a terminal who types the answer. */
function sitDown({ answer, isTerminal = true }: { answer: string; isTerminal?: boolean }) {
  const keyboard = Object.assign(new PassThrough(), { isTTY: isTerminal });
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: isTerminal });
  const stop = new AbortController();
  let seen = '';
  stderr.on('data', (text) => {
    seen += text;
  });
  keyboard.write(answer);
  const offered = offerDashboard(config, folder, { stdout: stderr, stderr, signal: stop.signal }, keyboard);
  return { offered, stop, seen: () => seen };
}

it('opens the dashboard on the data of the demo for whoever says yes, until it is stopped', async () => {
  const { offered, stop, seen } = sitDown({ answer: 'y\n' });
  await vi.waitUntil(() => /http:\S+/.test(seen()), { timeout: 30_000, interval: 5 });
  const page = await (await fetch(/http:\S+/.exec(seen())?.[0] ?? '')).text();
  stop.abort();
  await offered;
  expect(seen()).toContain('Open the dashboard on these data? [y/N]');
  expect(page).toContain('daily-2026-11-22');
});

it('does nothing for any other answer', async () => {
  const { offered, seen } = sitDown({ answer: '\n' });
  await offered;
  expect(seen()).not.toContain('http');
});

it('asks nobody where there is no terminal', async () => {
  const { offered, seen } = sitDown({ answer: 'y\n', isTerminal: false });
  await offered;
  expect(seen()).toBe('');
});
