/**
 * Whether somebody in the cluster still works on an execution. Apart from left-runs.ts, so that a run of one process
 * does not load what only a cluster needs.
 */
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { jobIdOf, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import { clusterPrefix } from './cluster.ts';

/** Whether Redis still holds the run of an execution. */
export function runLiveness(redis: RedisConnection, log: Log): (executionId: string) => Promise<boolean> {
  return async (executionId) => {
    const queues = new BullMqQueues({ redis, prefix: clusterPrefix, log });
    try {
      const state = await queues.queue(queueNames.runs).getJobState(jobIdOf(executionId, 'run'));
      return !['completed', 'failed', 'unknown'].includes(state);
    } finally {
      await queues.close();
    }
  };
}
