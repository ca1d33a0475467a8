/**
 * Faults in a whole run of one city: each ends in the right row of failed_listings or in a retry that succeeds, never in a
 * wrong record of another listing and never in a crash. fault-matrix.test.ts plays them all, with tries and breakers.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultInput } from '../../simulator/faults.ts';
import { listingFieldNames } from '../../src/listings/fields.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

const rigs: Rig[] = [];

async function rigWith(fault: FaultInput, listings = 12): Promise<Rig> {
  const rig = await createRig({ helsinki: listings });
  rigs.push(rig);
  rig.simulator.faults.add(fault);
  return rig;
}

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function failures(rig: Rig) {
  return queryRows(
    rig.config.databasePath,
    'select job_kind, category, code, attempts, status, count(*) as n from failed_listings group by all order by all',
  );
}

/** Whatever happened, what is stored is true. */
async function expectOnlyTruth(rig: Rig): Promise<number> {
  const stored = await storedRecords(rig.config.databasePath);
  const truth = new Map(
    rig.simulator.world.truth('Helsinki', 'sale', rig.simulator.origin).map((record) => [record.listingId, record]),
  );
  for (const [listingId, record] of stored) {
    for (const field of listingFieldNames) {
      expect.soft(record[field], `${listingId} ${field}`).toEqual(truth.get(listingId)?.[field]);
    }
  }
  return stored.size;
}

describe('a fault of one listing page for good', () => {
  it.each([
    ['http_500', {}, { category: 'SERVER_ERROR', attempts: 3, status: 500 }],
    ['huge_body', {}, { category: 'PARSING_ERROR', code: 'BODY_TOO_LARGE', attempts: 1 }],
    ['redirect_elsewhere', { variant: 'evil' }, { category: 'PARSING_ERROR', code: 'REDIRECT_REFUSED', attempts: 1 }],
    ['removed', { variant: 'poistunut' }, { category: 'GONE', code: 'LISTING_REMOVED', attempts: 1, status: 200 }],
    ['removed', { variant: 'myyty' }, { category: 'GONE', code: 'LISTING_SOLD', attempts: 1, status: 200 }],
  ] as const)('%s %o ends in its row: %o', async (type, options, row) => {
    const rig = await rigWith({ type, kinds: ['listing'], everyNth: 1, ...options });
    const [victim] = rig.simulator.world.truth('Helsinki', 'sale');
    rig.simulator.faults.clear();
    rig.simulator.faults.add({ type, kinds: ['listing'], listingIds: [victim?.listingId ?? ''], ...options });

    const result = await rig.run();

    expect(await failures(rig)).toMatchObject([{ job_kind: 'listing', n: 1, ...row }]);
    expect(await expectOnlyTruth(rig)).toBe(11);
    const isGone = row.category === 'GONE';
    expect(result.cities).toMatchObject([{ removed: isGone ? 1 : 0, failed: isGone ? 0 : 1, new: 11 }]);
    expect(result.status).toBe(isGone ? 'completed' : 'degraded');
  });
});

describe('a fault that passes', () => {
  it.each([
    ['http_500', 'listing', {}],
    ['http_503_retry_after', 'listing', { retryAfterSeconds: 0 }],
    ['http_429', 'listing', { retryAfterSeconds: 0 }],
    ['http_429', 'search', { retryAfterSeconds: 1, retryAfterAsDate: true }],
    ['connection_reset', 'listing', {}],
    ['hang', 'listing', {}],
    ['truncated', 'search', { variant: 'short_body' }],
    ['http_401', 'search', {}],
    ['http_403', 'search', {}],
    ['error_envelope', 'search', {}],
    ['http_500', 'search', {}],
    ['http_500', 'session', {}],
    ['slow', 'listing', { delayMs: 200 }],
  ] as const)('%s of a %s request %o costs a retry and no listing', async (type, kind, options) => {
    const rig = await rigWith({ type, kinds: [kind], times: 1, ...options });

    const result = await rig.run();

    expect(await failures(rig)).toEqual([]);
    expect(result).toMatchObject({ status: 'completed', new: 12 });
    expect(await expectOnlyTruth(rig)).toBe(12);
  });
});

