/**
 * The limits of the cities of a cluster as an operator sees and changes them while it runs. What is set holds on every node
 * at once and for later runs, until it is reset.
 */
import type { CityTask, Config } from '../../config/config.ts';
import type { BullMqQueues } from '../../queues/bullmq-queues.ts';
import type { CityLimitStore } from '../../queues/redis-city-limits.ts';
import type { Clock } from '../../src/clock.ts';
import { toUtcIso } from '../../src/clock.ts';
import type { CityLimits, CityOverride } from '../../src/crawl/city-limits.ts';
import { limitsInForce } from '../../src/crawl/city-limits.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import { operatorEvent } from '../../src/lineage/operator-event.ts';
import { limitsEvent } from '../limits-event.ts';
import { setCityQueueLimits } from '../queue-limits.ts';

export interface CityDesk {
  readonly config: Pick<Config, 'tasks' | 'nodeId' | 'crawler'>;
  readonly store: CityLimitStore;
  readonly queues: BullMqQueues;
  readonly clock: Clock;
  /** Told of an operator's action. */
  readonly audit: AuditSink;
}

/** What is to be done to a city: new limits beside those that were set before, or the configured ones again. */
export type CityChange =
  | {
      readonly action: 'set';
      readonly city: string;
      readonly requestsPerSecond: number | null;
      readonly workers: number | null;
    }
  | { readonly action: 'reset'; readonly city: string };

/** The limits of a city, as they are and as they were configured. */
export interface LimitsOfCity {
  readonly city: string;
  readonly configured: CityLimits;
  readonly inForce: CityLimits;
  /** Null when nothing is set. */
  readonly set: { readonly setAtUtc: string; readonly by: string } | null;
}

export type CityChanged =
  | { readonly kind: 'changed'; readonly limits: LimitsOfCity }
  /** Nothing was set that could be reset. */
  | { readonly kind: 'nothing_set'; readonly city: string }
  | { readonly kind: 'unknown_city' };

/** Of every configured city. */
export async function readCityLimits({
  config,
  store,
}: Pick<CityDesk, 'config' | 'store'>): Promise<readonly LimitsOfCity[]> {
  const overrides = await store.read();
  return config.tasks.map((task) => limitsOf(task, overrides.get(task.city)));
}

/** Sets or resets the limits of one city, on record; its name in any case of letters. */
export async function changeCityLimits(desk: CityDesk, change: CityChange): Promise<CityChanged> {
  const task = findTask(desk.config.tasks, change.city);
  if (task === undefined) return { kind: 'unknown_city' };
  const before = (await desk.store.read()).get(task.city);
  if (change.action === 'reset' && limitsOf(task, before).set === null) return { kind: 'nothing_set', city: task.city };
  const override = overrideOf(desk, change, before);
  const from = limitsInForce(task, before);
  const limits = limitsInForce(task, override);
  await desk.store.write(task.city, override, limits.requestIntervalMs - from.requestIntervalMs);
  await setCityQueueLimits(desk.queues, task, override);
  desk.audit(operatorEvent({ clock: desk.clock, nodeId: desk.config.nodeId }, limitsEvent(task.city, limits, from)));
  return { kind: 'changed', limits: limitsOf(task, override) };
}

/** The configured city of that name, in any case of letters. */
export function findTask(tasks: readonly CityTask[], name: string): CityTask | undefined {
  return tasks.find(({ city }) => city.toLowerCase() === name.toLowerCase());
}

function overrideOf({ clock, config }: CityDesk, change: CityChange, before: CityOverride | undefined): CityOverride {
  const stamp = { setAtUtc: toUtcIso(clock.now()), by: config.nodeId };
  if (change.action === 'reset') return stamp;
  const { requestsPerSecond, workers } = change;
  return {
    ...before,
    ...(requestsPerSecond === null ? {} : { requestIntervalMs: Math.ceil(1_000 / requestsPerSecond) }),
    ...(workers === null ? {} : { maxDetailWorkers: workers }),
    ...stamp,
  };
}

function limitsOf(task: CityTask, override: CityOverride | undefined): LimitsOfCity {
  const isSet = override?.requestIntervalMs !== undefined || override?.maxDetailWorkers !== undefined;
  return {
    city: task.city,
    configured: limitsInForce(task, undefined),
    inForce: limitsInForce(task, override),
    set: isSet && override !== undefined ? { setAtUtc: override.setAtUtc, by: override.by } : null,
  };
}
