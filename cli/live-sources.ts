/**
 * Where the dashboard sees what goes on now: the progress a standalone run leaves in the state directory and, on a cluster, the
 * run board, the schedule and the breakers in Redis. A Redis that is away is told of at once, so that no page waits for it.
 */
import type { Config } from '../config/config.ts';
import type { LiveRun, LiveSchedule, LiveSources, OpenBreaker } from '../dashboard/live/live-sources.ts';
import { helsinkiCalendar, nextDays } from '../queues/cron-times.ts';
import { createFileBreakerStore } from '../queues/file-breaker-store.ts';
import { createRedisBreakerStore } from '../queues/redis-breaker-store.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { isAway } from '../queues/redis-connection.ts';
import type { RunBoard } from '../queues/run-board.ts';
import { createRunBoard } from '../queues/run-board.ts';
import type { RunSchedule } from '../queues/run-schedule.ts';
import { createRunSchedule } from '../queues/run-schedule.ts';
import { createScheduleBook } from '../queues/schedule-book.ts';
import type { Clock } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { Log } from '../src/log.ts';
import type { BreakerState } from '../src/resilience/breaker-state.ts';
import { clusterPrefix, connectCluster } from '../workers/cluster.ts';
import { readProgressFile } from '../workers/progress-file.ts';
import { readShownProgress } from '../workers/shown-progress.ts';

interface OpenLiveSources {
  readonly sources: LiveSources;
  readonly close: () => Promise<void>;
}

interface SourceOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longest wait for Redis, in milliseconds. */
const answerWaitMs = 1_000;
/** What the schedule will do changes seldom. */
const scheduleAgeMs = 10_000;

/** Opens them as the configuration says; the caller closes them. */
export function openLiveSources(options: SourceOptions): OpenLiveSources {
  return options.config.cluster.redis === null ? standaloneSources(options) : clusterSources(options);
}

function standaloneSources({ config, clock, log }: SourceOptions): OpenLiveSources {
  const onProblem = (message: string) => log.warn({ error: message }, 'breaker states have a problem');
  const breakers = createFileBreakerStore({ directory: config.stateDirectory, clock, onProblem });
  const sources: LiveSources = {
    runs: () => standaloneRuns(config, clock),
    hasEnded: async () => false,
    breakers: async () => openBreakers(await breakers.list()),
    schedule: async () => null,
  };
  return { sources, close: async () => undefined };
}

async function standaloneRuns(config: Config, clock: Clock): Promise<readonly LiveRun[]> {
  const run = await readProgressFile(config, clock.now());
  return run === null ? [] : [run];
}

function clusterSources({ config, clock, log }: SourceOptions): OpenLiveSources {
  const redis = connectCluster(config, log);
  const board = createRunBoard({ redis, prefix: clusterPrefix });
  const onProblem = (message: string) => log.warn({ error: message }, 'breaker states have a problem');
  const breakers = createRedisBreakerStore({ redis, onProblem, keyPrefix: `${clusterPrefix}:` });
  const schedule = createRunSchedule({ redis, prefix: clusterPrefix, log });
  const ask = createAsker(redis, clock);
  const boardRuns = createBoardRuns(board, clock);
  let known: { readonly atMs: number; readonly schedule: LiveSchedule } | null = null;
  const sources: LiveSources = {
    // A run of this machine may have gone on without the cluster.
    runs: async () => [...(await ask(boardRuns)), ...(await standaloneRuns(config, clock))],
    hasEnded: async (executionId) => (await ask(() => board.read(executionId, 'result'))) !== null,
    breakers: async () => openBreakers(await ask(() => breakers.list())),
    schedule: async () => {
      const nowMs = clock.now();
      if (known !== null && nowMs - known.atMs < scheduleAgeMs) return known.schedule;
      known = { atMs: nowMs, schedule: await ask(() => readSchedule({ config, redis, schedule, nowMs })) };
      return known.schedule;
    },
  };
  const close = async () => {
    await schedule.close();
    redis.disconnect();
  };
  return { sources, close };
}

/** Gives up after a second, and at once as long as Redis stays away. */
function createAsker(redis: RedisConnection, clock: Clock) {
  let hasFailed = false;
  const away = () => {
    const message = 'the cluster: expected a Redis that answers, got none; start it, or check redis_url';
    return new ScraperError('CLUSTER_UNREACHABLE', message, { category: 'NETWORK_ERROR' });
  };
  return async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    if (hasFailed && isAway(redis)) throw away();
    const answered = new AbortController();
    const late = clock.sleep(answerWaitMs, answered.signal).then(() => {
      hasFailed = true;
      throw away();
    });
    late.catch(() => undefined);
    const asked = question();
    // It may still fail when nobody waits for it any more.
    asked.catch(() => undefined);
    const answer = await Promise.race([asked, late]).finally(() => answered.abort());
    hasFailed = false;
    return answer;
  };
}

/** The runs that a store keeps the books of. The board does not say when something last moved: it is noticed here. */
function createBoardRuns(board: RunBoard, clock: Clock): () => Promise<readonly LiveRun[]> {
  let seen = new Map<string, { readonly counts: string; readonly movedAtMs: number }>();
  return async () => {
    const runs: LiveRun[] = [];
    const now: typeof seen = new Map();
    for (const executionId of await board.underWay()) {
      const cities = (await readShownProgress(board, executionId)) ?? [];
      const counts = countsOf(cities);
      const before = seen.get(executionId);
      const movedAtMs = before?.counts === counts ? before.movedAtMs : clock.now();
      now.set(executionId, { counts, movedAtMs });
      runs.push({ executionId, startedAtMs: null, movedAtMs, isAlive: true, planned: null, cities });
    }
    seen = now;
    return runs;
  };
}

function countsOf(cities: readonly CityProgress[]): string {
  return JSON.stringify(cities.map(({ city, settled, requests, isDone }) => [city, settled, requests, isDone]));
}

async function readSchedule({
  config,
  redis,
  schedule,
  nowMs,
}: {
  readonly config: Config;
  readonly redis: RedisConnection;
  readonly schedule: RunSchedule;
  readonly nowMs: number;
}): Promise<LiveSchedule> {
  const book = createScheduleBook({ redis, prefix: clusterPrefix });
  const today = helsinkiCalendar.dayOf(nowMs);
  const [current, paused, record, takers] = await Promise.all([
    schedule.current(),
    book.pause(),
    book.day(today),
    schedule.takers(),
  ]);
  // Today has no other run once it was seen to.
  const isSeenTo = record !== null && record.outcome !== 'paused';
  const afterMs = isSeenTo ? helsinkiCalendar.boundsOf(today).toMs - 1 : nowMs;
  const [nextMs] = nextDays(current ?? config.schedule, { afterMs, count: 1 });
  return {
    isEnabled: config.schedule.isEnabled,
    pausedSinceUtc: paused?.atUtc ?? null,
    nextMs: nextMs ?? null,
    today: record?.outcome ?? null,
    hasScheduler: takers.length > 0,
  };
}

const stateNames = { OPEN: 'open', HALF_OPEN: 'trial' } as const;

function openBreakers(states: ReadonlyMap<string, BreakerState>): readonly OpenBreaker[] {
  return [...states].flatMap(([name, { status, isForced, retryAtMs, history }]) => {
    if (status === 'CLOSED') return [];
    const cause = history.findLast(({ kind }) => kind === 'opened' || kind === 'forced_open');
    const state = isForced ? 'held' : stateNames[status];
    return [{ name, state, sinceMs: cause?.atMs ?? null, retryAtMs, reason: cause?.reason ?? null }];
  });
}
