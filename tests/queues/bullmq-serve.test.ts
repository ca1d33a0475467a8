/**
 * Which node takes a job when several could: in fair turns, and none from a queue that a node has closed for itself.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BullMqJobEngine } from '../../queues/bullmq-engine.ts';
import { createBullMqEngine } from '../../queues/bullmq-engine.ts';
import { BullMqQueues } from '../../queues/bullmq-queues.ts';
import { systemClock } from '../../src/clock.ts';
import type { JobRequest } from '../../src/jobs/job.ts';
import { contractRetry } from './engine-contract.ts';
import { hasRedisServer, silentLog as log, useRedis } from './redis-server.ts';

const helsinki = 'crawl-helsinki';
const espoo = 'crawl-espoo';
const patience = { timeout: 20_000, interval: 10 };

describe.skipIf(!hasRedisServer)('nodes on one Redis', () => {
  const redis = useRedis();
  const engines: BullMqJobEngine[] = [];
  let clusters = 0;

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.stop(0)));
  });

  /** Nodes that note down what they take, and do nothing else. */
  function createCluster() {
    clusters += 1;
    const prefix = `serve${clusters}`;
    const taken: { readonly node: string; readonly queue: string }[] = [];
    const start = (nodeId: string, others: readonly string[] = []): BullMqJobEngine => {
      const run = async (payload: unknown) => {
        taken.push({ node: nodeId, queue: (payload as { queue: string }).queue });
        await systemClock.sleep(2);
        return { followUps: [] };
      };
      const engine = createBullMqEngine({
        ...{ redis: redis(), prefix, takesFrom: [helsinki, espoo, ...others], nodeId, log, clock: systemClock },
        handlers: [{ kind: 'listing', run, onGivenUp: () => [] }],
        batchHandler: null,
        settingsOf: () => ({ concurrency: 2 }),
        decideRetry: contractRetry,
        isAlreadySettled: () => false,
        fatalKinds: new Set(),
        timing: { pollIntervalMs: 50 },
      });
      engines.push(engine);
      return engine;
    };
    let jobs = 0;
    const add = async (engine: BullMqJobEngine, queue: string, count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        jobs += 1;
        const request: JobRequest = { id: `run.listing.${jobs}`, kind: 'listing', queue, payload: { queue } };
        await engine.add(request);
      }
    };
    const countOf = (node: string, queue?: string): number =>
      taken.filter((each) => each.node === node && (queue === undefined || each.queue === queue)).length;
    const untilTaken = (count: number) => vi.waitUntil(() => taken.length >= count, patience);
    return { prefix, start, add, countOf, untilTaken };
  }

  it.each([
    ['as fast as they can', 0],
    ['at the rhythm of the queue', 8],
  ])('serve every city in fair turns, %s', async (_how, startIntervalMs) => {
    const { prefix, start, add, countOf, untilTaken } = createCluster();
    const queues = new BullMqQueues({ redis: redis(), prefix, log });
    await queues.setLimits(helsinki, { concurrency: 4, startIntervalMs });
    await queues.setLimits(espoo, { concurrency: 4, startIntervalMs });
    await queues.close();
    const nodes = [start('a'), start('b')] as const;
    for (const node of nodes) node.serve(() => false);
    await add(nodes[0], helsinki, 100);
    await add(nodes[0], espoo, 100);
    for (const node of nodes) node.serve(() => true);

    await untilTaken(200);

    expect(countOf('a') + countOf('b')).toBe(200);
    for (const node of ['a', 'b']) expect(countOf(node), node).toBeGreaterThan(200 * 0.25);
    for (const node of ['a', 'b']) {
      for (const queue of [helsinki, espoo]) expect(countOf(node, queue)).toBeGreaterThan(0);
    }
  });

  it('take nothing from a queue they have closed, not even what was on its way, and take again when they open it', async () => {
    const { start, add, countOf, untilTaken } = createCluster();
    const [ill, well] = [start('ill'), start('well')];
    await add(ill, helsinki, 4);
    await untilTaken(4);
    ill.serve(() => false);
    const before = countOf('ill');

    // Both wait for a job by now: one that wakes the ill node goes back.
    await add(well, helsinki, 20);
    await add(well, espoo, 20);
    await untilTaken(44);
    const whileClosed = countOf('ill') - before;
    ill.serve(() => true);
    well.serve(() => false);
    await add(well, helsinki, 10);
    await untilTaken(54);

    expect(whileClosed).toBe(0);
    expect(countOf('ill') - before).toBe(10);
  });

  it('hold connections for the cities that have jobs, not for all that are configured', async () => {
    const others = Array.from({ length: 60 }, (_, index) => `crawl-city-${index}`);
    const { start, add, untilTaken } = createCluster();
    const connections = async () =>
      String(await redis().client('LIST'))
        .trim()
        .split('\n').length;
    const before = await connections();
    const [one] = [start('one', others), start('two', others)];

    await add(one, helsinki, 20);
    await untilTaken(20);

    const more = (await connections()) - before;
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThanOrEqual(2);
    await vi.waitUntil(async () => (await connections()) === before, patience);
  });

  it('serve, each, the queues that are theirs', async () => {
    const { start, add, countOf, untilTaken } = createCluster();
    const [one, two] = [start('one'), start('two')];
    one.serve((queue) => queue === helsinki);
    two.serve((queue) => queue === espoo);

    await add(one, helsinki, 20);
    await add(one, espoo, 20);
    await untilTaken(40);

    expect([countOf('one', helsinki), countOf('two', espoo)]).toEqual([20, 20]);
    expect([one.activeJobs(), two.activeJobs()].every((count) => count <= 4)).toBe(true);
  });
});
