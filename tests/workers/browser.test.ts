/**
 * Whole runs with a real browser: cities that are read by nothing else, and the fallback of `auto`. What is stored is the
 * simulator's truth; fault-matrix.test.ts plays the faults.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { listingFieldNames } from '../../src/listings/fields.ts';
import { chromiumPath } from '../chromium-path.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

const rigs: Rig[] = [];
const chromium = { browser: { executable_path: chromiumPath } };

async function rigFor(
  fetchMode: 'browser' | 'auto',
  helsinki: number,
  globalSettings: object = chromium,
): Promise<Rig> {
  const settings = globalSettings as Record<string, unknown>;
  const rig = await createRig({ helsinki, fetchMode, requestTimeoutSeconds: 2, globalSettings: settings });
  rigs.push(rig);
  return rig;
}

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

async function pagesByMode(rig: Rig) {
  return queryRows(rig.config.databasePath, 'select page, fetch_mode, portal_total from search_pages order by page');
}

async function failures(rig: Rig) {
  return queryRows(rig.config.databasePath, 'from failed_listings order by key');
}

/** How many listings are stored; each of them is as the simulator has it. */
async function countTrue(rig: Rig): Promise<number> {
  const stored = await storedRecords(rig.config.databasePath);
  const truth = new Map(
    rig.simulator.world.truth('Helsinki', 'sale', rig.simulator.origin).map((r) => [r.listingId, r]),
  );
  for (const [listingId, record] of stored) {
    for (const field of listingFieldNames) {
      expect.soft(record[field], `${listingId} ${field}`).toEqual(truth.get(listingId)?.[field]);
    }
  }
  return stored.size;
}

describe('a city in browser mode', () => {
  it('is complete and true, its list and its listings shown in a browser, and no trap or tracker is asked', {
    timeout: 60_000,
  }, async () => {
    const rig = await rigFor('browser', 6);
    rig.simulator.settings.cardMarkup = 'v2';

    const result = await rig.run({ listingLimit: 6 });

    expect(result).toMatchObject({ status: 'completed', new: 6, cities: [{ verdict: 'complete' }] });
    expect(await countTrue(rig)).toBe(6);
    expect(await pagesByMode(rig)).toEqual([{ page: 1, fetch_mode: 'browser', portal_total: 6 }]);
    const kinds = new Set(rig.simulator.requestLog.entries().map(({ kind, path }) => (kind === 'other' ? path : kind)));
    expect([...kinds].toSorted()).toEqual(['/consent/index.html?cmpv2=1', 'listing', 'robots', 'search', 'session']);
    const [logged] = await queryRows(rig.config.databasePath, 'select count(*) as n from request_log');
    expect(logged?.['n']).toBe(rig.simulator.requestLog.entries().length);
  });

  it('refuses to start without a browser, with the command that installs one', async () => {
    const rig = await rigFor('browser', 3, { browser: { executable_path: '/nowhere/chromium' } });

    await expect(rig.run()).rejects.toThrow(
      /fetch_mode "browser" of Helsinki: .*\/nowhere\/chromium; install .*apt-get/,
    );
    expect(rig.simulator.requestLog.entries()).toEqual([]);
  });
});

describe('a city in auto', () => {
  it.each(['http_403', 'malformed'] as const)(
    'reads its list in a browser while the JSON search answers %s, its listings by HTTP',
    { timeout: 60_000 },
    async (type) => {
      const rig = await rigFor('auto', 26);
      rig.simulator.faults.add({ type, kinds: ['search'], accept: 'application/json' });

      const broken = await rig.run();
      const pages = await pagesByMode(rig);
      rig.simulator.faults.clear();
      const healed = await rig.run();

      expect(broken).toMatchObject({ status: 'completed', new: 26 });
      expect(pages.map((page) => page['fetch_mode'])).toEqual(['browser', 'browser']);
      expect(await countTrue(rig)).toBe(26);
      expect(healed).toMatchObject({ status: 'completed', unchanged: 26 });
      expect((await pagesByMode(rig)).map((page) => page['fetch_mode'])).toEqual([
        'browser',
        'http',
        'browser',
        'http',
      ]);
    },
  );

  it('fails with both reasons when the search does not work and there is no browser', async () => {
    const rig = await rigFor('auto', 5, { browser: { executable_path: '/nowhere/chromium' } });
    rig.simulator.faults.add({ type: 'malformed', kinds: ['search'] });

    const result = await rig.run();

    expect(result.cities).toMatchObject([
      { verdict: 'partial', searchPages: 0, reason: expect.stringMatching(/install .*JSON search/) },
    ]);
    expect(await failures(rig)).toMatchObject([{ job_kind: 'city', code: 'BROWSER_MISSING', attempts: 1 }]);
  });

  it('leaves a failing portal in peace: no browser for a 500', async () => {
    const rig = await rigFor('auto', 5);
    rig.simulator.faults.add({ type: 'http_500', kinds: ['search'] });

    const result = await rig.run();

    expect(result.status).toBe('failed');
    expect(await failures(rig)).toMatchObject([{ job_kind: 'search-page', category: 'SERVER_ERROR' }]);
    expect(rig.simulator.requestLog.entries().filter(({ path }) => path.startsWith('/consent'))).toEqual([]);
  });
});
