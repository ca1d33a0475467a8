/**
 * What holds for each queue of a cluster over all its workers: as configured, for a city as an operator has set it. This
 * is the only place that sets it.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { CityOverride } from '../src/crawl/city-limits.ts';
import { limitsInForce } from '../src/crawl/city-limits.ts';
import { crawlQueueOf, queueNames } from '../src/jobs/job-names.ts';
import { storeQueues } from './cluster.ts';

/** Sets the limits of every queue. */
export async function setQueueLimits(
  queues: BullMqQueues,
  config: Pick<Config, 'tasks' | 'concurrentCities'>,
  overrides: ReadonlyMap<string, CityOverride>,
): Promise<void> {
  await queues.setLimits(queueNames.cities, { concurrency: config.concurrentCities, startIntervalMs: 0 });
  for (const name of storeQueues) await queues.setLimits(name, { concurrency: null, startIntervalMs: 0 });
  for (const task of config.tasks) await setCityQueueLimits(queues, task, overrides.get(task.city));
}

/** Sets those of one city; running workers keep to them from their next start. */
export async function setCityQueueLimits(
  queues: BullMqQueues,
  task: Pick<CityTask, 'city' | 'requestIntervalMs' | 'maxDetailWorkers'>,
  override: CityOverride | undefined,
): Promise<void> {
  const { maxDetailWorkers: concurrency, requestIntervalMs: startIntervalMs } = limitsInForce(task, override);
  await queues.setLimits(crawlQueueOf(task.city), { concurrency, startIntervalMs });
}
