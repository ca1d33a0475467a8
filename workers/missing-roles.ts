/**
 * Which processes a run waits for: a run that nobody stores or crawls for stands still without an error.
 */
import type { CityTask } from '../config/config.ts';
import type { BullMqQueues } from '../queues/bullmq-queues.ts';
import { queueNames } from '../src/jobs/job-names.ts';
import { crawlQueuesOf } from './cluster.ts';

export interface MissingRole {
  readonly role: 'store' | 'worker';
  /** What that means, and what to start. */
  readonly sentence: string;
}

/** The roles that nobody plays; none when all are played. */
export async function missingRoles(queues: BullMqQueues, tasks: readonly CityTask[]): Promise<readonly MissingRole[]> {
  const isServed = async (name: string) => (await queues.queue(name).getWorkersCount()) > 0;
  const missing: MissingRole[] = [];
  if (!(await isServed(queueNames.store))) {
    missing.push({ role: 'store', sentence: 'No store is running: the run waits. Start one with: oikotie store' });
  }
  for (const name of crawlQueuesOf(tasks)) {
    if (await isServed(name)) continue;
    missing.push({
      role: 'worker',
      sentence: `No worker serves ${name}: the run waits. Start one with: oikotie worker`,
    });
    break;
  }
  return missing;
}
