/** The politeness ledger in a real database: old requests added up, days counted, a day read as it was recorded. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RequestLogEntry } from '../../src/crawl/request-log.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { Database } from '../../src/storage/database.ts';
import type { PolitenessQuery } from '../../src/storage/politeness-reader.ts';
import { readPolitenessDay } from '../../src/storage/politeness-reader.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, executionId, openForWriting, requestEntry, rowsOf, writesOf } from './samples.ts';

const dayMs = 86_400_000;
/** 10:00 in Helsinki. */
const nowMs = Date.UTC(2026, 10, 21, 8);
const result = {
  executionId,
  nominalDay: '2026-11-21',
  status: 'completed',
  successfulCities: 0,
  totalCities: 0,
  new: 0,
  changed: 0,
  unchanged: 0,
  unfetched: 0,
  goneCandidates: 0,
  gone: 0,
  returned: 0,
  goneWaiting: 0,
  failed: 0,
  requests: 0,
  executionTimeSeconds: 1,
  missingParts: [],
  cities: [],
} as const;

let folder: TestFolder;
let database: Database;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

/** A store that has just started the execution; it keeps single requests for two days. */
async function startStore(requestLogDays = 2): Promise<SeriesStore> {
  const store = createSeriesStore({ database, clock: createFakeClock(nowMs), requestLogDays });
  await store.startExecution({ executionId, nominalDay: '2026-11-21', cities: [], startedAtUtc: at(0) });
  return store;
}

/** ISO text of a moment `ms` after now. */
function at(ms: number): string {
  return new Date(nowMs + ms).toISOString();
}

const readDay = (query: PolitenessQuery) => readPolitenessDay(database, query, nowMs);

const sums = `SELECT count(*)::INTEGER AS groups, sum(requests)::INTEGER AS requests, sum(bytes)::DOUBLE AS bytes,
    round(sum(ms), 3) AS ms
  FROM (SELECT 1 AS requests, body_bytes AS bytes, duration_ms AS ms FROM request_log
    UNION ALL SELECT requests, body_bytes, duration_ms FROM request_log_minutes)`;

describe('adding old requests up per minute', () => {
  const entry: fc.Arbitrary<Partial<RequestLogEntry>> = fc.record({
    sentAtUtc: fc.integer({ min: -5 * dayMs, max: 0 }).map(at),
    city: fc.constantFrom(null, 'Helsinki', 'Espoo'),
    kind: fc.constantFrom('robots', 'search', 'listing'),
    status: fc.constantFrom(null, 200, 429, 500),
    durationMs: fc.integer({ min: 0, max: 30_000 }),
    bodyBytes: fc.integer({ min: 0, max: 5_000_000 }),
    errorCategory: fc.constantFrom(null, 'TIMEOUT', 'SERVER_ERROR'),
  });

  it('loses and doubles nothing, keeps the last days as they are, and changes nothing when done again', async () => {
    const store = await startStore();
    const entries = fc.sample(entry, { numRuns: 500, seed: 7 });
    for (const each of entries) store.recordRequest(requestEntry(each));
    await store.commit(writesOf({}));
    const [before] = await rowsOf(database, sums);

    await store.saveExecutionResult(result, at(0));
    const [after] = await rowsOf(database, sums);
    await store.saveExecutionResult(result, at(0));
    const [again] = await rowsOf(database, sums);

    const { groups: _rows, ...total } = before ?? {};
    expect(total).toMatchObject({ requests: 500 });
    expect(after).toMatchObject(total);
    expect(again).toEqual(after);
    // Two days back from 21 November is the 19th, which begins at 22:00 UTC of the 18th.
    const kept = entries.filter(({ sentAtUtc = '' }) => sentAtUtc >= '2026-11-18T22:00:00.000Z').length;
    const left = await rowsOf(database, 'SELECT count(*)::INTEGER AS n FROM request_log');
    expect(left).toEqual([{ n: kept }]);
    expect(kept).toBeGreaterThan(100);
    expect(kept).toBeLessThan(400);
  });

  it('keeps requests of one minute apart by what they were and how they ended', async () => {
    const store = await startStore();
    const sentAtUtc = at(-4 * dayMs);
    for (const status of [200, 200, 500, null]) {
      store.recordRequest(requestEntry({ sentAtUtc, status, durationMs: 10, bodyBytes: 7 }));
    }

    await store.saveExecutionResult(result, at(0));

    const rows = await rowsOf(
      database,
      'SELECT status, requests, duration_ms AS ms, body_bytes::INTEGER AS bytes FROM request_log_minutes ORDER BY status',
    );
    expect(rows).toEqual([
      { status: 200, requests: 2, ms: 20, bytes: 14 },
      { status: 500, requests: 1, ms: 10, bytes: 7 },
      { status: null, requests: 1, ms: 10, bytes: 7 },
    ]);
  });
});