describe('a fault of the search for good', () => {
  it.each([
    ['error_envelope', 'WRONG_PAGE'],
    ['error_state', 'WRONG_PAGE'],
    ['http_500', 'SERVER_ERROR'],
    ['block_page', 'BLOCKED'],
    ['malformed', 'PARSING_ERROR'],
  ] as const)('%s leaves a failed city and nothing gone', async (type, category) => {
    const rig = await createRig({ helsinki: 12 });
    rigs.push(rig);
    await rig.run();
    rig.simulator.faults.add({ type, kinds: ['search'] });

    const result = await rig.run();

    expect(await failures(rig)).toMatchObject([{ job_kind: 'search-page', category }]);
    expect(result).toMatchObject({ status: 'failed', goneCandidates: 0, successfulCities: 0 });
    expect(await expectOnlyTruth(rig)).toBe(12);
  });

  it('leaves a partial city when a later page cannot be read', async () => {
    const rig = await createRig({ helsinki: 60 });
    rigs.push(rig);
    rig.simulator.faults.add({ type: 'http_500', kinds: ['search'], everyNth: 2 });

    const result = await rig.run();

    expect(['degraded', 'completed']).toContain(result.status);
    const [receipt] = result.cities;
    expect(receipt?.verdict === 'complete').toBe(receipt?.discovered === 60 && receipt.failed === 0);
    await expectOnlyTruth(rig);
  });
});

describe('cards that are not ours', () => {
  it('are dropped and counted, and never fetched', async () => {
    const rig = await rigWith({ type: 'foreign_city', kinds: ['search'], count: 3 });

    const result = await rig.run();

    expect(result.cities[0]?.foreignCards).toBeGreaterThan(0);
    await expectOnlyTruth(rig);
  });

  it('make the city foreign when its location id is of another municipality', async () => {
    const rig = await createRig({ helsinki: 12, espoo: 12 });
    rigs.push(rig);
    const espoo = rig.config.tasks.find(({ city }) => city === 'Espoo');
    const wrongUrl = espoo?.url.replace(/39(,|%2C)/i, '64$1') ?? '';

    const result = await rig.run({ cities: ['Espoo'], url: wrongUrl });

    expect(result.cities).toMatchObject([{ verdict: 'foreign', new: 0, goneCandidates: 0 }]);
    expect(result.status).toBe('failed');
  });
});

describe('a list that moves while it is read', () => {
  it('stores each listing once and calls nothing complete that was not seen', async () => {
    const rig = await rigWith({ type: 'shifting_pages', kinds: ['search'], count: 2 }, 80);

    const result = await rig.run();

    const [receipt] = result.cities;
    expect(receipt?.verdict === 'complete').toBe(receipt?.discovered === 80);
    expect(await expectOnlyTruth(rig)).toBe(receipt?.discovered);
  });
});

describe('a page in the wrong charset or with a renamed label', () => {
  it('never stores garbled text', async () => {
    const rig = await rigWith({ type: 'wrong_charset', kinds: ['listing'], variant: 'latin1_as_utf8' });

    await rig.run();

    expect(await expectOnlyTruth(rig)).toBe(0);
    expect(await failures(rig)).toMatchObject([{ category: 'PARSING_ERROR', n: 12 }]);
  });

  it('keeps the renamed label among the others and leaves its field empty', async () => {
    const rig = await rigWith({ type: 'renamed_label', label: 'Kunto', renamedTo: 'Asunnon tila' });

    await rig.run();

    const [row] = await queryRows(
      rig.config.databasePath,
      `select count(condition) as conditions, count(*) filter (other_details_json like '%Asunnon tila%') as renamed from listings`,
    );
    expect(row?.['conditions']).toBe(0);
    expect(Number(row?.['renamed'])).toBeGreaterThan(0);
  });
});
