/**
 * The engine on BullMQ against a real Redis: first what every engine must do, then what only a cluster can do wrong.
 */
import { createBullMqEngine } from '../../queues/bullmq-engine.ts';
import { BullMqQueues } from '../../queues/bullmq-queues.ts';
import { systemClock } from '../../src/clock.ts';
import type { EngineUnderTestOptions } from './engine-contract.ts';
import { contractRetry, describeJobEngine } from './engine-contract.ts';
import { silentLog as log, useRedis } from './redis-server.ts';

const connection = useRedis();

const queueNames = ['runs', 'cities', 'store', 'crawl-testcity', 'crawl-sick', 'crawl-well'];

let engines = 0;

async function createEngine(options: EngineUnderTestOptions) {
  engines += 1;
  const prefix = `test${engines}`;
  const settledBefore = new Set(options.settledBefore ?? []);
  const concurrencyOf = (queue: string) => options.concurrency?.[queue] ?? 10;
  const queues = new BullMqQueues({ redis: connection(), prefix, log });
  for (const name of queueNames) {
    const concurrency = name === 'store' ? null : concurrencyOf(name);
    await queues.setLimits(name, { concurrency, startIntervalMs: 0 });
  }
  await queues.close();
  return createBullMqEngine({
    redis: connection(),
    prefix,
    takesFrom: queueNames,
    handlers: options.handlers,
    batchHandler: options.batchHandler,
    settingsOf: (queue) => ({
      concurrency: concurrencyOf(queue),
      ...(queue === 'store' ? { batch: { maxJobs: 10, maxDelayMs: 20 } } : {}),
    }),
    decideRetry: contractRetry,
    isAlreadySettled: (jobId) => settledBefore.has(jobId),
    fatalKinds: new Set(['store-failure']),
    clock: systemClock,
    nodeId: 'test-node',
    log,
    timing: { pollIntervalMs: 25 },
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
  });
}

describeJobEngine('BullMQ', createEngine);
