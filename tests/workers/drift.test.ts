/** A label that the portal renames overnight: what readers see stays as it was, and an operator decides. */
import { afterEach, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

const rigs: Rig[] = [];
afterEach(async () => {
  for (const each of rigs.splice(0)) await each.close();
});

/** A city of 40 listings whose first run stands for three complete days before it, too. Every run fetches every page. */
async function cityWithHistory(): Promise<Rig> {
  const taskSettings = { data_governance: { bulk_download_preference: false } };
  const rig = await createRig({ helsinki: 40, taskSettings });
  rigs.push(rig);
  const { executionId } = await rig.run();
  const database = await openDatabase({ path: rig.config.databasePath, mode: 'write', ...rig.config.database });
  await database.use((session) =>
    session.run(`
      INSERT INTO city_executions SELECT * EXCLUDE day REPLACE ('day-' || day AS execution_id, started_at - to_days(day) AS started_at)
        FROM city_executions, (SELECT unnest([1, 2, 3])::INTEGER AS day) WHERE execution_id = '${executionId}';
      INSERT INTO field_coverage SELECT * EXCLUDE day REPLACE ('day-' || day AS execution_id)
        FROM field_coverage, (SELECT unnest([1, 2, 3]) AS day) WHERE execution_id = '${executionId}'`),
  );
  await database.close();
  return rig;
}

const rename = ({ simulator }: Rig) => simulator.faults.add({ type: 'renamed_label', label: 'Velaton hinta' });
const versionsOf = ({ config }: Rig) =>
  queryRows(config.databasePath, 'select * from listing_versions order by listing_id, valid_from');

it('a drifted run leaves listings and versions as they were, and says which field fell from what to what', async () => {
  const rig = await cityWithHistory();
  const before = await storedRecords(rig.config.databasePath);
  const versions = await versionsOf(rig);
  rename(rig);

  const result = await rig.run();

  expect(result).toMatchObject({ status: 'degraded', successfulCities: 0 });
  const [receipt] = result.cities;
  expect(receipt).toMatchObject({ verdict: 'complete', reason: null, isQuarantined: true });
  expect(receipt?.changed).toBeGreaterThan(30);
  expect(receipt?.drift).toMatch(
    /debt_free_price_eur of sales fell from \d+% to 0% of the pages \(40 pages; median of 4 runs\)/,
  );
  expect(await storedRecords(rig.config.databasePath)).toEqual(before);
  expect(await versionsOf(rig)).toEqual(versions);
  const audited = "select type, severity from audit_log where city = 'Helsinki' and severity = 'ERROR' order by type";
  expect(await queryRows(rig.config.databasePath, audited)).toEqual([
    { type: 'CITY_EXECUTION_ERROR', severity: 'ERROR' },
    { type: 'QUARANTINE', severity: 'ERROR' },
  ]);
});

it('the next run is judged by the runs before, fetches what was taken back, and is believed when all is well', async () => {
  const rig = await cityWithHistory();
  const before = await storedRecords(rig.config.databasePath);
  rename(rig);
  await rig.run();
  rig.simulator.faults.clear();

  const [receipt] = (await rig.run()).cities;

  expect(receipt).toMatchObject({ verdict: 'complete', isQuarantined: false, changed: 0, unchanged: 40 });
  expect(receipt?.drift).toMatch(/^\d+ fields of 40 pages are as usual; 40 listings, usually 40$/);
  expect(await storedRecords(rig.config.databasePath)).toEqual(before);
});

it('what an operator releases holds, and is what the runs after it are judged by', async () => {
  const rig = await cityWithHistory();
  rename(rig);
  const { executionId } = await rig.run();
  const database = await openDatabase({ path: rig.config.databasePath, mode: 'write', ...rig.config.database });
  const store = createSeriesStore({ database, clock: createFakeClock() });
  const closing = { executionId, city: 'Helsinki', closedAtUtc: '2026-12-01T08:00:00.000Z' };
  const closed = await store.closeQuarantine({ ...closing, action: 'release' });
  await database.close();

  const [receipt] = (await rig.run()).cities;

  expect(closed.released).toBe(closed.listings);
  const empty = 'select count(debt_free_price_eur) as n from listings';
  expect(await queryRows(rig.config.databasePath, empty)).toEqual([{ n: 0 }]);
  expect(receipt).toMatchObject({ isQuarantined: false, unchanged: 40 });
});
