/** How a run makes sure that it has seen the whole list, and what its receipt says when that cannot be. */
import { afterEach, describe, expect, it } from 'vitest';
import { startRewritingProxy } from '../cli/rewriting-proxy.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

describe('the list of a city', () => {
  const rigs: Rig[] = [];
  afterEach(async () => {
    for (const each of rigs.splice(0)) await each.close();
  });

  async function rigOf(options: Parameters<typeof createRig>[0]): Promise<Rig> {
    const rig = await createRig(options);
    rigs.push(rig);
    return rig;
  }

  const searchRequests = ({ simulator }: Rig): number =>
    simulator.requestLog.entries().filter(({ kind }) => kind === 'search').length;

  it('that shifts while it is read is read again until all of it was seen, and the receipt says how much', async () => {
    const rig = await rigOf({ helsinki: 120 });
    rig.simulator.faults.add({ type: 'shifting_pages', count: 3 });

    const result = await rig.run();

    expect(result).toMatchObject({ status: 'completed', new: 120 });
    const [receipt] = result.cities;
    expect(receipt).toMatchObject({ verdict: 'complete', searchPages: 5, portalTotalEnd: 120, discovered: 120 });
    expect(receipt?.duplicateCards).toBeGreaterThan(0);
    expect(receipt?.rereadPages).toBeGreaterThan(0);
    expect(searchRequests(rig)).toBe(5 + (receipt?.rereadPages ?? 0));
    const kept = `select (select count(*) from search_pages) as first,
      (select count(*) from reread_pages where pass = 2) as again, max(reread_pages) as said from city_executions`;
    expect(await queryRows(rig.config.databasePath, kept)).toEqual([
      { first: 5, again: receipt?.rereadPages, said: receipt?.rereadPages },
    ]);
  });

  it('is left as it was seen when nothing is to be read again, and the city is partial', async () => {
    const rig = await rigOf({ helsinki: 120, globalSettings: { quality: { reread_passes: 0 } } });
    rig.simulator.faults.add({ type: 'shifting_pages', count: 3 });

    const { cities } = await rig.run();

    expect(cities).toMatchObject([{ verdict: 'partial', rereadPages: 0 }]);
    expect(cities[0]?.reason).toMatch(
      /^\d+ of 120 listings were not seen \(pages shifted, or cards that cannot be read\)$/,
    );
    expect(searchRequests(rig)).toBe(5);
  });

  it('that never shows all it counts is given up after two more readings', async () => {
    const rig = await rigOf({ helsinki: 48 });
    const proxy = await startRewritingProxy(rig.simulator.origin, (path, body) =>
      path.startsWith('/api/search') ? body.replace('"found":48', '"found":50') : body,
    );

    const { cities } = await rig.run({
      url: rig.simulator.searchUrl('Helsinki', 'sale').replace(rig.simulator.origin, proxy.origin),
    });
    await proxy.close();

    const reason = '2 of 50 listings were not seen (pages shifted, or cards that cannot be read; 6 pages read again)';
    expect(cities).toMatchObject([{ verdict: 'partial', reason, new: 48, searchPages: 3, rereadPages: 6 }]);
    expect(searchRequests(rig)).toBe(9);
  });

  it('of another municipality is foreign, keeps nothing of it, and says which location was meant', async () => {
    const rig = await rigOf({ helsinki: 40, espoo: 10 });

    const result = await rig.run({ cities: ['Espoo'], url: rig.simulator.searchUrl('Helsinki', 'sale') });

    expect(result.status).toBe('failed');
    expect(result.cities).toMatchObject([
      {
        verdict: 'foreign',
        foreignCards: 40,
        reason:
          '40 of 40 listings are of another municipality; the location id of Espoo is 39: use locations=[[39,6,"Espoo"]] in the url of its task',
      },
    ]);
    expect(await storedRecords(rig.config.databasePath)).toHaveProperty('size', 0);
  });
});
