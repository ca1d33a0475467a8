/**
 * Brings `oikotie schedule` together with the configuration and the Redis that keeps the schedule.
 */
import type { Config } from '../config/config.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { connectRedis } from '../queues/redis-connection.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { createRunSchedule } from '../queues/run-schedule.ts';
import { createScheduleBook } from '../queues/schedule-book.ts';
import { systemClock } from '../src/clock.ts';
import { ConfigError, ScraperError } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { clusterPrefix } from '../workers/cluster.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { openOperatorAudit } from './operator-audit.ts';
import type { ScheduleView } from './schedule.ts';
import { listSchedule, pause, resume, showNext } from './schedule.ts';

export type ScheduleAction = 'list' | 'next' | 'run-now' | 'pause' | 'resume';

export interface ScheduleCommand {
  readonly configPath: string | undefined;
  readonly action: ScheduleAction;
  readonly json: boolean;
  /** Times that `next` shows. */
  readonly count: number;
}

/**
 * Runs it and gives back the exit code.
 * @throws ConfigError when no Redis is configured; ScraperError CLUSTER_UNREACHABLE when it does not answer.
 */
export async function runScheduleCommand(command: ScheduleCommand, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(command.configPath);
  const log = createLog({ level: 'silent', destination: io.stderr });
  const redis = await connect(config, log);
  const schedule = createRunSchedule({ redis, prefix: clusterPrefix, log });
  const { audit, flush } = openOperatorAudit(config, io);
  const view: ScheduleView = {
    config,
    schedule,
    book: createScheduleBook({ redis, prefix: clusterPrefix }),
    clock: systemClock,
    audit,
    json: command.json,
  };
  try {
    await act(command, view, redis, io);
    await flush();
    return exitCodes.ok;
  } finally {
    await schedule.close();
    redis.disconnect();
  }
}

function act({ action, count }: ScheduleCommand, view: ScheduleView, redis: RedisConnection, io: CommandIo) {
  const actions: Readonly<Record<ScheduleAction, () => Promise<void>>> = {
    list: () => listSchedule(view, io),
    next: () => showNext(view, count, io),
    pause: () => pause(view, io),
    resume: () => resume(view, io),
    // What starts runs is loaded by those who start one.
    'run-now': async () => (await import('./schedule-run-now.ts')).runNow({ ...view, redis }, io),
  };
  return actions[action]();
}

/** A person waits for an answer, not for a Redis that may come back. */
async function connect({ cluster, nodeId }: Config, log: ReturnType<typeof createLog>): Promise<RedisConnection> {
  const { redis: target } = cluster;
  if (target === null) {
    const expected = 'cluster_coordination.redis_url: expected the Redis that keeps the schedule, got null';
    throw new ConfigError([
      `${expected}; set it or REDIS_URL. Without a cluster a run is started by cron: oikotie run`,
    ]);
  }
  const probe = await probeRedis({ target });
  if (probe.kind === 'ok') return connectRedis({ target, name: nodeId, log });
  const message = `the schedule cannot be read: expected a Redis that answers, got: ${probe.message}; start it, or correct redis_url`;
  throw new ScraperError('CLUSTER_UNREACHABLE', message, { category: 'NETWORK_ERROR' });
}