describe('the requests of a day', () => {
  it('are those of the day in Helsinki, single ones and added up ones together', async () => {
    const store = await startStore();
    store.recordRequest(requestEntry({ sentAtUtc: '2026-11-20T21:59:59.999Z' }));
    store.recordRequest(requestEntry({ sentAtUtc: '2026-11-20T22:00:00.000Z' }));
    store.recordRequest(requestEntry({ sentAtUtc: '2026-11-21T03:00:00.000Z', city: null, kind: 'robots' }));
    store.recordRequest(requestEntry({ sentAtUtc: '2026-11-21T03:00:01.000Z', city: 'Espoo' }));
    await store.commit(writesOf({}));
    await database.use((session) =>
      session.run(
        `INSERT INTO request_log_minutes VALUES ('2026-11-21 01:00', 'x', 'Espoo', 'listing', 200, NULL, 'n', 40, 1, 1)`,
      ),
    );

    const day = await store.requestsOfDay('2026-11-21');

    expect(day).toMatchObject({ requests: 43, lastSentAtMs: Date.parse('2026-11-21T03:00:01Z') });
    expect(day.cities).toHaveLength(2);
    expect(day.cities).toContainEqual({
      city: 'Espoo',
      requests: 41,
      lastSentAtMs: Date.parse('2026-11-21T03:00:01Z'),
    });
  });
});

