/**
 * Two weeks of daily runs with an outage, a stopped run, drift, a foreign city, shifting lists, failing pages, a clock that
 * jumps back, a vanishing third and the end of summer time: afterwards every table says what the portal truly had, and
 * nothing was asked for that the cards made unnecessary.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ListingRecord } from '../../src/listings/fields.ts';
import type { CityName, Memory } from './fortnight/days.ts';
import { cityNames } from './fortnight/days.ts';
import type { PlayedDay, Truth } from './fortnight/play.ts';
import { playFortnight } from './fortnight/play.ts';
import type { Rig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

let rig: Rig;
let played: readonly PlayedDay[] = [];
let memory: Memory = new Map();
const report: string[] = [];

beforeAll(async () => {
  ({ rig, played, memory } = await playFortnight());
}, 200_000);
afterAll(async () => {
  await rig.close();
  process.stdout.write(report.join(''));
});

const sql = (query: string) => queryRows(rig.config.databasePath, query);
/** A text that a card does not say anything of: it is known when the page is read again. */
const withoutText = ({ description, ...record }: ListingRecord) => record;
const kindOf = ({ plan }: PlayedDay, city: CityName) => plan.exceptions?.[city] ?? 'complete';
const isTrusted = (day: PlayedDay, city: CityName) => kindOf(day, city) === 'complete';

async function asOf(day: PlayedDay, city: CityName): Promise<Truth> {
  const rows = `(from listings_as_of('${day.endedAtUtc}') where city = '${city}')`;
  return storedRecords(rig.config.databasePath, rows);
}

/** The last day before this one on which the city was collected whole: what the portal had. */
function lastTrusted(index: number, city: CityName): Truth | undefined {
  return played
    .slice(0, index)
    .findLast((day) => isTrusted(day, city))
    ?.truth.get(city);
}

