/** Runs in one process that go well and that do not: what a person is told of them, and what they leave for a scrape. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../config/config.ts';
import type { WebServer } from './message-servers.ts';
import { startWebServer } from './message-servers.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';

let web: WebServer;
let rig: Rig;
let config: Config;
beforeAll(async () => {
  [web, rig] = await Promise.all([startWebServer(), createRig({ helsinki: 3, espoo: 3 })]);
  const alerts = { ...rig.config.alerts, webhookUrl: `${web.origin}/hook`, deadManUrl: `${web.origin}/alive` };
  config = { ...rig.config, alerts, metricsFile: join(rig.config.outputDirectory, 'metrics', 'oikotie.prom') };
});
afterAll(() => Promise.all([rig.close(), web.close()]));

const told = () =>
  web.requests.map(({ path, body }) => {
    if (path !== '/hook') return path;
    const { alerts } = JSON.parse(body) as { alerts: { type: string; key: string }[] };
    return alerts.map(({ type, key }) => `${type} ${key}`).join(', ');
  });

describe('a run in one process', { timeout: 60_000 }, () => {
  it('tells what is wrong once, and once that it is over; the dead man hears of the complete one', async () => {
    rig.simulator.faults.add({ type: 'http_500', kinds: ['search'] });
    const bad = await rig.run({ config });
    const badAgain = await rig.run({ config });
    const afterTheBad = told();
    rig.simulator.faults.clear();

    const good = await rig.run({ config });

    expect([bad.status, badAgain.status, good.status]).toEqual(['failed', 'failed', 'completed']);
    expect(afterTheBad).toEqual(['opened run_failed, opened city_incomplete/Helsinki, opened city_incomplete/Espoo']);
    expect(told().slice(1)).toEqual([
      expect.stringMatching(/^resolved [\w/]+, resolved [\w/]+, resolved [\w/]+$/),
      '/alive',
    ]);
    const metrics = readFileSync(config.metricsFile ?? '', 'utf8');
    for (const line of [
      'oikotie_city_days_since_complete{city="Espoo"} 0',
      'oikotie_run_status{status="completed"} 1',
      'oikotie_listings{city="Helsinki",outcome="new"} 3',
      'oikotie_jobs_total{kind="listing",outcome="completed"} 6',
      'oikotie_store_lag_seconds_count 6',
      'oikotie_build_info{role="standalone"',
    ]) {
      expect(metrics).toContain(line);
    }
  });

  it('ends as it would have when nobody takes the message', async () => {
    web.answer = 500;
    const clock = { ...(await import('../../src/clock.ts')).systemClock };
    const quick = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.min(ms, 20), signal) };

    const result = await rig.run({ config, clock: quick, cities: ['Espoo'] });

    expect(result.status).toBe('completed');
    web.answer = 200;
  });

  it('tells of the error that ended it', async () => {
    const before = web.requests.length;
    const folder = join(rig.config.outputDirectory, 'not-a-database');
    mkdirSync(folder, { recursive: true });

    await expect(rig.run({ config: { ...config, databasePath: folder } })).rejects.toThrow();
    rmSync(folder, { recursive: true });

    expect(told().slice(before)).toEqual(['opened run_crashed']);
    await rig.run({ config, cities: ['Espoo'] });
    expect(told().slice(before + 1)).toEqual(['resolved run_crashed', '/alive']);
  });
});
