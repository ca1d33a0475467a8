/**
 * Which processes a run waits for: a run that nobody stores or crawls for stands still without an error.
 */
import type { CityTask } from '../config/config.ts';
import type { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { RegisteredNode } from '../queues/node-registry.ts';
import { crawlQueueOf, queueNames } from '../src/jobs/job-names.ts';

export interface MissingRole {
  readonly role: 'store' | 'worker';
  /** What that means, and what to start. */
  readonly sentence: string;
}

interface Served {
  readonly queues: BullMqQueues;
  /** As they last told of themselves: a city's queue has a worker in Redis only while it has jobs. */
  readonly nodes: readonly Pick<RegisteredNode, 'role' | 'status' | 'cities'>[];
  readonly tasks: readonly Pick<CityTask, 'city'>[];
}

/** The roles that nobody plays; none when all are played. */
export async function missingRoles({ queues, nodes, tasks }: Served): Promise<readonly MissingRole[]> {
  const isServed = async (name: string) => (await queues.queue(name).getWorkersCount()) > 0;
  const missing: MissingRole[] = [];
  if (!(await isServed(queueNames.store))) {
    missing.push({ role: 'store', sentence: 'No store is running: the run waits. Start one with: oikotie store' });
  }
  const workers = nodes.filter(({ role, status }) => role === 'worker' && status !== 'offline');
  const served = new Set(workers.flatMap(({ cities }) => cities));
  const unserved = (await isServed(queueNames.cities))
    ? tasks
        .map(({ city }) => city)
        .filter((city) => !served.has(city))
        .map(crawlQueueOf)
    : [queueNames.cities];
  for (const name of unserved.slice(0, 1)) {
    const sentence = `No worker serves ${name}: the run waits. Start one with: oikotie worker`;
    missing.push({ role: 'worker', sentence });
  }
  return missing;
}
