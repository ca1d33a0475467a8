/**
 * The watchdog of a cluster, part of the scheduler: looks at it once a minute, opens and resolves alerts, tells what is
 * untold. That Redis is away it notices by itself and keeps in a file, for there is nowhere else to keep it then.
 */
import type { Config } from '../config/config.ts';
import { dueTimes } from '../queues/cron-times.ts';
import { createFileAlertBook } from '../queues/file-alert-book.ts';
import { createRedisAlertBook } from '../queues/redis-alert-book.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { isAway } from '../queues/redis-connection.ts';
import type { ScheduleBook } from '../queues/schedule-book.ts';
import type { ClusterSight } from '../src/alerts/judge-cluster.ts';
import { judgeCluster, watchStillness } from '../src/alerts/judge-cluster.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf } from '../src/clock.ts';
import { isCrawlQueue, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { FigureSources, QueueFigures } from '../src/metrics/figures.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import { createQuietHours } from '../src/resilience/quiet-hours.ts';
import { createAlertDesk } from './alert-desk.ts';
import { clusterPrefix } from './cluster.ts';
import { dailyExecutionId } from './run-desk.ts';

export interface WatchdogOptions {
  readonly config: Pick<Config, 'alerts' | 'nodeId' | 'schedule' | 'politeness'>;
  readonly redis: RedisConnection;
  readonly figures: Required<Pick<FigureSources, 'queues' | 'nodes' | 'breakers'>>;
  /** Sentences by the role that a run waits for. */
  readonly missingRoles: () => Promise<ClusterSight['missingRoles']>;
  readonly book: Pick<ScheduleBook, 'day' | 'begin'>;
  /** True when the run has its result. */
  readonly hasEnded: (executionId: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly metrics: Metrics | null;
}

const redisLookMs = 5_000;
/** Redis is told to be away after this long. */
const redisAwayMs = 60_000;
const dayMs = 86_400_000;

/** Makes one look at the cluster of it. It throws when Redis cannot be asked. */
export function createWatchdog(options: WatchdogOptions): () => Promise<void> {
  const { config, redis, figures, clock, metrics } = options;
  if (!config.alerts.isEnabled) return () => Promise.resolve();
  const alertBook = createRedisAlertBook({ redis, prefix: clusterPrefix });
  // Looked at every minute: one try each time.
  const desk = createAlertDesk({ ...options, book: alertBook, recorder: metrics, pausesMs: [] });
  const stillness = watchStillness();
  const quietHours = createQuietHours(config.politeness.quietHours);
  let missingBefore: readonly string[] = [];
  metrics?.show({ openAlerts: async () => (await alertBook.open()).map(({ kind }) => kind) });

  /** Those that were missing at the look before as well: one that is just starting again is nobody's concern. */
  async function stillMissingRoles(): Promise<ClusterSight['missingRoles']> {
    const missing = await options.missingRoles();
    const before = missingBefore;
    missingBefore = missing.map(({ role }) => role);
    return missing.filter(({ role }) => before.includes(role));
  }

  async function stillQueues(breakers: ClusterSight['breakers'], nowMs: number): Promise<ClusterSight['stillSinceMs']> {
    const isHeldOnPurpose = ({ queue, city }: QueueFigures): boolean => {
      if (!isCrawlQueue(queue)) return false;
      const isClosed = (name: string): boolean => (breakers.get(name)?.status ?? 'CLOSED') === 'CLOSED';
      return quietHours.quietUntilMs(nowMs) !== null || !isClosed('portal') || !isClosed(city ?? 'portal');
    };
    const queues = (await figures.queues()).filter(({ queue }) => queue === queueNames.store || isCrawlQueue(queue));
    return stillness.look(
      queues.filter((each) => !isHeldOnPurpose(each)),
      nowMs,
    );
  }

  return async () => {
    const nowMs = clock.now();
    const breakers = await figures.breakers();
    const sight: ClusterSight = {
      nowMs,
      breakers,
      nodes: await figures.nodes(),
      missingRoles: await stillMissingRoles(),
      stillSinceMs: await stillQueues(breakers, nowMs),
      missingRunDay: await missingRunDay(options, nowMs),
    };
    await desk.settle(judgeCluster(sight, config.alerts));
  };
}

/** The last day whose run should have ended by now, when it has not; a day on which the schedule was paused has none. */
async function missingRunDay(
  { config, book, hasEnded }: Pick<WatchdogOptions, 'config' | 'book' | 'hasEnded'>,
  nowMs: number,
): Promise<string | null> {
  if (!config.schedule.isEnabled) return null;
  const untilMs = nowMs - config.alerts.runDeadlineMs;
  const sinceMs = await book.begin(nowMs);
  const plannedMs = dueTimes(config.schedule, { afterMs: Math.max(sinceMs, untilMs - 2 * dayMs), untilMs }).at(-1);
  if (plannedMs === undefined) return null;
  const day = nominalDayOf(plannedMs);
  if ((await book.day(day))?.outcome === 'paused') return null;
  return (await hasEnded(dailyExecutionId(day))) ? null : day;
}

type RedisWatchOptions = Pick<WatchdogOptions, 'redis' | 'clock' | 'log' | 'signal' | 'metrics'> & {
  readonly config: Pick<Config, 'alerts' | 'nodeId' | 'stateDirectory'>;
};

/** Watches Redis until the signal aborts, and tells when it has been away for a minute. Never rejects. */
export async function watchRedis(options: RedisWatchOptions): Promise<void> {
  const { config, redis, clock, log, signal, metrics } = options;
  if (!config.alerts.isEnabled) return;
  const onProblem = (error: string): void => log.warn({ error }, 'the file of alerts has a problem');
  const book = createFileAlertBook({ directory: config.stateDirectory, onProblem });
  const desk = createAlertDesk({ ...options, book, recorder: metrics, pausesMs: [] });
  let awaySinceMs: number | null = null;
  let deliverAtMs = 0;
  while (!signal.aborted) {
    const nowMs = clock.now();
    awaySinceMs = isAway(redis) ? (awaySinceMs ?? nowMs) : null;
    if (nowMs >= deliverAtMs) {
      deliverAtMs = nowMs + redisAwayMs;
      const isTold = awaySinceMs !== null && nowMs - awaySinceMs >= redisAwayMs;
      const summary = `Redis does not answer ${config.nodeId}; the cluster stands still, what is found waits on disk`;
      await desk.settle({
        firing: isTold ? [{ kind: 'redis_away', subject: config.nodeId, summary }] : [],
        covers: ({ kind, subject }) => kind === 'redis_away' && subject === config.nodeId && awaySinceMs === null,
      });
    }
    await clock.sleep(redisLookMs, signal).catch(() => undefined);
  }
}
