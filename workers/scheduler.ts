/**
 * The scheduler: sets up the schedule, starts the run of each day when its time comes, catches up what was missed, and
 * watches for roles that a run waits for. It never asks the portal and never opens the database. A second one is
 * harmless, and takes over when the first one is gone.
 */
import type { CityTask, Config } from '../config/config.ts';
import { createClusterFigures } from '../queues/cluster-figures.ts';
import type { ScheduleDefinition } from '../queues/cron-times.ts';
import { nextTime } from '../queues/cron-times.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import type { RunSchedule } from '../queues/run-schedule.ts';
import { createRunSchedule } from '../queues/run-schedule.ts';
import type { ScheduleBook } from '../queues/schedule-book.ts';
import { createScheduleBook } from '../queues/schedule-book.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import { messageOf } from '../src/errors.ts';
import { jobIdOf, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import { createCountedLog } from '../src/log.ts';
import type { RoleOptions } from './cluster.ts';
import { clusterPrefix, connectCluster, isRedisReady, storeQueues, workQueuesOf } from './cluster.ts';
import type { DayKeeper, DayKeeperPorts } from './day-keeper.ts';
import { createDayKeeper } from './day-keeper.ts';
import type { DegradableParts } from './degradable-parts.ts';
import { openDegradableParts } from './degradable-parts.ts';
import type { MissingRole } from './missing-roles.ts';
import { missingRoles } from './missing-roles.ts';
import type { Monitoring } from './monitoring.ts';
import { openMonitoring } from './monitoring.ts';
import type { NodeMembership } from './node-membership.ts';
import { workAsClusterNode } from './node-membership.ts';
import { showCluster, showNode, showRedis } from './node-monitoring.ts';
import type { RunDesk } from './run-desk.ts';
import { openRunDesk } from './run-desk.ts';
import { createWatchdog, watchRedis } from './watchdog.ts';

/** How often it is looked whether a day is due: what the ticks of BullMQ tell at once, this finds when one is lost. */
const lookIntervalMs = 60_000;
/** How long a look that is under way may go on after SIGTERM. */
const lookGraceMs = 2_000;

/**
 * Schedules until the signal aborts.
 * @throws ConfigError when no Redis is configured; ScraperError SCHEDULE_INVALID for a pattern that cannot be read.
 */
export async function runScheduler(options: RoleOptions): Promise<void> {
  const { config, clock, signal } = options;
  nextTime(config.schedule, clock.now());
  const { log: countedLog, counts } = createCountedLog(options.log);
  const parts = openDegradableParts({ ...options, log: countedLog });
  const { log } = parts;
  const monitoring = await openMonitoring({ ...options, ...parts, role: 'scheduler' });
  const redis = connectCluster(config, log);
  showRedis(monitoring, redis);
  const ended = new AbortController();
  const redisWatch = watchRedis({ ...options, log, redis, metrics: monitoring.metrics, signal: ended.signal });
  try {
    if (!(await isRedisReady(redis, log, signal))) return;
    await workAsClusterNode({ ...options, log, redis, role: 'scheduler', cities: [], counts }, (membership) =>
      keepDays({ ...options, signal: membership.ending }, { ...parts, monitoring }, redis, membership),
    );
  } finally {
    ended.abort();
    await redisWatch;
    redis.disconnect();
    await monitoring.close();
    await parts.flush();
  }
}

async function keepDays(
  { config, clock, signal }: RoleOptions,
  { log, monitoring }: MonitoredParts,
  redis: RedisConnection,
  membership: NodeMembership,
): Promise<void> {
  const { nodeId } = config;
  const tasks = config.tasks.filter(({ enabled }) => enabled);
  const desk = openRunDesk({ config, tasks, redis, clock, log });
  const schedule = createRunSchedule({ redis, prefix: clusterPrefix, log });
  const book = createScheduleBook({ redis, prefix: clusterPrefix });
  const keeper = createDayKeeper({ book, ports: portsOf(desk), clock, log });
  const dog = openWatchdog({ config, clock, log, signal, redis, tasks, desk, schedule, book, membership, monitoring });
  const look = createLook({ config, schedule, keeper, log, missing: dog.missing });
  showNode(monitoring, nodeId, membership, false);
  showCluster(monitoring, dog.figures);
  log.info({ nodeId, ...config.schedule, cities: tasks.map(({ city }) => city) }, 'scheduler starts');
  const stopped = aborted(signal);
  const lookSafely = safely(look, signal, log);
  // First, so that a tick of what was in force before is not taken as one of today's schedule.
  const looked = lookSafely();
  await Promise.race([looked, stopped]);
  const stopTicks = schedule.takeTicks(nodeId, { onTick: keeper.settle, onNudge: look });
  const guardSafely = safely(dog.look, signal, log);
  const watch = looked.then(() =>
    watchDays(
      async () => {
        await lookSafely();
        await guardSafely();
      },
      clock,
      signal,
    ),
  );
  await stopped;
  log.info({ nodeId }, 'scheduler stops');
  await stopTicks();
  // A look that Redis does not answer ends when the connection does.
  const over = new AbortController();
  await Promise.race([watch, clock.sleep(lookGraceMs, over.signal).catch(() => undefined)]);
  over.abort();
  await Promise.all([schedule.close(), desk.close()]);
  log.info({ nodeId }, 'scheduler has stopped');
}

/** A look that fails is made again a minute later. */
function safely(look: () => Promise<void>, signal: AbortSignal, log: Log): () => Promise<void> {
  return () =>
    look().catch((error: unknown) => {
      if (!signal.aborted) log.warn({ error: messageOf(error) }, 'the schedule could not be looked at');
    });
}

async function watchDays(look: () => Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(lookIntervalMs, signal).catch(() => undefined);
    if (!signal.aborted) await look();
  }
}

