/**
 * The operator's actions of the dashboard, done by the functions that the commands use. Each one has a connection of its own,
 * as a command has: what could not be sent is dropped with it, and never done later unseen.
 */
import type { CityTask, Config } from '../config/config.ts';
import type {
  ActionKind,
  ActionResult,
  OperatorAction,
  OperatorActions,
  RefusalReason,
} from '../dashboard/operator-actions.ts';
import { BullMqQueues } from '../queues/bullmq-queues.ts';
import { createCityLimitStore } from '../queues/redis-city-limits.ts';
import { createRunSchedule } from '../queues/run-schedule.ts';
import { createScheduleBook } from '../queues/schedule-book.ts';
import { systemClock } from '../src/clock.ts';
import { ScraperError, StorageError } from '../src/errors.ts';
import type { QuarantineDecision } from '../src/jobs/close-quarantine.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { Log } from '../src/log.ts';
import { clusterPrefix } from '../workers/cluster.ts';
import type { ClusterAccess } from '../workers/cluster-access.ts';
import { answerSoon, withCluster } from '../workers/cluster-access.ts';
import { describeLimits } from '../workers/limits-event.ts';
import type { BreakerAction } from '../workers/operator/breakers.ts';
import { moveBreaker } from '../workers/operator/breakers.ts';
import type { CityChange } from '../workers/operator/city-limits.ts';
import { changeCityLimits, findTask } from '../workers/operator/city-limits.ts';
import { decideQuarantine } from '../workers/operator/decide-quarantine.ts';
import { askToDrain } from '../workers/operator/drain-node.ts';
import { setCityPaused } from '../workers/operator/pause-city.ts';
import { pauseSchedule, resumeSchedule } from '../workers/operator/schedule.ts';
import { startRun } from '../workers/operator/start-run.ts';
import { selectTasks } from '../workers/select-tasks.ts';
import { openBreakerStore } from './breaker-store.ts';

export interface ActionOptions {
  readonly config: Config;
  readonly log: Log;
  readonly audit: AuditSink;
  /** Called when the database has been changed here, so that the pages show it. */
  readonly onChanged: () => Promise<void>;
}

/** What can be done where no cluster is. */
const standaloneKinds: ReadonlySet<ActionKind> = new Set([
  'open-breaker',
  'close-breaker',
  'reset-breaker',
  'release-quarantine',
  'discard-quarantine',
]);

export function createOperatorActions(options: ActionOptions): OperatorActions {
  const isStandalone = options.config.cluster.redis === null;
  const hindrance = (kind: ActionKind): RefusalReason | null =>
    isStandalone && !standaloneKinds.has(kind) ? 'needs_cluster' : null;
  return {
    hindrance,
    perform: async (action) => {
      const reason = hindrance(action.kind);
      if (reason !== null) return refused(reason);
      try {
        return await perform(options, action);
      } catch (error) {
        return refusalOf(error) ?? Promise.reject(error);
      }
    },
  };
}

function perform(options: ActionOptions, action: OperatorAction): Promise<ActionResult> {
  switch (action.kind) {
    case 'run':
      return runNow(options, { city: action.city, listingLimit: action.limit, acceptsDrop: false });
    case 'retry-failed':
      return runNow(options, { city: action.city, listingLimit: null, acceptsDrop: false });
    case 'accept-drop':
      return runNow(options, { city: action.city, listingLimit: null, acceptsDrop: true });
    case 'pause-schedule':
    case 'resume-schedule':
      return changeSchedule(options, action.kind === 'pause-schedule');
    case 'pause-city':
    case 'resume-city':
      return pauseCity(options, action.city, action.kind === 'pause-city');
    case 'set-limits':
      return changeLimits(options, {
        ...{ action: 'set', city: action.city, requestsPerSecond: action.rate, workers: action.workers },
      });
    case 'reset-limits':
      return changeLimits(options, { action: 'reset', city: action.city });
    case 'open-breaker':
      return changeBreaker(options, 'open', action.breaker);
    case 'close-breaker':
      return changeBreaker(options, 'close', action.breaker);
    case 'reset-breaker':
      return changeBreaker(options, 'reset', action.breaker);
    case 'drain-node':
      return drainNode(options, action.node);
    case 'release-quarantine':
      return closeQuarantine(options, { executionId: action.execution, city: action.city, action: 'release' });
    case 'discard-quarantine':
      return closeQuarantine(options, { executionId: action.execution, city: action.city, action: 'discard' });
  }
}

interface AskedRun {
  /** Null = every enabled city. */
  readonly city: string | null;
  readonly listingLimit: number | null;
  readonly acceptsDrop: boolean;
}

async function runNow(options: ActionOptions, asked: AskedRun): Promise<ActionResult> {
  const { config, log, audit } = options;
  const tasks = tasksOf(config.tasks, asked);
  if (tasks === null) return refused('unknown_city', asked.city);
  return withAccess(config, async ({ redis }) => {
    const { acceptsDrop } = asked;
    const started = startRun({ config, tasks, redis, clock: systemClock, log, audit, acceptsDrop });
    const { executionId, isNew, missing } = await answerSoon(started);
    return isNew ? done(executionId, missing) : refused('run_under_way', executionId);
  });
}

