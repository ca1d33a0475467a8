/**
 * `oikotie city`: shows how fast and with how many workers the cluster asks for each city, and lets an operator change it
 * while it runs. What is set holds on every node at once and for later runs, until it is reset.
 */

import type { CityTask, Config } from '../config/config.ts';
import { nearestWords } from '../config/problem.ts';
import type { BullMqQueues } from '../queues/bullmq-queues.ts';
import type { CityLimitStore } from '../queues/redis-city-limits.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import type { CityLimits, CityOverride } from '../src/crawl/city-limits.ts';
import { limitsInForce } from '../src/crawl/city-limits.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { operatorEvent } from '../src/lineage/operator-event.ts';
import { describeLimits, describeRate, limitsEvent } from '../workers/limits-event.ts';
import { setCityQueueLimits } from '../workers/queue-limits.ts';
import type { ShownCity } from './city-table.ts';
import { renderCities } from './city-table.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { widthOf } from './text-table.ts';

export interface CityDesk {
  readonly config: Pick<Config, 'tasks' | 'nodeId' | 'crawler'>;
  readonly store: CityLimitStore;
  readonly queues: BullMqQueues;
  readonly clock: Clock;
  /** Told of an operator's action. */
  readonly audit: AuditSink;
  readonly json: boolean;
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

export async function listCities(desk: CityDesk, io: CommandIo): Promise<number> {
  const overrides = await desk.store.read();
  const cities = desk.config.tasks.map((task) => shownCity(task, overrides.get(task.city)));
  if (desk.json) io.stdout.write(`${JSON.stringify(cities, null, 2)}\n`);
  else io.stdout.write(renderCities(cities, desk.config.crawler.portalIntervalMs, widthOf(io.stdout)));
  return exitCodes.ok;
}

/** Sets or resets the limits of one city and prints what is in force then; 2 when it is not configured. */
export async function changeCity(desk: CityDesk, change: CityChange, io: CommandIo): Promise<number> {
  const task = findTask(desk.config.tasks, change.city);
  if (task === undefined) {
    io.stderr.write(`city ${change.action} ${change.city}: ${describeUnknown(desk.config.tasks, change.city)}\n`);
    return exitCodes.badInput;
  }
  const before = (await desk.store.read()).get(task.city);
  if (change.action === 'reset' && shownCity(task, before).set === null) {
    io.stderr.write(`Nothing was set for ${task.city}: it is asked as configured.\n`);
    return exitCodes.ok;
  }
  const override = overrideOf(desk, change, before);
  const from = limitsInForce(task, before);
  const limits = limitsInForce(task, override);
  await desk.store.write(task.city, override, limits.requestIntervalMs - from.requestIntervalMs);
  await setCityQueueLimits(desk.queues, task, override);
  recordChange(desk, task.city, limits, from);
  const shown = shownCity(task, override);
  io.stdout.write(desk.json ? `${JSON.stringify(shown, null, 2)}\n` : sentenceOf(desk, shown));
  return exitCodes.ok;
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

function shownCity(task: CityTask, override: CityOverride | undefined): ShownCity {
  const isSet = override?.requestIntervalMs !== undefined || override?.maxDetailWorkers !== undefined;
  return {
    city: task.city,
    configured: limitsInForce(task, undefined),
    inForce: limitsInForce(task, override),
    set: isSet && override !== undefined ? { setAtUtc: override.setAtUtc, by: override.by } : null,
  };
}

function recordChange({ audit, clock, config }: CityDesk, city: string, limits: CityLimits, from: CityLimits): void {
  audit(operatorEvent({ clock, nodeId: config.nodeId }, limitsEvent(city, limits, from)));
}

function sentenceOf({ config }: CityDesk, { city, configured, inForce, set }: ShownCity): string {
  const { portalIntervalMs } = config.crawler;
  const lines =
    set === null
      ? [`${city} is asked as configured again: ${describeLimits(configured)}.`]
      : [
          `${city} is asked with ${describeLimits(inForce)} now (configured: ${describeLimits(configured)}).`,
          `It holds on every node, for later runs too, until "oikotie city reset ${city}".`,
        ];
  if (inForce.requestIntervalMs < portalIntervalMs) {
    const limit = `${describeRate(portalIntervalMs)} for the portal as a whole (crawler.max_requests_per_second)`;
    lines.push(`That is faster than ${limit}, which holds all the same.`);
  }
  return `${lines.join('\n')}\n`;
}

function findTask(tasks: readonly CityTask[], name: string): CityTask | undefined {
  return tasks.find(({ city }) => city.toLowerCase() === name.toLowerCase());
}

/** A few configured cities are all named, of many those that are spelt alike. */
function describeUnknown(tasks: readonly CityTask[], name: string): string {
  const cities = tasks.map(({ city }) => city);
  if (cities.length <= mostNamed) return `expected one of ${cities.join(', ')}`;
  return `expected a configured city; did you mean ${nearestWords(name, cities, 3).join(' or ')}?`;
}

const mostNamed = 6;
