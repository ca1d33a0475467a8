/** The politeness page as a person gets it, and its exit codes. */

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPoliteness } from '../../cli/politeness.ts';
import { createProgram } from '../../cli/program.ts';
import { systemClock } from '../../src/clock.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from '../storage/samples.ts';
import { createFolder, executionId, openForWriting, requestEntry, writesOf } from '../storage/samples.ts';
import { terminal } from './terminal-texts.ts';

let folder: TestFolder;
let databasePath: string;

beforeEach(() => {
  folder = createFolder();
  databasePath = join(folder.path, 'series.duckdb');
});

afterEach(() => folder.remove());

/** Requests for Helsinki at these milliseconds after 06:00 in Helsinki, under a limit of one a second. */
async function storeRequests(sentMs: readonly number[]): Promise<void> {
  const database = await openForWriting(databasePath);
  const store = createSeriesStore({ database, clock: systemClock });
  const startMs = Date.UTC(2026, 10, 21, 4);
  const limit = { executionId, fromUtc: new Date(startMs - 1).toISOString() };
  store.recordLimit({ ...limit, city: null, intervalMs: 500, slowDown: 1, dailyRequestBudget: 50_000 });
  store.recordLimit({ ...limit, city: 'Helsinki', intervalMs: 1000, slowDown: 4, dailyRequestBudget: null });
  store.recordRobots({ decidedAtUtc: limit.fromUtc, executionId, city: 'Helsinki', decision: 'allowed' });
  for (const ms of sentMs) {
    store.recordRequest(requestEntry({ sentAtUtc: new Date(startMs + ms).toISOString(), bodyBytes: 76_500 }));
  }
  await store.commit(writesOf({}));
  await database.close();
}

describe('oikotie politeness', () => {
  it('prints a page of at most 80 characters a line with what held and what was done', async () => {
    await storeRequests([0, 1012, 2024, 65_000]);
    const { io, texts } = terminal();

    const code = await runPoliteness({ databasePath, json: false }, io);

    expect(code).toBe(0);
    const lines = texts.stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.slice(0, 3)).toEqual([
      'How politely the portal was asked on 2026-11-21 (Helsinki time)',
      '',
      'Within every limit.',
    ]);
    const helsinki = lines.indexOf('Helsinki');
    expect(lines.slice(helsinki, helsinki + 14)).toEqual([
      'Helsinki',
      '  requests        4, from 06:00:00 to 06:01:05',
      '  limit           one request every 1 s',
      '  worst window    1 where 1 is allowed: within the limit',
      '  smallest gap    1.012 s',
      '  busiest 60 s    3 of 60 allowed',
      '  per minute      at most 3; 3 or fewer in 95 of 100 minutes',
      '  longest pause   62.976 s',
      '  slowed down     up to 4 times, first at 05:59:59',
      '  daily budget    none',
      '  refusals        429: 0, 403: 0',
      '  failures        5xx: 0, no answer: 0',
      '  answers         306 kB, 12.5 ms each on average',
      '  robots.txt      allowed 1, disallowed and not made 0',
    ]);
  });

  it('says so, and ends with 1, when a window was above its limit', async () => {
    await storeRequests([0, 1012, 1900]);
    const { io, texts } = terminal();

    const code = await runPoliteness({ databasePath, json: false }, io);

    expect(code).toBe(1);
    expect(texts.stdout).toContain('\nABOVE THE LIMIT: Helsinki\n');
    expect(texts.stdout).toContain('worst window    2 where 1 is allowed: ABOVE THE LIMIT\n  smallest gap    888 ms\n');
  });

  it('says which days there are when nothing is known of one, and when a city was not asked', async () => {
    await storeRequests([0]);
    const other = terminal();
    const elsewhere = terminal();

    const codes = [
      await runPoliteness({ databasePath, day: '2026-11-01', json: false }, other.io),
      await runPoliteness({ databasePath, city: 'Oulu', json: false }, elsewhere.io),
    ];

    expect(codes).toEqual([0, 0]);
    expect(other.texts.stdout.replaceAll('\n', ' ')).toContain('There are some from 2026-11-21 to 2026-11-21.');
    expect(elsewhere.texts.stdout).toContain('Nothing was asked for Oulu.');
    expect(elsewhere.texts.stdout).not.toContain('\nHelsinki\n');
  });

  it('gives the numbers as JSON', async () => {
    await storeRequests([0, 1012]);
    const { io, texts } = terminal();

    const code = await runPoliteness({ databasePath, json: true, city: 'helsinki' }, io);

    expect(code).toBe(0);
    expect(JSON.parse(texts.stdout)).toMatchObject({
      day: '2026-11-21',
      detail: 'requests',
      scopes: [
        { city: null },
        { city: 'Helsinki', requests: 2, spacing: { isWithinLimit: true, smallestGapMs: 1012 } },
      ],
    });
  });

  it.each(['2026-02-30', '21.11.2026', 'today'])('refuses %s as a day', async (day) => {
    const { io, texts } = terminal();

    const code = await createProgram(io, '0.0.0').run(['politeness', '--day', day, '--database', databasePath]);

    expect(code).toBe(2);
    expect(texts.stderr).toContain(`expected a day such as 2026-11-22, got "${day}"`);
  });
});