function tasksOf(tasks: readonly CityTask[], { city, listingLimit }: AskedRun): readonly CityTask[] | null {
  const named = city === null ? null : findTask(tasks, city);
  if (named === undefined) return null;
  const chosen = named === null ? selectTasks(tasks, null) : [named];
  return chosen.map((task) => ({ ...task, listingLimit: listingLimit ?? task.listingLimit }));
}

function changeSchedule({ config, log, audit }: ActionOptions, isPaused: boolean): Promise<ActionResult> {
  return withAccess(config, async ({ redis }) => {
    const schedule = createRunSchedule({ redis, prefix: clusterPrefix, log });
    const book = createScheduleBook({ redis, prefix: clusterPrefix });
    const desk = { config, schedule, book, clock: systemClock, audit };
    try {
      if (isPaused) return (await answerSoon(pauseSchedule(desk))) ? done() : refused('unchanged');
      const resumed = await answerSoon(resumeSchedule(desk));
      if (resumed === null) return refused('unchanged');
      return done(null, resumed.hasScheduler ? [] : ['No scheduler is running. Start one with: oikotie scheduler']);
    } finally {
      await schedule.close();
    }
  });
}

/** With a connection to the cluster; a Redis that is away before anything was asked of it is a refusal. */
async function withAccess(
  config: Config,
  work: (access: ClusterAccess) => Promise<ActionResult>,
): Promise<ActionResult> {
  let hasBegun = false;
  try {
    return await withCluster(config, (access) => {
      hasBegun = true;
      return work(access);
    });
  } catch (error) {
    const isAway = error instanceof ScraperError && error.code === 'CLUSTER_UNREACHABLE' && !hasBegun;
    if (isAway) return refused('cluster_away', error.message);
    throw error;
  }
}

/** With the queues of a connection that is there for this only. */
function withQueues(
  { config, log }: ActionOptions,
  work: (queues: BullMqQueues, access: ClusterAccess) => Promise<ActionResult>,
): Promise<ActionResult> {
  return withAccess(config, async (access) => {
    const queues = new BullMqQueues({ redis: access.redis, prefix: clusterPrefix, log });
    try {
      return await answerSoon(work(queues, access));
    } finally {
      await queues.close();
    }
  });
}

function pauseCity(options: ActionOptions, city: string, isPaused: boolean): Promise<ActionResult> {
  const { config, audit } = options;
  return withQueues(options, async (queues) => {
    const paused = await setCityPaused({ config, queues, clock: systemClock, audit }, city, isPaused);
    return paused === 'done' ? done() : refused(paused, city);
  });
}

function changeLimits(options: ActionOptions, change: CityChange): Promise<ActionResult> {
  const { config, audit } = options;
  return withQueues(options, async (queues, { redis }) => {
    const store = createCityLimitStore({ redis, prefix: clusterPrefix });
    const changed = await changeCityLimits({ config, store, queues, clock: systemClock, audit }, change);
    return changed.kind === 'changed'
      ? done(describeLimits(changed.limits.inForce))
      : refused(changed.kind, change.city);
  });
}

async function changeBreaker(options: ActionOptions, action: BreakerAction, name: string): Promise<ActionResult> {
  const { config, log, audit } = options;
  const { redis } = config.cluster;
  const opened = await openBreakerStore({ ...config, redis }, (text) => log.warn(text)).catch(refusedStore);
  if ('outcome' in opened) return opened;
  try {
    const moved = await moveBreaker({ config, store: opened.store, audit }, action, name);
    return moved.kind === 'done' ? done() : refused('unknown_breaker', name);
  } finally {
    opened.close();
  }
}

/** Nothing was asked of it yet. */
function refusedStore(error: unknown): ActionResult {
  if (error instanceof StorageError) return refused('cluster_away', error.message);
  throw error;
}

function drainNode({ config, audit }: ActionOptions, nodeId: string): Promise<ActionResult> {
  return withAccess(config, async ({ registry }) => {
    const answer = await askToDrain({ config, registry, clock: systemClock, audit }, nodeId);
    if (answer.kind === 'asked') return done();
    return refused(answer.kind === 'offline' ? 'node_offline' : 'unknown_node', nodeId);
  });
}

async function closeQuarantine(options: ActionOptions, decision: QuarantineDecision): Promise<ActionResult> {
  const { config, audit, onChanged } = options;
  const decided = await decideQuarantine({ config, databasePath: config.databasePath, audit }, decision);
  if (decided.kind === 'refused_by_store') return refused('no_quarantine', decided.reason);
  if (decided.kind === 'closed_by_store') return done();
  await onChanged();
  const { released, listings } = decided.closed;
  return done(decision.action === 'release' ? `${released} / ${listings}` : String(listings));
}

function done(about: string | null = null, warnings: readonly string[] = []): ActionResult {
  return { outcome: 'done', about, warnings };
}

function refused(reason: RefusalReason, about: string | null = null): ActionResult {
  return { outcome: 'refused', reason, about };
}

/** For errors that say that nothing was done; null for any other. */
function refusalOf(error: unknown): ActionResult | null {
  if (!(error instanceof StorageError)) return null;
  if (error.code === 'QUARANTINE_UNKNOWN') return refused('no_quarantine');
  if (error.code === 'DATABASE_LOCKED') return refused('database_held');
  return null;
}
