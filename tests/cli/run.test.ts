/** `oikotie run` as a process: what comes out where, and with which exit code. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const places: Workplace[] = [];

async function workplace(options: PortalConfigOptions = {}): Promise<Workplace> {
  const place = await createWorkplace(options);
  places.push(place);
  return place;
}

afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

describe('oikotie run', processTime, () => {
  it('prints the summary on stdout and nothing else there, and ends with 0', async () => {
    const { oikotie, configPath } = await workplace({ helsinki: 20, espoo: 8 });

    const { exitCode, stdout, stderr } = await oikotie(['run', '--config', configPath]);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Run daily-\d{4}-\d\d-\d\d: completed\n/);
    expect(stdout).toMatch(/cities +2 of 2 successful/);
    expect(stdout).toMatch(/new 28, changed 0, unchanged 0, failed 0/);
    expect(stdout).toMatch(/Helsinki +complete +20 stored of 20 listed/);
    expect(stdout).not.toMatch(/req\/s|"level"/);
    expect(stderr).toContain('"msg":"run ended"');
    expect(stderr).toMatch(/^Helsinki 100% 20\/20 .* done$/m);
  });

  it('prints the result as one JSON document on stdout with --json', async () => {
    const { oikotie, configPath } = await workplace({ helsinki: 10 });

    const { exitCode, stdout } = await oikotie(['run', '--config', configPath, '--json']);

    expect(exitCode).toBe(0);
    const result: unknown = JSON.parse(stdout);
    expect(result).toEqual({
      executionId: expect.stringMatching(/^daily-\d{4}-\d\d-\d\d$/),
      nominalDay: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      status: 'completed',
      successfulCities: 1,
      totalCities: 1,
      new: 10,
      changed: 0,
      unchanged: 0,
      unfetched: 0,
      goneCandidates: 0,
      gone: 0,
      returned: 0,
      goneWaiting: 0,
      failed: 0,
      requests: 13,
      executionTimeSeconds: expect.any(Number),
      missingParts: [],
      cities: [expect.objectContaining({ city: 'Helsinki', verdict: 'complete', reason: null, discovered: 10 })],
    });
  });

  it('finds config/config.json where the person stands, and collects only the cities and listings asked for', async () => {
    const { oikotie, simulator } = await workplace({ helsinki: 10, espoo: 12 });

    const { exitCode, stdout } = await oikotie(['run', '--city', 'espoo', '--limit', '3']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Espoo +partial +3 stored of 12 listed.*\n.*listing limit 3 of 12/);
    expect(simulator.requestLog.entries().filter(({ city }) => city === 'Helsinki')).toEqual([]);
  });

  it('goes on to its end when nobody reads its log any more', async () => {
    const { start } = await workplace({ helsinki: 20, requestsPerSecond: 40 });
    const run = start(['run']);

    run.child.stderr.once('data', () => run.child.stderr.destroy());
    const { exitCode, stdout } = await run.ended;

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Helsinki +complete +20 stored of 20 listed/);
  });

  it('ends with 1 and names the reason when one listing fails', async () => {
    const { oikotie, configPath, simulator } = await workplace({ helsinki: 10 });
    const [victim] = simulator.world.truth('Helsinki', 'sale');
    simulator.faults.add({ type: 'http_500', kinds: ['listing'], listingIds: [victim?.listingId ?? ''] });

    const { exitCode, stdout, stderr } = await oikotie(['run', '--config', configPath]);

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^What failed and why: oikotie sql "from failed_listings where execution_id = 'daily-/m);
    expect(stdout).toMatch(/^Run .*: degraded\n/);
    expect(stdout).toMatch(/Helsinki +partial +9 stored of 10 listed.*\n +1 .*failed/);
  });

  it.each([
    ['answers errors', 'http_500'],
    ['blocks', 'block_page'],
  ] as const)('ends with 3 and names the reason when the search %s', async (_what, type) => {
    const { oikotie, configPath, simulator } = await workplace({ helsinki: 10 });
    simulator.faults.add({ type, kinds: ['search'] });

    const { exitCode, stdout } = await oikotie(['run', '--config', configPath]);

    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^Run .*: failed\n/);
    expect(stdout).toMatch(/Helsinki +failed .*\n +\S+.*search/i);
  });
});