function portsOf(desk: RunDesk): DayKeeperPorts {
  return {
    isRunKnown: async (executionId) =>
      (await desk.stateOf(executionId)) !== 'unknown' || (await desk.board.read(executionId, 'result')) !== null,
    startRun: desk.enqueue,
    recordSkipped: (payload) =>
      desk.engine.add({
        id: jobIdOf(payload.executionId, 'skip-day'),
        kind: 'skip-day',
        queue: queueNames.store,
        payload,
      }),
  };
}

interface MonitoredParts extends DegradableParts {
  readonly monitoring: Monitoring;
}

interface WatchdogParts extends Pick<RoleOptions, 'config' | 'clock' | 'log' | 'signal'> {
  readonly redis: RedisConnection;
  readonly tasks: readonly CityTask[];
  readonly desk: RunDesk;
  readonly schedule: RunSchedule;
  readonly book: ScheduleBook;
  readonly membership: NodeMembership;
  readonly monitoring: Monitoring;
}

/** What the watchdog and the metrics see of the cluster. */
function openWatchdog(parts: WatchdogParts) {
  const { redis, tasks, desk, schedule, membership, monitoring, clock } = parts;
  const figures = createClusterFigures({
    redis,
    prefix: clusterPrefix,
    queues: [...workQueuesOf(tasks), ...storeQueues.map((name) => ({ name, city: null }))],
    registry: { list: async () => membership.nodes() },
    nextRunMs: async () => (await schedule.current())?.nextMs ?? null,
    clock,
  });
  const missing = async (): Promise<readonly MissingRole[]> => {
    const runs = desk.queues.queue(queueNames.runs);
    const { waiting = 0, prioritized = 0, active = 0 } = await runs.getJobCounts('waiting', 'prioritized', 'active');
    if (waiting + prioritized + active === 0) return [];
    return missingRoles({ queues: desk.queues, nodes: membership.nodes(), tasks });
  };
  const look = createWatchdog({
    ...parts,
    figures,
    metrics: monitoring.metrics,
    missingRoles: missing,
    hasEnded: async (executionId) => (await desk.board.read(executionId, 'result')) !== null,
  });
  return { look, figures, missing };
}

interface LookOptions {
  readonly config: Config;
  /** Roles that a run waits for. */
  readonly missing: () => Promise<readonly MissingRole[]>;
  readonly schedule: RunSchedule;
  readonly keeper: DayKeeper;
  readonly log: Log;
}

/** One look of the watchdog. */
function createLook({ config, schedule, keeper, log, missing }: LookOptions): () => Promise<void> {
  let isFirst = true;
  let warned: readonly string[] = [];

  async function warnOfMissingRoles(): Promise<void> {
    const sentences = (await missing()).map(({ sentence }) => sentence);
    for (const sentence of sentences) if (!warned.includes(sentence)) log.warn(sentence);
    warned = sentences;
  }

  return async () => {
    if (config.schedule.isEnabled) {
      const current = await schedule.current();
      // Of two schedulers with two configurations the one that was started last is right.
      const wanted = isFirst || current === null ? config.schedule : current;
      await setUp(schedule, wanted, current ?? wanted, { keeper, log });
      isFirst = false;
    } else await takeDown(schedule, keeper, log);
    await warnOfMissingRoles();
  };
}

/** What was in force until now tells which days were missed; only then it is replaced. */
async function setUp(
  schedule: RunSchedule,
  wanted: ScheduleDefinition,
  before: ScheduleDefinition,
  { keeper, log }: Pick<LookOptions, 'keeper' | 'log'>,
): Promise<void> {
  await keeper.look(wanted, before);
  if (!(await schedule.define(wanted))) return;
  const nextMs = (await schedule.current())?.nextMs ?? null;
  const { pattern, timezone } = wanted;
  log.info({ pattern, timezone, next: nextMs === null ? null : toUtcIso(nextMs) }, 'the schedule is set up');
}

async function takeDown(schedule: RunSchedule, keeper: DayKeeper, log: Log): Promise<void> {
  if (await schedule.remove()) log.info('the schedule is taken down: schedule.enabled is false');
  await keeper.rest();
}
