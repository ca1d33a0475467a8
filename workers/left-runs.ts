/**
 * At its start whoever owns the database closes what an earlier process left open, so that no run is `running` for ever.
 */
import { randomUUID } from 'node:crypto';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import type { Clock } from '../src/clock.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import { closeOrphans } from '../src/jobs/interrupted-books.ts';
import { jobIdOf, queueNames } from '../src/jobs/job-names.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { createAuditRecorder } from '../src/lineage/audit-recorder.ts';
import type { Log } from '../src/log.ts';
import type { QualitySettings } from '../src/quality/quality-settings.ts';
import { clusterPrefix } from './cluster.ts';

interface LeftRunsOptions extends Pick<BookOptions, 'series'> {
  readonly store: SeriesStore;
  readonly clock: Clock;
  readonly nodeId: string;
  readonly auditFile: AuditSink;
  readonly log: Log;
  /** True for an execution that somebody works on, or will. */
  readonly isAlive: (executionId: string) => Promise<boolean>;
  readonly quality: QualitySettings;
}

/** Closes the open executions that nobody works on, and says so. */
export async function closeLeftRuns(options: LeftRunsOptions): Promise<void> {
  const { store, clock, series, quality, nodeId, auditFile, log, isAlive } = options;
  const sink: AuditSink = (event) => {
    store.recordAudit(event);
    auditFile(event);
  };
  const auditOf = (executionId: string) =>
    createAuditRecorder({ sink, clock, executionId, nodeId, newEventId: randomUUID });
  for (const { executionId, requests } of await closeOrphans({ store, clock, series, quality, auditOf, isAlive })) {
    log.warn({ executionId, requests }, 'a run was left open by a process that is gone; it is closed as interrupted');
  }
  await store.flush();
}

/** Whether Redis still holds the run of an execution. */
export function runLiveness(redis: RedisConnection, log: Log): LeftRunsOptions['isAlive'] {
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
