/** When snapshots are published, by a clock that the test drives. */
import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import type { MissingPart } from '../../src/quality/city-receipt.ts';
import { createDegradations } from '../../src/quality/degradations.ts';
import { SnapshotPublisher } from '../../workers/snapshot-publisher.ts';
import type { FakeClock } from '../crawl/fake-clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';

let clock: FakeClock;
let publishedAtMs: number[];
let missing: MissingPart[];

beforeEach(() => {
  clock = createFakeClock();
  publishedAtMs = [];
  missing = [];
});

function publisher(options: { readonly takesMs?: number; readonly fails?: boolean } = {}): SnapshotPublisher {
  return new SnapshotPublisher({
    publish: async () => {
      const beginMs = clock.now();
      if (options.takesMs !== undefined) await clock.sleep(options.takesMs);
      if (options.fails === true) throw new Error('the disk is full');
      publishedAtMs.push(beginMs);
      return { path: 'published/series.duckdb', bytes: 1, heldMs: 1 };
    },
    intervalMs: 60_000,
    clock,
    log: createLog({ level: 'silent', destination: process.stderr }),
    degradations: createDegradations((part) => missing.push(part)),
  });
}

describe('snapshots of a run', () => {
  it('come soon after the first city, then once a minute however many cities end', async () => {
    const snapshots = publisher();
    const beginMs = clock.now();

    for (let second = 0; second < 150; second += 10) {
      snapshots.publishSoon();
      await clock.advance(10_000);
    }
    await clock.advance(120_000);
    await snapshots.close();

    expect(publishedAtMs.map((ms) => (ms - beginMs) / 1000)).toEqual([2, 62, 122, 182]);
  });

  it('that take long are made less often, so that the run has most of the time', async () => {
    const snapshots = publisher({ takesMs: 30_000 });
    const beginMs = clock.now();

    for (let minute = 0; minute < 25; minute++) {
      snapshots.publishSoon();
      await clock.advance(60_000);
    }
    await snapshots.close();

    expect(publishedAtMs.map((ms) => (ms - beginMs) / 1000)).toEqual([2, 632, 1262]);
  });

  it('are made at once when a run ends, and one under way is waited for', async () => {
    const snapshots = publisher({ takesMs: 5_000 });
    snapshots.publishSoon();
    await clock.advance(2_000);

    const last = snapshots.publishNow();
    await clock.runAll();

    expect(await last).toBe(true);
    expect(publishedAtMs).toHaveLength(2);
    await snapshots.close();
    expect(clock.sleepers()).toBe(0);
  });

  it('are one, not two, when a run ends with its last city', async () => {
    const snapshots = publisher();
    snapshots.publishSoon();
    await clock.advance(500);

    await snapshots.publishNow();
    await clock.runAll();

    expect(publishedAtMs).toHaveLength(1);
    await snapshots.close();
  });

  it('that fail are one missing part of the run', async () => {
    const snapshots = publisher({ fails: true });

    const outcomes = [await snapshots.publishNow(), await snapshots.publishNow()];

    expect(outcomes).toEqual([false, false]);
    expect(missing).toMatchObject([{ part: 'snapshot', reason: 'the disk is full' }]);
    await snapshots.close();
  });
});
