/**
 * A run of the cluster at once, as an operator wants it: put on its queue, not followed.
 */
import type { CityTask, Config } from '../../config/config.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';
import type { Clock } from '../../src/clock.ts';
import { nominalDayOf } from '../../src/clock.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import { operatorEvent } from '../../src/lineage/operator-event.ts';
import type { Log } from '../../src/log.ts';
import { missingRoles } from '../missing-roles.ts';
import { createClusterRegistry } from '../node-membership.ts';
import { chooseExecutionId, openRunDesk } from '../run-desk.ts';

export interface StartRunOptions {
  readonly config: Config;
  /** Cities to collect, each with its listing limit. */
  readonly tasks: readonly CityTask[];
  readonly redis: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: AuditSink;
  /** The cities may lose many listings at once; by default not. */
  readonly acceptsDrop?: boolean;
}

export interface StartedRun {
  readonly executionId: string;
  readonly nominalDay: string;
  /** False: that run is under way already and was left as it is. */
  readonly isNew: boolean;
  /** A sentence for each role that nobody plays: the run waits for it. */
  readonly missing: readonly string[];
}

/** Puts today's run on its queue, or another one when it has ended; one that is under way is left as it is. */
export async function startRun(options: StartRunOptions): Promise<StartedRun> {
  const { config, tasks, redis, clock, log, audit, acceptsDrop = false } = options;
  const desk = openRunDesk({ config, tasks, redis, clock, log });
  try {
    const nominalDay = nominalDayOf(clock.now());
    const executionId = await chooseExecutionId(desk, nominalDay);
    const isNew = (await desk.stateOf(executionId)) === 'unknown';
    if (isNew) {
      await desk.enqueue({ executionId, nominalDay, acceptsDrop });
      const deed = { message: `${executionId} was started: by an operator`, executionId };
      audit(operatorEvent({ clock, nodeId: config.nodeId }, deed));
    }
    const nodes = await createClusterRegistry({ redis, config, clock, log }).list();
    const missing = (await missingRoles({ queues: desk.queues, nodes, tasks })).map(({ sentence }) => sentence);
    return { executionId, nominalDay, isNew, missing };
  } finally {
    await desk.close();
  }
}
