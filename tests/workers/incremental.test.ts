/** What a run asks for when most pages are stored already: the cards decide, and the data is what it would be anyway. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PathKind } from '../../simulator/request-log.ts';
import { systemClock } from '../../src/clock.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

const helsinki = 60;
const unlimited = { contact: 'test@example.org', max_requests_per_second: null };

describe('a run that finds most pages stored', () => {
  const rigs: Rig[] = [];
  afterEach(async () => {
    for (const each of rigs.splice(0)) await each.close();
  });

  async function firstRun(options: Parameters<typeof createRig>[0] = {}): Promise<Rig> {
    const rig = await createRig({ helsinki, ...options });
    rigs.push(rig);
    await rig.run();
    rig.simulator.requestLog.clear();
    return rig;
  }

  const requestsOf = ({ simulator }: Rig, asked: PathKind): number =>
    simulator.requestLog.entries().filter(({ kind }) => kind === asked).length;
  const truthOf = ({ simulator }: Rig) =>
    new Map(simulator.world.truth('Helsinki', 'sale', simulator.origin).map((record) => [record.listingId, record]));

  it('asks for search pages only on the same day, and says what it saved', async () => {
    const rig = await firstRun();
    const before = await storedRecords(rig.config.databasePath);

    const second = await rig.run();

    expect(second).toMatchObject({ status: 'completed', new: 0, changed: 0, unchanged: 60, unfetched: 60 });
    expect(requestsOf(rig, 'listing')).toBe(0);
    expect(requestsOf(rig, 'search')).toBe(3);
    expect(await storedRecords(rig.config.databasePath)).toEqual(before);
    const seen = 'select count(*) as n from listings where last_seen_at > fetched_at and gone_at is null';
    expect(await queryRows(rig.config.databasePath, seen)).toEqual([{ n: 60 }]);
    expect(
      await queryRows(
        rig.config.databasePath,
        `select outcome, count(*) as n from execution_listings where execution_id = '${second.executionId}' group by outcome`,
      ),
    ).toEqual([{ outcome: 'unfetched', n: 60 }]);
  });

  it('asks for what is new and what has changed on the next day, and a week later for all', async () => {
    const rig = await firstRun();
    const before = truthOf(rig);
    rig.simulator.world.advanceDay();
    const after = truthOf(rig);

    const second = await rig.run();

    const added = [...after.keys()].filter((id) => !before.has(id)).length;
    expect(second).toMatchObject({ status: 'completed', new: added });
    expect(second.changed).toBeGreaterThan(0);
    expect(requestsOf(rig, 'listing')).toBe(second.new + second.changed);
    const stored = await storedRecords(rig.config.databasePath);
    // What a card does not say is seen when the page is fetched again.
    for (const [id, { description, ...record }] of after) expect.soft(stored.get(id)).toMatchObject(record);
    rig.simulator.requestLog.clear();

    const weekLater = await rig.run({ clock: { ...systemClock, now: () => Date.now() + 7 * 86_400_000 } });

    expect(weekLater).toMatchObject({ status: 'completed', new: 0, unfetched: 0 });
    expect(requestsOf(rig, 'listing')).toBe(after.size);
    const refreshed = await storedRecords(rig.config.databasePath);
    for (const [id, record] of after) expect.soft(refreshed.get(id)).toEqual(record);
  });

  it('asks again for a page whose last try failed', async () => {
    const rig = await createRig({ helsinki });
    rigs.push(rig);
    const [id = ''] = truthOf(rig).keys();
    const { id: faultId } = rig.simulator.faults.add({ type: 'http_500', kinds: ['listing'], listingIds: [id] });
    const first = await rig.run();
    rig.simulator.faults.remove(faultId);
    rig.simulator.requestLog.clear();

    const second = await rig.run();

    expect(first).toMatchObject({ status: 'degraded', new: 59, failed: 1 });
    expect(second).toMatchObject({ status: 'completed', new: 1, unchanged: 59, unfetched: 59 });
    expect(requestsOf(rig, 'listing')).toBe(1);
  });

  it('asks for every page when the task says so', async () => {
    const taskSettings = { data_governance: { bulk_download_preference: false } };
    const rig = await firstRun({ taskSettings });

    const second = await rig.run();

    expect(second).toMatchObject({ unchanged: 60, unfetched: 0 });
    expect(requestsOf(rig, 'listing')).toBe(60);
  });

  it('asks for a page again when it is old', async () => {
    const rig = await firstRun({ globalSettings: { crawler: { ...unlimited, refresh_factor: 0 } } });

    const second = await rig.run();

    expect(second).toMatchObject({ unchanged: 60, unfetched: 0 });
  });
});
