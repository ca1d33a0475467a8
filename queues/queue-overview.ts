/**
 * How much is in each queue, for whoever looks: counts by state, and whether it is paused. It changes nothing.
 */
import type { Queue } from 'bullmq';

export interface QueueReading {
  readonly name: string;
  /** Ready to be taken, by priority or not. */
  readonly waiting: number;
  readonly active: number;
  /** Wait for a time: retries above all. */
  readonly delayed: number;
  /** Wait for their children: cities and runs that are not closed. */
  readonly waitingForChildren: number;
  /** Failed for good; kept until they are removed. */
  readonly failed: number;
  /** Of the last 24 hours. */
  readonly completed: number;
  readonly isPaused: boolean;
}

/** Reads them in the order given. */
export function readQueues(queue: (name: string) => Queue, names: readonly string[]): Promise<readonly QueueReading[]> {
  return Promise.all(names.map((name) => readQueue(queue(name))));
}

async function readQueue(queue: Queue): Promise<QueueReading> {
  const [counts, isPaused] = await Promise.all([queue.getJobCounts(), queue.isPaused()]);
  const of = (state: string): number => counts[state] ?? 0;
  return {
    name: queue.name,
    waiting: of('waiting') + of('paused') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    waitingForChildren: of('waiting-children'),
    failed: of('failed'),
    completed: of('completed'),
    isPaused,
  };
}
