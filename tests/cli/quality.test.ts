/** What a person sees of the quality of the data and of what is in quarantine, and what an operator's word does. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runQuality } from '../../cli/quality.ts';
import { listQuarantines, runQuarantineDecision } from '../../cli/quarantine.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, listingWrite, openForWriting, receiptOf, writesOf } from '../storage/samples.ts';
import { queryRows } from '../workers/stored-records.ts';
import { terminal } from './terminal-texts.ts';

const city = 'Helsinki';
const idOf = (day: number) => `daily-2026-11-${day}`;
const reason = 'price_eur of sales fell from 100% to 0% of the pages (4 pages; median of 3 runs)';
const limits = { historyRuns: 14, minPages: 2 };

let folder: TestFolder;
let databasePath: string;
let config: Config;

/** Three good days and two drifted ones, both in quarantine. */
beforeAll(async () => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
  const path = join(folder.path, 'config.json');
  const url = 'http://127.0.0.1:1/myytavat-asunnot?locations=[[64,6,"Helsinki"]]&cardType=100';
  const settings = { logs_directory: join(folder.path, 'logs') };
  writeFileSync(path, JSON.stringify({ tasks: [{ city, enabled: true, url }], global_settings: settings }));
  config = loadConfig({ path, environment: {} }).config;
  const database = await openForWriting(databasePath);
  const store = createSeriesStore({ database, clock: createFakeClock() });
  for (const day of [16, 17, 18, 19, 20]) {
    const executionId = idOf(day);
    const isDrifted = day > 18;
    const startedAtUtc = `2026-11-${day}T03:00:00.000Z`;
    await store.startExecution({
      ...{ executionId, nominalDay: `2026-11-${day}`, startedAtUtc },
      cities: [{ city, listingLimit: null }],
    });
    await store.startCity({ executionId, city, startedAtUtc });
    const listings = ['1', '2', '3', '4'].map((id) => ({
      ...listingWrite(id, {
        fields: { priceEur: isDrifted ? null : 100_000 + day },
        executionId,
        fetchedAtUtc: `2026-11-${day}T04:00:00.000Z`,
      }),
      issues: [{ code: 'OUTSIDE_BOUNDS', field: 'latitude', message: 'far away', cost: 0.1 }] as const,
      dataQualityScore: id === '1' ? 0.7 : 0.9,
    }));
    await store.commit(writesOf({ listings }));
    await store.measureCity({ executionId, city }, limits);
    const quarantine = { executionId, city, reason, drifts: [], openedAtUtc: `2026-11-${day}T05:00:00.000Z` };
    if (isDrifted) await store.quarantineCity(quarantine);
    const judged = { isQuarantined: isDrifted, drift: isDrifted ? reason : '66 fields of 4 pages are as usual' };
    await store.saveCityReceipt(receiptOf({ executionId, startedAtUtc, discovered: 4, ...judged }), null);
  }
  await database.close();
});

afterAll(() => folder.remove());

describe('oikotie quality', () => {
  it('shows what has fallen, the scores, and what is in quarantine', async () => {
    const { io, texts } = terminal({ columns: 80 });

    const code = await runQuality({ databasePath, json: false, limits }, io);

    expect(code).toBe(1);
    expect(texts.stdout.split('\n').slice(0, 8)).toEqual([
      'Helsinki: daily-2026-11-20, complete, in quarantine',
      '  history   price_eur of sales fell from 100% to 0% of the pages (4 pages;',
      '            median of 3 runs)',
      '  scores    0.85 on average over 4 listings on offer, lowest 0.70; 1 below 0.80',
      '  flagged   OUTSIDE_BOUNDS 4',
      '  field               now  usual  pages  runs',
      '  price_eur            0%   100%      4     3',
      '  address            100%   100%      4     3',
    ]);
    expect(texts.stdout).toContain('Helsinki in daily-2026-11-19: 4 listings in quarantine, since 2026-11-19\n');
  });

  it.each([40, 80])('fits into %d columns', async (columns) => {
    const { io, texts } = terminal({ columns });

    await runQuality({ databasePath, json: false, limits }, io);

    expect(Math.max(...texts.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
  });

  it('gives all of it as JSON, in any spelling of the city, and refuses a city that is not stored', async () => {
    const { io, texts } = terminal();

    expect(await runQuality({ databasePath, city: 'helsinki', json: true, limits }, io)).toBe(1);
    const report = JSON.parse(texts.stdout);
    expect(report.cities[0].run.coverage).toContainEqual({
      ...{ dealType: 'sale', field: 'price_eur', pages: 4, present: 0 },
      ...{ usualShare: 1, runs: 3 },
    });
    expect(report.cities[0].flags).toEqual([{ code: 'OUTSIDE_BOUNDS', field: 'latitude', listings: 4 }]);
    expect(report.openQuarantines).toHaveLength(2);

    expect(await runQuality({ databasePath, city: 'Hki', json: true, limits }, io)).toBe(2);
    expect(texts.stderr).toBe('--city: expected a city of which something is stored, got "Hki"\n');
  });
});

describe('oikotie quarantine', () => {
  const optionsOf = (json = false) => ({ config, databasePath, json });
  const decision = (day: number, action: 'release' | 'discard') => ({ executionId: idOf(day), city, action });

  it('discards one and releases the other, each once, and records both', async () => {
    const { io, texts } = terminal();

    expect(await runQuarantineDecision(optionsOf(), decision(20, 'discard'), io)).toBe(0);
    expect(await runQuarantineDecision(optionsOf(true), decision(19, 'release'), io)).toBe(0);
    expect(await runQuarantineDecision(optionsOf(), decision(19, 'release'), io)).toBe(2);

    expect(texts.stdout).toContain('Helsinki: the changes of 4 listings in daily-2026-11-20 are discarded\n');
    expect(JSON.parse(texts.stdout.slice(texts.stdout.indexOf('{')))).toEqual({
      ...decision(19, 'release'),
      ...{ listings: 4, released: 4 },
    });
    expect(texts.stderr).toContain(
      'expected an open one, got one that is released; "oikotie quarantine list" shows them',
    );
    expect(await queryRows(databasePath, 'select count(price_eur) as n from listings')).toEqual([{ n: 0 }]);
    const audited = 'select type, execution_id as id from audit_log order by id, type';
    expect(await queryRows(databasePath, audited)).toEqual([
      { type: 'OPERATOR_ACTION', id: idOf(19) },
      { type: 'QUARANTINE', id: idOf(19) },
      { type: 'OPERATOR_ACTION', id: idOf(20) },
      { type: 'QUARANTINE', id: idOf(20) },
    ]);
    const logs = join(folder.path, 'logs');
    const [file = ''] = readdirSync(logs);
    expect(readFileSync(join(logs, file), 'utf8').match(/type=QUARANTINE severity=INFO city=Helsinki/g)).toHaveLength(
      2,
    );
    expect(await listQuarantines(optionsOf(), io)).toBe(0);
    expect(texts.stdout).toContain('Helsinki in daily-2026-11-19: 4 listings released (4 applied), since 2026-11-19\n');
  });

  it('makes no database where there is none', async () => {
    const { io, texts } = terminal();
    const nowhere = { ...optionsOf(), databasePath: join(folder.path, 'none.duckdb') };

    expect(await runQuarantineDecision(nowhere, decision(19, 'release'), io)).toBe(3);

    expect(texts.stderr).toContain('none.duckdb');
    expect(readdirSync(folder.path)).not.toContain('none.duckdb');
  });
});
