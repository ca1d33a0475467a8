/** A run that is stopped or killed half-way: the next one goes on, and nothing is lost, doubled or asked for twice. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const places: Workplace[] = [];
const listings = 60;

async function workplace(options: PortalConfigOptions = {}): Promise<Workplace> {
  const place = await createWorkplace({ helsinki: listings, requestsPerSecond: 30, ...options });
  places.push(place);
  return place;
}

afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

const storedOnce = 'select count(*) as stored, count(distinct listing_id) as ids from listings';

describe('a run in progress', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'stops cleanly on %s and is continued without asking twice',
    async (signal) => {
      const { start, oikotie, sql, configPath, untilListingRequests, listingRequests } = await workplace();
      const run = start(['run', '--config', configPath]);
      await untilListingRequests(10);

      const signalledAt = Date.now();
      run.child.kill(signal);
      const stopped = await run.ended;
      const stopMs = Date.now() - signalledAt;
      const askedBefore = listingRequests();
      const continued = await oikotie(['run', '--config', configPath]);

      expect(stopped).toMatchObject({ exitCode: 130, stdout: expect.stringMatching(/^Run daily-\S+: interrupted\n/) });
      expect(stopped.stderr).toContain('the same command goes on from here');
      expect(stopMs).toBeLessThan(10_000);
      expect(askedBefore).toBeLessThan(listings);
      expect(continued).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^Run daily-[\d-]{10}: completed\n/),
      });
      expect(continued.stdout).toMatch(/Helsinki +complete +60 stored of 60 listed/);
      expect(listingRequests()).toBe(listings);
      expect(await sql(storedOnce)).toEqual([{ stored: listings, ids: listings }]);
    },
  );

  it('stops at the second Ctrl-C without waiting for a page that hangs', async () => {
    const { start, simulator, configPath, untilListingRequests } = await workplace({
      globalSettings: { crawler: { contact: 'test@example.org', request_timeout_seconds: 60 } },
    });
    simulator.faults.add({ type: 'hang', kinds: ['listing'] });
    const run = start(['run', '--config', configPath]);
    await untilListingRequests(1);

    run.child.kill('SIGINT');
    run.child.kill('SIGINT');

    expect(await run.ended).toMatchObject({ exitCode: 130 });
  });

  it('killed half-way is continued under its own name, and every listing is there once', async () => {
    const { start, oikotie, sql, configPath, untilListingRequests, listingRequests } = await workplace();
    const run = start(['run', '--config', configPath]);
    await untilListingRequests(25);

    run.child.kill('SIGKILL');
    await run.ended;
    const askedBefore = listingRequests();
    const storedBefore = Number((await sql(storedOnce))[0]?.['stored']);
    const continued = await oikotie(['run', '--config', configPath, '--json']);

    expect(storedBefore).toBeGreaterThan(0);
    expect(continued.exitCode).toBe(0);
    expect(JSON.parse(continued.stdout)).toMatchObject({ status: 'completed', new: listings, failed: 0 });
    expect(await sql('select execution_id, status from executions')).toEqual([
      { execution_id: expect.stringMatching(/^daily-\d{4}-\d\d-\d\d$/), status: 'completed' },
    ]);
    expect(await sql(storedOnce)).toEqual([{ stored: listings, ids: listings }]);
    expect(listingRequests() - askedBefore).toBe(listings - storedBefore);
  });

  it('keeps a second one from the database, which says who holds it and what to do', async () => {
    const { start, oikotie, configPath, untilListingRequests } = await workplace();
    const first = start(['run', '--config', configPath]);
    await untilListingRequests(1);

    const second = await oikotie(['run', '--config', configPath]);
    const reader = await oikotie(['listings', '--config', configPath]);
    first.child.kill('SIGINT');

    for (const refused of [second, reader]) {
      expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
      expect(refused.stderr).toContain(`it is in use by PID ${first.child.pid}`);
      expect(refused.stderr).toMatch(/wait until that process ends, or stop it, and try again\n$/);
    }
    expect(await first.ended).toMatchObject({ exitCode: 130 });
  });
});
