/** A portal that sends validators: what is unchanged costs no body, and the data is what it would be without them. */
import { afterEach, describe, expect, it } from 'vitest';
import type { LoggedRequest } from '../../simulator/request-log.ts';
import { openDatabase } from '../../src/storage/database.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

/** Every page is asked for in every run. */
const size = { helsinki: 60, taskSettings: { data_governance: { bulk_download_preference: false } } };

describe('a second run against a portal that sends validators', () => {
  const rigs: Rig[] = [];
  afterEach(async () => {
    for (const each of rigs.splice(0)) await each.close();
  });

  async function firstRun(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
    const rig = await createRig({ ...size, ...options });
    rigs.push(rig);
    rig.simulator.settings.sendsValidators = true;
    await rig.run();
    rig.simulator.requestLog.clear();
    return rig;
  }

  const listingsOf = ({ simulator }: Rig): readonly LoggedRequest[] =>
    simulator.requestLog.entries().filter(({ kind }) => kind === 'listing');

  it('gets no bodies, and says that everything is unchanged and seen', async () => {
    const rig = await firstRun();
    const before = await storedRecords(rig.config.databasePath);

    const second = await rig.run();

    expect(second).toMatchObject({ status: 'completed', new: 0, changed: 0, unchanged: 60, failed: 0 });
    expect(new Set(listingsOf(rig).map(({ status, bytes }) => `${status} ${bytes}`))).toEqual(new Set(['304 0']));
    expect(listingsOf(rig)).toHaveLength(60);
    expect(await storedRecords(rig.config.databasePath)).toEqual(before);
    const seen = `select count(*) as n from listings where execution_id = '${second.executionId}'
      and last_seen_at = fetched_at and fetched_at > first_seen_at`;
    expect(await queryRows(rig.config.databasePath, seen)).toEqual([{ n: 60 }]);
  });

  it('reads what a day has changed as a run without validators does', async () => {
    const rig = await firstRun();
    const plain = await createRig(size);
    rigs.push(plain);
    await plain.run();
    for (const { simulator } of [rig, plain]) simulator.world.advanceDay();

    const second = await rig.run();
    const plainSecond = await plain.run();

    const statuses = listingsOf(rig).map(({ status }) => status);
    expect(statuses).toContain(304);
    expect(statuses).toContain(200);
    const { new: added, changed, unchanged, failed, goneCandidates } = plainSecond;
    expect(second).toMatchObject({ new: added, changed, unchanged, failed, goneCandidates });
    expect(changed).toBeGreaterThan(0);
    const records = [...(await storedRecords(rig.config.databasePath)).values()];
    const plainRecords = await storedRecords(plain.config.databasePath);
    for (const record of records) {
      const url = record.url.replace(rig.simulator.origin, plain.simulator.origin);
      expect.soft({ ...record, url }).toEqual(plainRecords.get(record.listingId));
    }
    expect(records).toHaveLength(plainRecords.size);
  });

  it('reads a page anew that another parser read, that came from another card, or whose card was not kept', async () => {
    const rig = await firstRun();
    const ids = rig.simulator.world.truth('Helsinki', 'sale', rig.simulator.origin).map(({ listingId }) => listingId);
    const [ofOtherParser, ofOtherCard, ofNoCard] = ids;
    await changeRows(rig.config.databasePath, [
      `update listings set parser = 'listing-page/0' where listing_id = '${ofOtherParser}'`,
      `update listings set card_hash = 'other' where listing_id = '${ofOtherCard}'`,
      `update listings set card_hash = null where listing_id = '${ofNoCard}'`,
    ]);

    const second = await rig.run();

    const readAnew = listingsOf(rig).filter(({ status }) => status === 200);
    expect(readAnew.map(({ path }) => path.split('/').at(-1)).toSorted()).toEqual(
      [ofOtherParser, ofOtherCard, ofNoCard].toSorted(),
    );
    expect(second).toMatchObject({ unchanged: 60, failed: 0 });
  });
});

async function changeRows(path: string, statements: readonly string[]): Promise<void> {
  const database = await openDatabase({ path, mode: 'write', memoryLimit: '512MB', threads: 1 });
  await database.use(async (session) => {
    for (const sql of statements) await session.run(sql);
  });
  await database.close();
}
