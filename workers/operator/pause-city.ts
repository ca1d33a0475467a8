/**
 * Lets an operator pause a city of the cluster: nothing of its queue starts until it is resumed, in later runs too. A run
 * does not end while one of its cities is paused, and the city keeps its place among `concurrent_cities`.
 */
import type { Config } from '../../config/config.ts';
import type { BullMqQueues } from '../../queues/bullmq-queues.ts';
import type { Clock } from '../../src/clock.ts';
import { crawlQueueOf } from '../../src/jobs/job-names.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import { operatorEvent } from '../../src/lineage/operator-event.ts';
import { findTask } from './city-limits.ts';

export interface PauseDesk {
  readonly config: Pick<Config, 'tasks' | 'nodeId'>;
  readonly queues: BullMqQueues;
  readonly clock: Clock;
  /** Told of an operator's action. */
  readonly audit: AuditSink;
}

/** `unchanged` when it was so before. */
export type CityPaused = 'done' | 'unchanged' | 'unknown_city';

/** Pauses or resumes it, on record; its name in any case of letters. */
export async function setCityPaused(desk: PauseDesk, name: string, isPaused: boolean): Promise<CityPaused> {
  const { config, queues, clock, audit } = desk;
  const task = findTask(config.tasks, name);
  if (task === undefined) return 'unknown_city';
  const { city } = task;
  const queue = crawlQueueOf(city);
  if ((await queues.isPaused(queue)) === isPaused) return 'unchanged';
  if (isPaused) await queues.pause(queue);
  else await queues.resume(queue);
  const deed = {
    message: `${city} was ${isPaused ? 'paused' : 'resumed'}: by an operator`,
    city,
    details: { isPaused },
  };
  audit(operatorEvent({ clock, nodeId: config.nodeId }, deed));
  return 'done';
}
