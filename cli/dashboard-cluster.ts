/**
 * What the dashboard sees of the processes that collect: read from the Redis of a cluster over one connection that waits for
 * it to come back, or from the files of runs in one process.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { BudgetReading, CityReading, ClusterReading, ClusterView } from '../dashboard/cluster-view.ts';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import { createFileBreakerStore } from '../queues/file-breaker-store.ts';
import type { NodeRegistry } from '../queues/node-registry.ts';
import { readQueues } from '../queues/queue-overview.ts';
import { createRedisBreakerStore } from '../queues/redis-breaker-store.ts';
import { readRequestsOfDay } from '../queues/redis-budget-counter.ts';
import { createCityLimitStore } from '../queues/redis-city-limits.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { isAway } from '../queues/redis-connection.ts';
import { createRunBoard } from '../queues/run-board.ts';
import type { RunSchedule } from '../queues/run-schedule.ts';
import { createRunSchedule } from '../queues/run-schedule.ts';
import { createScheduleBook } from '../queues/schedule-book.ts';
import { boundsOfNominalDay, nominalDayOf, systemClock } from '../src/clock.ts';
import { limitsInForce } from '../src/crawl/city-limits.ts';
import { StorageError } from '../src/errors.ts';
import { crawlQueueOf, queueNames } from '../src/jobs/job-names.ts';
import type { Log } from '../src/log.ts';
import type { DayCount } from '../src/resilience/budget-counter.ts';
import type { PublishedSeries } from '../src/storage/published-series.ts';
import { selectDayRequests } from '../src/storage/request-ledger.ts';
import { clusterPrefix, connectCluster, storeQueues } from '../workers/cluster.ts';
import { answerSoon, clusterUnreachable, readStatus } from '../workers/cluster-access.ts';
import { createClusterRegistry } from '../workers/node-membership.ts';
import { readBreakers } from '../workers/operator/breakers.ts';
import { readCityLimits } from '../workers/operator/city-limits.ts';
import { readSchedule } from '../workers/operator/schedule.ts';

export interface OpenClusterView extends ClusterView {
  readonly close: () => Promise<void>;
}

interface ViewOptions {
  readonly config: Config;
  readonly log: Log;
  /** Where requests of one process are counted. */
  readonly series: PublishedSeries;
}

/** Opens the view of the configuration: of the cluster when it names a Redis. The caller closes it. */
export function openClusterView(options: ViewOptions): OpenClusterView {
  return options.config.cluster.redis === null ? standaloneView(options) : clusterView(options);
}

interface OpenCluster {
  readonly config: Config;
  readonly redis: RedisConnection;
  readonly registry: NodeRegistry;
  readonly queues: BullMqQueues;
  readonly schedule: RunSchedule;
  readonly log: Log;
}

function clusterView({ config, log }: ViewOptions): OpenClusterView {
  const redis = connectCluster(config, log);
  const parts: OpenCluster = {
    ...{ config, redis, log },
    registry: createClusterRegistry({ redis, config, clock: systemClock, log }),
    queues: new BullMqQueues({ redis, prefix: clusterPrefix, log }),
    schedule: createRunSchedule({ redis, prefix: clusterPrefix, log }),
  };
  return {
    board: {
      isAway: () => isAway(redis),
      names: () => answerSoon(queueNamesOf(parts)),
      queue: parts.queues.queue,
    },
    read: async () => {
      // A command would wait on the connection, and with it everybody who looks.
      if (isAway(redis)) throw clusterUnreachable('none');
      return answerSoon(readCluster(parts));
    },
    close: async () => {
      // What waits for a Redis that is away must not hold up the end.
      redis.disconnect();
      await Promise.allSettled([parts.schedule.close(), parts.queues.close()]);
    },
  };
}

async function readCluster(parts: OpenCluster): Promise<ClusterReading> {
  const { config, redis, registry, queues, log } = parts;
  const prefix = clusterPrefix;
  const names = await queueNamesOf(parts);
  const store = createRedisBreakerStore({ redis, keyPrefix: `${prefix}:`, onProblem: (text) => log.warn(text) });
  const book = createScheduleBook({ redis, prefix });
  const [status, runs, queueReadings, schedule, breakers, limits, spent] = await Promise.all([
    readStatus({ redis, registry }, config),
    createRunBoard({ redis, prefix }).underWay(),
    readQueues(queues.queue, names),
    readSchedule({ config, schedule: parts.schedule, book, clock: systemClock, audit: recordsNothing }),
    readBreakers({ config, store, audit: recordsNothing }),
    readCityLimits({ config, store: createCityLimitStore({ redis, prefix }) }),
    readRequestsOfDay({ redis, prefix }, nominalDayOf(systemClock.now())),
  ]);
  const paused = new Set(queueReadings.filter(({ isPaused }) => isPaused).map(({ name }) => name));
  const taskOf = new Map(config.tasks.map((task) => [task.city, task]));
  return {
    cluster: { status, queues: queueReadings, schedule, runs },
    breakers,
    cities: limits.map((each): CityReading => {
      const budget = {
        used: spent.cities.get(each.city) ?? 0,
        limit: taskOf.get(each.city)?.dailyRequestBudget ?? null,
      };
      return { ...each, isPaused: paused.has(crawlQueueOf(each.city)), budget };
    }),
    portalBudget: { used: spent.portal, limit: config.politeness.dailyRequestBudget },
  };
}

/** Those of the configuration, and of the cities that the nodes serve, whose configuration may be newer than ours. */
async function queueNamesOf({ config, registry }: OpenCluster): Promise<readonly string[]> {
  const served = (await registry.list()).flatMap(({ cities }) => cities);
  const cities = new Set([...config.tasks.map(({ city }) => city), ...served]);
  const crawlQueues = [...new Set([...cities].map(crawlQueueOf))].sort();
  return [...storeQueues, queueNames.cities, queueNames.schedule, ...crawlQueues];
}

function standaloneView({ config, log, series }: ViewOptions): OpenClusterView {
  const directory = config.stateDirectory;
  const store = createFileBreakerStore({ directory, clock: systemClock, onProblem: (text) => log.warn(text) });
  return {
    board: null,
    read: async () => {
      const spent = await requestsToday(series);
      return {
        cluster: null,
        breakers: await readBreakers({ config, store, audit: recordsNothing }),
        cities: config.tasks.map((task) => standaloneCity(task, spent)),
        portalBudget: { used: spent?.portal ?? null, limit: config.politeness.dailyRequestBudget },
      };
    },
    close: async () => undefined,
  };
}

function standaloneCity(task: CityTask, spent: DayCount | null): CityReading {
  const limits = limitsInForce(task, undefined);
  const used = spent === null ? null : (spent.cities.get(task.city) ?? 0);
  const budget: BudgetReading = { used, limit: task.dailyRequestBudget };
  return { city: task.city, configured: limits, inForce: limits, set: null, isPaused: false, budget };
}

/** As of the snapshot; null when nothing has been published. */
async function requestsToday(series: PublishedSeries): Promise<DayCount | null> {
  const day = nominalDayOf(systemClock.now());
  const { fromMs, toMs } = boundsOfNominalDay(day);
  try {
    const found = await series.read((database) => database.use((session) => selectDayRequests(session, fromMs, toMs)));
    return { day, portal: found.requests, cities: new Map(found.cities.map((each) => [each.city, each.requests])) };
  } catch (error) {
    if (error instanceof StorageError && error.code === 'SNAPSHOT_MISSING') return null;
    throw error;
  }
}

/** Who only looks, changes nothing that would have to be recorded. */
function recordsNothing(): void {}