describe('the politeness of a day', () => {
  /** Requests for Helsinki at these milliseconds of the morning, under these limits. */
  async function record(sentMs: readonly number[], limits: readonly { atMs: number; intervalMs: number }[]) {
    const store = await startStore();
    for (const { atMs, intervalMs } of limits) {
      const limit = { fromUtc: at(atMs), executionId, intervalMs, slowDown: 1, dailyRequestBudget: 500 };
      store.recordLimit({ ...limit, city: 'Helsinki' });
      store.recordLimit({ ...limit, city: null, intervalMs: 0 });
    }
    for (const ms of sentMs) store.recordRequest(requestEntry({ sentAtUtc: at(ms) }));
    await store.commit(writesOf({}));
    return (await readDay({})).scopes.find(({ city }) => city === 'Helsinki');
  }

  it.each([
    ['an interval apart', [0, 1000, 2000], [{ atMs: -10, intervalMs: 1000 }], true, 1],
    ['a millisecond too close', [0, 1000, 1999, 2999], [{ atMs: -10, intervalMs: 1000 }], false, 2],
    ['a part of a millisecond apart that is cut off', [0, 333, 667], [{ atMs: -10, intervalMs: 1000 / 3 }], true, 1],
    ['three at once', [0, 1000, 1001, 1002, 5000], [{ atMs: -10, intervalMs: 1000 }], false, 3],
    [
      'slower from when the limit was',
      [0, 500, 1000, 3000],
      [
        { atMs: -10, intervalMs: 500 },
        { atMs: 1500, intervalMs: 2000 },
      ],
      true,
      1,
    ],
    [
      'as close as before when the limit became wider',
      [0, 500, 1000, 1500],
      [
        { atMs: -10, intervalMs: 500 },
        { atMs: 1100, intervalMs: 2000 },
      ],
      false,
      4,
    ],
  ])('judges requests by the limit in force when they left: %s', async (_what, sent, limits, isWithinLimit, worst) => {
    const city = await record(sent, limits);

    expect(city?.spacing).toMatchObject({ isWithinLimit, worstWindow: worst });
  });

  it('finds the smallest gap, the longest pause and the busiest 60 seconds', async () => {
    const city = await record([0, 1000, 61_000, 62_000, 63_500], [{ atMs: -1, intervalMs: 900 }]);

    expect(city).toMatchObject({
      requests: 5,
      firstAtUtc: at(0),
      lastAtUtc: at(63_500),
      longestPauseMs: 60_000,
      perMinute: { max: 3, p95: 3 },
      spacing: { smallestGapMs: 1000, busiestMinute: 3 },
      limits: [{ intervalMs: 900, dailyRequestBudget: 500 }],
    });
  });

  it('says that it cannot judge a day without recorded limits', async () => {
    expect((await record([0, 1], []))?.spacing).toBeNull();
  });

  it('counts answers and decisions of robots.txt by city and in all, over several writes', async () => {
    const store = await startStore();
    const decided = { decidedAtUtc: at(0), executionId };
    for (const status of [200, 429, 403, 500, 503, null]) store.recordRequest(requestEntry({ status }));
    store.recordRequest(requestEntry({ city: 'Espoo', status: 429 }));
    store.recordRequest(requestEntry({ city: null, kind: 'robots' }));
    for (let write = 0; write < 2; write += 1) {
      store.recordRobots({ ...decided, city: 'Helsinki', decision: 'allowed' });
      store.recordRobots({ ...decided, city: 'Helsinki', decision: 'disallowed' });
      store.recordRobots({ ...decided, city: null, decision: 'unavailable' });
      await store.commit(writesOf({}));
    }

    const { scopes } = await readDay({ day: '2026-11-21', city: 'helsinki' });

    expect(scopes).toMatchObject([
      {
        city: null,
        requests: 8,
        answers: { status429: 2, status403: 1, status5xx: 2, none: 1 },
        robots: { allowed: 2, disallowed: 2, unavailable: 2 },
      },
      {
        city: 'Helsinki',
        requests: 6,
        answers: { status429: 1, status403: 1, status5xx: 2, none: 1 },
        robots: { allowed: 2, disallowed: 2, unavailable: 0 },
      },
    ]);
  });

  it('keeps counts, bytes and rates of a day that was added up, and says what it cannot know any more', async () => {
    const store = await startStore();
    for (let n = 0; n < 90; n += 1) store.recordRequest(requestEntry({ sentAtUtc: at(-5 * dayMs + n * 1000) }));
    await store.commit(writesOf({}));
    const before = await readDay({ day: '2026-11-16' });

    await store.saveExecutionResult(result, at(0));
    const after = await readDay({ day: '2026-11-16' });

    expect(before.detail).toBe('requests');
    expect(after.detail).toBe('minutes');
    const { spacing, longestPauseMs, lastAtUtc: _last, ...kept } = after.scopes[0] ?? {};
    expect([spacing, longestPauseMs]).toEqual([null, null]);
    expect(before.scopes[0]).toMatchObject(kept);
    expect(kept).toMatchObject({ requests: 90, perMinute: { max: 60, p95: 60 } });
  });

  it('says of a day without requests which days there are', async () => {
    await record([0], []);

    expect(await readDay({ day: '2026-11-01' })).toEqual({
      day: '2026-11-01',
      detail: 'none',
      scopes: [],
      knownDays: { first: '2026-11-21', last: '2026-11-21' },
    });
  });
});
