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
});
