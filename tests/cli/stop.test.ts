/** A run that is stopped or killed half-way: the next one goes on, and nothing is lost, doubled or asked for twice. */
import type { TestContext } from 'vitest';
import { describe, expect, it, vi } from 'vitest';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const listings = 60;
/** The city that has not begun when the run is stopped. */
const espoo = 6;
/** A stop takes less than 10 s on a machine that is free for it; twice that where everything waits its turn. */
const generousStopMs = 20_000;

async function workplace({ onTestFinished }: TestContext, options: PortalConfigOptions = {}): Promise<Workplace> {
  const place = await createWorkplace({ helsinki: listings - espoo, espoo, requestsPerSecond: 30, ...options });
  onTestFinished(() => place.close());
  return place;
}

const storedOnce = 'select count(*) as stored, count(distinct listing_id) as ids from listings';

// They wait for the portal's limits more than they work: side by side they take as long as one.
describe.concurrent('a run in progress', processTime, () => {
  it.for(['SIGINT', 'SIGTERM'] as const)(
    'stops cleanly on %s and is continued without asking twice',
    async (signal, context) => {
      const { start, oikotie, sql, configPath, untilListingRequests, listingRequests } = await workplace(context);
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
      expect(stopMs).toBeLessThan(generousStopMs);
      expect(askedBefore).toBeLessThan(listings);
      expect(continued).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^Run daily-[\d-]{10}: completed\n/),
      });
      expect(continued.stdout).toMatch(
        /Helsinki +complete +54 stored of 54 listed[\s\S]*Espoo +complete +6 stored of 6 listed/,
      );
      expect(listingRequests()).toBe(listings);
      expect(await sql(storedOnce)).toEqual([{ stored: listings, ids: listings }]);
    },
  );

  it('stops within 10 seconds when a page hangs, and at once at the second Ctrl-C', async (context) => {
    const hanging = async () => {
      const place = await workplace(context);
      place.simulator.faults.add({ type: 'hang', kinds: ['listing'] });
      const run = place.start(['run']);
      await place.untilListingRequests(1);
      run.child.kill('SIGINT');
      await vi.waitUntil(() => run.stderrSoFar().includes('Ctrl-C again stops at once'), {
        timeout: 5_000,
        interval: 2,
      });
      return run;
    };
    const [patient, impatient] = await Promise.all([hanging(), hanging()]);
    const stoppedAt = Date.now();

    impatient.child.kill('SIGINT');

    expect(await impatient.ended).toMatchObject({ exitCode: 130, stdout: '' });
    expect(await patient.ended).toMatchObject({ exitCode: 130, stdout: expect.stringContaining(': interrupted\n') });
    expect(Date.now() - stoppedAt).toBeLessThan(generousStopMs);
  });

  it('killed half-way is continued under its own name, and every listing is there once', async (context) => {
    const { start, oikotie, sql, configPath, untilListingRequests, listingRequests } = await workplace(context);
    const run = start(['run', '--config', configPath]);
    await untilListingRequests(40);

    run.child.kill('SIGKILL');
    await run.ended;
    const storedBefore = Number((await sql(storedOnce))[0]?.['stored']);
    const askedBefore = listingRequests();
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

  it('keeps a second one from the database, which says who holds it and what to do', async (context) => {
    const { start, oikotie, configPath, untilListingRequests } = await workplace(context, { requestsPerSecond: 2 });
    const first = start(['run', '--config', configPath]);
    await untilListingRequests(1);

    const second = await oikotie(['run', '--config', configPath]);
    const reader = await oikotie(['listings', '--config', configPath]);

    for (const refused of [second, reader]) {
      expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
      expect(refused.stderr).toContain(`it is in use by PID ${first.child.pid}`);
      expect(refused.stderr).toMatch(/wait until that process ends, or stop it, and try again/);
    }
    expect(first.child.exitCode).toBeNull();
  });
});
