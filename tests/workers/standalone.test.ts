import { afterEach, describe, expect, it } from 'vitest';
import { boundsOfNominalDay, nominalDayOf, systemClock, toUtcIso } from '../../src/clock.ts';
import { listingFieldNames } from '../../src/listings/fields.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { arrivalJitterMs, worstWindow } from '../worst-window.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

describe('standalone run', () => {
  const rigs: Rig[] = [];

  async function rig(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
    const created = await createRig(options);
    rigs.push(created);
    return created;
  }

  afterEach(async () => {
    for (const each of rigs.splice(0)) await each.close();
  });

  it('stores every listing of every city with every typed column as the portal truly has it', async () => {
    const { simulator, config, run } = await rig({ helsinki: 150, espoo: 60, tampereRentals: 60 });

    const result = await run();

    expect(result).toMatchObject({ status: 'completed', successfulCities: 3, totalCities: 3, new: 270, failed: 0 });
    const stored = await storedRecords(config.databasePath);
    const truth = [
      ...simulator.world.truth('Helsinki', 'sale', simulator.origin),
      ...simulator.world.truth('Espoo', 'sale', simulator.origin),
      ...simulator.world.truth('Tampere', 'rent', simulator.origin),
    ];
    expect(stored.size).toBe(truth.length);
    for (const record of truth) {
      for (const field of listingFieldNames) {
        expect.soft(stored.get(record.listingId)?.[field], `${record.listingId} ${field}`).toEqual(record[field]);
      }
    }
  });

  it('closes each city with a receipt whose sums add up', async () => {
    const { config, run } = await rig({ helsinki: 50, espoo: 30 });

    await run();

    const receipts = await queryRows(config.databasePath, 'select * from city_executions order by city');
    expect(receipts).toMatchObject([
      { city: 'Espoo', verdict: 'complete', reason: null, portal_total_start: 30, discovered: 30, new: 30 },
      { city: 'Helsinki', verdict: 'complete', reason: null, portal_total_start: 50, discovered: 50, new: 50 },
    ]);
  });

  it('collects cities by priority, one after another', async () => {
    const { simulator, run } = await rig({ helsinki: 30, espoo: 30 });

    await run();

    const cities = simulator.requestLog.entries().flatMap(({ kind, city }) => (kind === 'listing' ? [city] : []));
    expect(cities.lastIndexOf('Helsinki')).toBeLessThan(cities.indexOf('Espoo'));
  });

  it('says on the second run that nothing has changed', async () => {
    const { run } = await rig({ helsinki: 40 });

    const first = await run();
    const second = await run();

    expect(first).toMatchObject({ new: 40, unchanged: 0 });
    expect(second).toMatchObject({ new: 0, changed: 0, unchanged: 40, status: 'completed' });
    expect(second.executionId).toBe(`${first.executionId}-2`);
  });

  it('sees what a day has changed, and marks gone what two runs have not seen', async () => {
    const { simulator, config, run } = await rig({ helsinki: 120 });
    await run();

    const events = simulator.world.advanceDay();
    const second = await run();

    const ofHelsinki = (kinds: readonly string[]) =>
      new Set(
        events
          .filter(({ city, type }) => city === 'Helsinki' && kinds.includes(type))
          .map(({ listingId }) => listingId),
      );
    expect(second.new).toBe(ofHelsinki(['new', 'relisted']).size);
    expect(second.changed).toBeGreaterThan(0);
    expect(second.goneCandidates).toBe(ofHelsinki(['removed', 'sold', 'relisted']).size);
    const stored = await storedRecords(config.databasePath);
    for (const record of simulator.world.truth('Helsinki', 'sale', simulator.origin)) {
      expect.soft(stored.get(record.listingId)?.priceEur, record.listingId).toEqual(record.priceEur);
    }
    const goneIds = 'select listing_id from listings where gone_at is not null order by listing_id';
    expect(await queryRows(config.databasePath, goneIds)).toEqual([]);
    const third = await run();
    const left = events
      .filter(({ city, type }) => city === 'Helsinki' && ['removed', 'sold', 'relisted'].includes(type))
      .map(({ listingId, formerListingId }) => formerListingId ?? listingId)
      .sort();
    expect(third).toMatchObject({ gone: left.length, goneWaiting: 0, new: 0, unfetched: third.unchanged });
    expect(await queryRows(config.databasePath, goneIds)).toEqual(left.map((id) => ({ listing_id: id })));
    const links = 'select listing_id, earlier_listing_id from listing_links order by listing_id';
    const relisted = events.filter(({ city, type }) => city === 'Helsinki' && type === 'relisted');
    expect(await queryRows(config.databasePath, links)).toEqual(
      relisted.map(({ listingId, formerListingId }) => ({
        listing_id: listingId,
        earlier_listing_id: formerListingId,
      })),
    );
    expect(relisted).not.toEqual([]);
  });

  it('keeps to the listing limit and says so', async () => {
    const { run } = await rig({ helsinki: 60 });

    const result = await run({ listingLimit: 10 });

    expect(result).toMatchObject({ status: 'completed', new: 10 });
    expect(result.cities).toMatchObject([{ verdict: 'partial', reason: 'listing limit 10 of 60', skipped: 14 }]);
  });

  it('logs every request that left, tokens and robots.txt included', async () => {
    const { simulator, config, run } = await rig({ helsinki: 30 });

    const result = await run();

    const logged = await queryRows(
      config.databasePath,
      'select kind, count(*) as n from request_log group by kind order by kind',
    );
    expect(logged).toMatchObject([
      { kind: 'listing', n: 30 },
      { kind: 'robots', n: 1 },
      { kind: 'search', n: 2 },
      { kind: 'session', n: 1 },
    ]);
    expect(simulator.requestLog.entries()).toHaveLength(34);
    expect(result.requests).toBe(34);
  });

  it('never asks faster than allowed, whatever the request is for', async () => {
    const requestsPerSecond = 40;
    const { simulator, config, run } = await rig({ helsinki: 80, requestsPerSecond });

    const result = await run();

    expect(result.status).toBe('completed');
    const log = await queryRows(
      config.databasePath,
      'select epoch_ms(sent_at) as at from request_log order by sent_at',
    );
    expect(
      worstWindow(
        log.map(({ at }) => Number(at)),
        1_000,
      ),
    ).toBeLessThanOrEqual(requestsPerSecond);
    const arrivals = simulator.requestLog.entries().map(({ at }) => at);
    expect(worstWindow(arrivals, 1_000 - arrivalJitterMs)).toBeLessThanOrEqual(requestsPerSecond);
    expect(arrivals).toHaveLength(log.length);
  });

  it('names itself honestly and never follows the hidden link', async () => {
    const { simulator, run } = await rig({ helsinki: 10 });

    await run();

    const entries = simulator.requestLog.entries();
    expect(new Set(entries.map(({ userAgent }) => userAgent)).size).toBe(1);
    expect(entries[0]?.userAgent).toMatch(/^oikotie-collector\/\d+\.\d+\.\d+ \(.*test@example\.org\)$/);
    expect(entries.filter(({ kind }) => kind === 'trap')).toEqual([]);
  });

  it('stops cleanly when told to, and the next run goes on without losing or doubling', async () => {
    const { simulator, config, run } = await rig({ helsinki: 80, requestsPerSecond: 25 });
    const stop = new AbortController();

    const stoppedAt = await new Promise<number>((resolve, reject) => {
      const onProgress: Parameters<typeof run>[0] = {
        signal: stop.signal,
        onProgress: ([city]) => {
          if ((city?.settled ?? 0) >= 10) stop.abort();
        },
      };
      run(onProgress).then(
        (result) => (result.status === 'interrupted' ? resolve(result.new) : reject(new Error(result.status))),
        reject,
      );
    });
    const before = simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length;
    const result = await run();

    expect(stoppedAt).toBeGreaterThanOrEqual(10);
    expect(stoppedAt).toBeLessThan(80);
    expect(result).toMatchObject({ status: 'completed', new: 80 });
    expect(result.executionId).toMatch(/^daily-\d{4}-\d{2}-\d{2}$/);
    const after = simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length;
    expect(after - before).toBe(80 - stoppedAt);
    expect(await storedRecords(config.databasePath)).toHaveProperty('size', 80);
  });

  it('closes what an earlier day left open, and goes on with what is left of today', async () => {
    const { config, run } = await rig({ helsinki: 3 });
    const today = nominalDayOf(Date.now());
    const open = [today, '2026-01-02'].map((nominalDay) => ({ executionId: `daily-${nominalDay}`, nominalDay }));
    const database = await openDatabase({ path: config.databasePath, mode: 'write', ...config.database });
    const store = createSeriesStore({ database, clock: systemClock });
    for (const each of open) {
      const cities = [{ city: 'Helsinki', listingLimit: null }];
      const startedAtUtc = toUtcIso(boundsOfNominalDay(each.nominalDay).fromMs);
      await store.startExecution({ ...each, cities, startedAtUtc });
    }
    await database.close();

    const result = await run();

    expect(result).toMatchObject({ executionId: `daily-${today}`, status: 'completed', new: 3 });
    const query = 'select execution_id as id, status from executions order by nominal_day';
    expect(await queryRows(config.databasePath, query)).toEqual([
      { id: 'daily-2026-01-02', status: 'interrupted' },
      { id: `daily-${today}`, status: 'completed' },
    ]);
  });
});