describe('two weeks of runs', () => {
  it('end each day with the verdict of what befell it', () => {
    const verdicts = played.map(({ day, result }) => [
      day,
      ...cityNames.map((city) => {
        const receipt = result.cities.find((each) => each.city === city);
        return receipt?.isQuarantined === true ? 'quarantined' : (receipt?.verdict ?? 'none');
      }),
    ]);

    expect(verdicts).toEqual(played.map((day) => [day.day, ...cityNames.map((city) => kindOf(day, city))]));
    const ofClock = played.find(({ plan }) => plan.clockErrorMs !== undefined);
    expect(ofClock?.requests.all).toBe(0);
    for (const { reason } of ofClock?.result.cities ?? []) expect(reason).toContain('the clock of this machine says');
  });

  it('say for each day what the portal had, whenever it is asked', async () => {
    for (const day of played) {
      for (const city of cityNames) {
        if (!isTrusted(day, city)) continue;
        const truth = day.truth.get(city) ?? new Map<string, ListingRecord>();
        const stored = await asOf(day, city);
        // What left on the last day has been missed once.
        const lately = day === played.at(-1) ? (played.at(-2)?.truth.get(city)?.keys() ?? []) : [];
        const kept = new Set([...(day.plan.keeps?.(memory) ?? []), ...lately]);
        const tooMany = [...stored.keys()].filter((id) => !truth.has(id) && !kept.has(id));
        expect.soft(tooMany, `${day.day} ${city}`).toEqual([]);
        for (const [id, record] of truth) {
          const found = stored.get(id);
          expect.soft(found && withoutText(found), `${day.day} ${id}`).toEqual(withoutText(record));
        }
      }
    }
  });

  it('take nothing away and invent nothing on a day that was not collected whole', async () => {
    for (const [index, day] of played.entries()) {
      for (const city of cityNames) {
        const before = lastTrusted(index, city);
        if (isTrusted(day, city) || before === undefined) continue;
        const truth = day.truth.get(city);
        const stored = await asOf(day, city);
        const lost = [...before.keys()].filter((id) => truth?.has(id) && !stored.has(id));
        expect.soft(lost, `${day.day} ${city}`).toEqual([]);
        for (const [id, record] of stored) {
          const soFar = played.slice(0, index + 1).map((each) => each.truth.get(city)?.get(id));
          const allowed = soFar.flatMap((each) => (each === undefined ? [] : [withoutText(each)]));
          expect.soft(allowed, `${day.day} ${id}`).toContainEqual(withoutText(record));
        }
      }
    }
  });

  it('make a version only where something changed, and never two for one time', async () => {
    const wrong = await sql(`select * from (
      select listing_id, valid_from, valid_to, content_hash,
        lag(content_hash) over times as hash_before, lag(valid_to) over times as ended_before
      from listing_versions window times as (partition by listing_id order by valid_from)
    ) where valid_to <= valid_from or valid_from < ended_before or (valid_from = ended_before and content_hash = hash_before)`);

    expect(wrong).toEqual([]);
  });

  it('know what has left the portal, and only that, but for what was missed once', async () => {
    const gone = new Set((await sql('select listing_id as id from listings where gone_at is not null')).map(idOf));
    const stored = (await sql('select listing_id as id from listings')).map(idOf);
    const truth = new Set(cityNames.flatMap((city) => [...(played.at(-1)?.truth.get(city)?.keys() ?? [])]));
    const dayBefore = new Set(cityNames.flatMap((city) => [...(played.at(-2)?.truth.get(city)?.keys() ?? [])]));

    expect(stored.filter((id) => gone.has(id) && truth.has(id))).toEqual([]);
    expect(stored.filter((id) => !gone.has(id) && !truth.has(id) && !dayBefore.has(id))).toEqual([]);
    expect(gone.size).toBeGreaterThan(100);
    const ends = await sql("select listing_id as id from listing_versions where end_reason = 'gone'");
    const awayForDays = (memory.get('for days') ?? []).filter((id) => ends.map(idOf).includes(id));
    // They were gone, and are there again unless they left for good since.
    expect(awayForDays.length).toBeGreaterThan(0);
    for (const name of ['for a day', 'a third']) {
      const early = (memory.get(name) ?? []).filter((id) => truth.has(id) && ends.map(idOf).includes(id));
      expect(early, name).toEqual([]);
    }
  });

  it('tell each change of a price that was on offer when a city was collected, and no other', async () => {
    const events = await sql(
      "select listing_id as id, before_eur as before, price_eur as price from price_events where kind <> 'first' order by event_at",
    );
    const told = new Map<string, unknown[]>();
    for (const row of events) told.set(idOf(row), [...(told.get(idOf(row)) ?? [row['before']]), row['price']]);

    for (const city of cityNames) {
      const seen = pricesOf(city, (day) => isTrusted(day, city));
      const all = pricesOf(city, () => true);
      for (const [id, prices] of seen) {
        const own = told.get(id) ?? prices.slice(0, 1);
        // A run that was not whole may have seen a price in between.
        expect.soft(isWithin(prices, own), `${id}: ${prices} in ${own}`).toBe(true);
        expect.soft(isWithin(own, all.get(id) ?? []), `${id}: ${own} in ${all.get(id)}`).toBe(true);
      }
    }
    expect(events.length).toBeGreaterThan(50);
  });

  it('link the homes that came back under a new id, and no others', async () => {
    const links = await sql('select listing_id as id, earlier_listing_id as earlier from listing_links');
    const relisted = new Map(
      rig.simulator.world
        .events()
        .flatMap(({ listingId, formerListingId }) =>
          formerListingId === undefined ? [] : [[listingId, formerListingId] as const],
        ),
    );

    expect(links.filter((row) => relisted.get(idOf(row)) !== row['earlier'])).toEqual([]);
    expect(links.length).toBeGreaterThan(20);
  });

  it('leave receipts whose sums add up, and that say how many the portal had', async () => {
    const wrong = await sql(`select * from city_executions
      where discovered <> new + changed + unchanged + removed + failed + skipped + pending or verdict is null`);
    expect(wrong).toEqual([]);
    for (const { result, truth } of played) {
      for (const { city, verdict, discovered, foreignCards } of result.cities) {
        if (verdict === 'complete') expect(discovered, city).toBe(truth.get(city as CityName)?.size);
        if (verdict === 'foreign') expect(foreignCards, city).toBeGreaterThan(discovered);
      }
    }
  });

  it('ask for nothing that the cards made unnecessary', () => {
    const whole = played.filter(({ result, plan }) => result.status === 'completed' && plan.runsTwice !== true);
    const sum = (read: (day: PlayedDay) => number) => whole.reduce((total, day) => total + read(day), 0);
    const needed = sum(
      ({ requests, result, refreshDue }) => requests.search + result.new + result.changed + refreshDue,
    );
    const asked = sum(({ requests }) => requests.all);

    report.push(
      `${whole.length} whole days: ${asked} requests for ${needed} search pages, new and changed listings and pages due ` +
        `(${(asked / needed).toFixed(3)}); all pages of all days would have been ${sum(pagesOfAll)}\n`,
    );
    expect(asked).toBeLessThanOrEqual(1.05 * needed);
  });
});

const idOf = (row: Readonly<Record<string, unknown>>) => String(row['id']);

function pagesOfAll({ truth, requests }: PlayedDay): number {
  return requests.search + cityNames.reduce((total, city) => total + (truth.get(city)?.size ?? 0), 0);
}

/** The prices that each listing of a city had on those days, one after the other. */
function pricesOf(city: CityName, isMeant: (day: PlayedDay) => boolean): ReadonlyMap<string, readonly unknown[]> {
  const prices = new Map<string, readonly unknown[]>();
  for (const day of played.filter(isMeant)) {
    for (const [id, { priceEur, rentEurMonth }] of day.truth.get(city) ?? []) {
      const price = city === 'Tampere' ? rentEurMonth : priceEur;
      const before = prices.get(id) ?? [];
      if (before.at(-1) !== price) prices.set(id, [...before, price]);
    }
  }
  return prices;
}

/** Whether the first list is the second one with some left out. */
function isWithin(part: readonly unknown[], whole: readonly unknown[]): boolean {
  let next = 0;
  for (const each of whole) if (each === part[next]) next += 1;
  return next === part.length;
}
