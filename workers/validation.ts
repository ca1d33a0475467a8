/**
 * A step of `oikotie validate`: a limited run into a database of its own, judged by what it shows. The series knows
 * nothing of it; its database is opened for a moment before and after, for what the day has seen and for the result.
 */

import type { CityTask, Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import type { DayRequests } from '../src/jobs/series-store.ts';
import type { AuditEvent } from '../src/lineage/audit-event.ts';
import { operatorEvent } from '../src/lineage/operator-event.ts';
import type { CityReceipt, ExecutionResult } from '../src/quality/city-receipt.ts';
import type {
  AskedRate,
  CoreCoverage,
  IdentityCounts,
  ValidationJudgement,
  ValidationStep,
} from '../src/quality/judge-validation.ts';
import { coreCoverageOf, judgeValidation } from '../src/quality/judge-validation.ts';
import { openDatabase } from '../src/storage/database.ts';
import {
  makeValidationDatabase,
  removeValidationDatabase,
  validationPathOf,
} from '../src/storage/validation-database.ts';
import type { CollectedFigures } from '../src/storage/validation-reader.ts';
import { readCollectedFigures } from '../src/storage/validation-reader.ts';
import type { ValidationGround, ValidationRow } from '../src/storage/validations.ts';
import { readValidationGround, saveValidation } from '../src/storage/validations.ts';
import { addDayRequests, noRequests } from './asked-today.ts';

export interface ValidationPlan {
  /** That of the series. */
  readonly config: Config;
  readonly tasks: readonly CityTask[];
  readonly step: ValidationStep;
  /** The step before has not passed, and an operator goes on. */
  readonly isForced: boolean;
  readonly clock: Clock;
}

export interface CityValidation extends ValidationJudgement {
  readonly city: string;
  readonly isPassed: boolean;
  /** Null when nothing was collected. */
  readonly verdict: CityReceipt['verdict'] | null;
  readonly coverage: readonly CoreCoverage[];
  readonly identities: IdentityCounts;
  readonly rate: AskedRate;
}

export interface ValidationReport {
  readonly validationId: string;
  readonly step: ValidationStep;
  readonly isForced: boolean;
  /** Every city has passed. */
  readonly isPassed: boolean;
  readonly isInterrupted: boolean;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string;
  readonly finishedAtUtc: string;
  readonly cities: readonly CityValidation[];
  /** Of all cities together, and what was for no city alone. */
  readonly portalRate: AskedRate;
  /** Requests of the step and of the checks before it. */
  readonly asked: DayRequests;
  /** Where its pages are, for whoever wants to know why it did not pass; null when they were removed. */
  readonly databasePath: string | null;
}

/** Runs the work in the database of the series, which is opened for that long. @throws StorageError as `openDatabase`. */
async function inSeries<Result>(
  { databasePath: path, database: limits }: Config,
  work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({ ...limits, path, mode: 'write' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** What the series says before a step. @throws StorageError DATABASE_LOCKED when a run holds it; others as `openDatabase`. */
export function readGround({ config, step, clock }: Omit<ValidationPlan, 'isForced'>): Promise<ValidationGround> {
  return inSeries(config, (database) => readValidationGround(database, step, clock.now()));
}

/** Why the step may not begin: a sentence for each city whose step before has not passed in time; none when it may. */
export function refusalsOf(
  { config, tasks, step, clock }: Omit<ValidationPlan, 'isForced'>,
  { stepBefore }: ValidationGround,
): readonly string[] {
  if (step === 1) return [];
  const { maxAgeMs } = config.validation;
  return tasks.flatMap(({ city }) => {
    const last = stepBefore.find((each) => each.city === city);
    if (last === undefined) return [`${city}: step ${step - 1} has never ended`];
    if (!last.isPassed) return [`${city}: step ${step - 1} did not pass at ${last.finishedAtUtc}`];
    const isOld = clock.now() - Date.parse(last.finishedAtUtc) > maxAgeMs;
    return isOld
      ? [`${city}: step ${step - 1} passed at ${last.finishedAtUtc}, more than ${maxAgeMs / 3_600_000} h ago`]
      : [];
  });
}

/** Collects with a configuration that is not the series' and gives back the result, as `runStandalone` does. */
type Collect = (run: { readonly config: Config; readonly tasks: readonly CityTask[] }) => Promise<ExecutionResult>;

/**
 * Runs the step and judges it; nothing is written to the series. `askedBefore` is what its own checks have asked.
 * @throws StorageError as `makeValidationDatabase`.
 */
export async function runStep(
  plan: ValidationPlan,
  { forgottenIds, askedBefore }: Pick<ValidationGround, 'forgottenIds'> & { readonly askedBefore: DayRequests },
  collect: Collect,
): Promise<ValidationReport> {
  const { config, clock, step, isForced } = plan;
  const path = validationPathOf(config.databasePath);
  await makeValidationDatabase(path, config.database, forgottenIds);
  const startedAtUtc = toUtcIso(clock.now());
  const result = await collect({
    config: configApart(config, path),
    tasks: plan.tasks.map((task) => limited(task, plan)),
  });
  const figures = await readCollectedFigures({
    ...{ database: { ...config.database, path }, limits: config.quality },
    ...{ fromMs: Date.parse(startedAtUtc), toMs: clock.now() },
  });
  const cities = plan.tasks.map(({ city }) => judgeTask(city, plan, result, figures));
  const isPassed = cities.every((each) => each.isPassed);
  if (isPassed) await removeValidationDatabase(path);
  return {
    ...{ validationId: `step-${step}-${startedAtUtc}`, step, isForced, isPassed },
    ...{ isInterrupted: result.status === 'interrupted', startedAtUtc, finishedAtUtc: toUtcIso(clock.now()) },
    ...{ cities, portalRate: figures.rates.get(null) ?? nothingAsked, databasePath: isPassed ? null : path },
    asked: addDayRequests(askedBefore, requestsIn(figures)),
  };
}

/**
 * What the run of a validation must not leave anywhere: pages in the archive, snapshots and datasets, events of a run in
 * the audit log of the series. Open breakers hold for it, and what it does to them holds for the runs after it.
 */
function configApart(config: Config, databasePath: string): Config {
  const { rawArchive, publish, politeness } = config;
  return {
    ...config,
    databasePath,
    logsDirectory: null,
    metricsPort: null,
    metricsFile: null,
    alerts: { ...config.alerts, isEnabled: false },
    rawArchive: { ...rawArchive, directory: null, bucket: null },
    publish: { ...publish, snapshots: false, datasets: false },
    lineage: { openLineageFile: null, openLineageUrl: null },
    // Single requests are what the rate is judged by.
    politeness: { ...politeness, requestLogDays: Math.max(politeness.requestLogDays, 30) },
  };
}

function limited(task: CityTask, { step, config }: ValidationPlan): CityTask {
  const [first, second] = config.validation.sampleListings;
  if (step === 3) return task;
  const most = step === 1 ? first : second;
  return { ...task, listingLimit: Math.min(most, task.listingLimit ?? most) };
}

function requestsIn({ rates }: CollectedFigures): DayRequests {
  const portal = rates.get(null);
  const cities = [...rates].flatMap(([city, { requests, lastAtUtc }]) =>
    city === null ? [] : [{ city, requests, lastSentAtMs: Date.parse(lastAtUtc) }],
  );
  if (portal === undefined) return noRequests;
  return { requests: portal.requests, lastSentAtMs: Date.parse(portal.lastAtUtc), cities };
}

const nothingAsked: AskedRate = { requests: 0, worstWindow: 0 };
const nothingCollected = { coverage: [], identities: { records: 0, violated: 0, unchecked: 0 } };
const nothingJudged = { tried: 0, stored: 0, parsedShare: null, identityShare: null, lowestField: null };

function judgeTask(
  city: string,
  { config }: ValidationPlan,
  { cities, status }: ExecutionResult,
  figures: CollectedFigures,
): CityValidation {
  const receipt = cities.find((each) => each.city === city);
  const { identities, ...pages } = figures.cities.get(city) ?? nothingCollected;
  const collected = { identities, coverage: coreCoverageOf(pages.coverage) };
  const rate = figures.rates.get(city) ?? nothingAsked;
  const portalRate = figures.rates.get(null) ?? nothingAsked;
  const judged =
    receipt === undefined
      ? { ...nothingJudged, reasons: ['it was not begun'] }
      : judgeValidation({ ...collected, receipt, rate, portalRate }, config.validation);
  const reasons = [...(status === 'interrupted' ? ['the validation was stopped'] : []), ...judged.reasons];
  const isPassed = reasons.length === 0;
  return { ...judged, ...collected, city, isPassed, reasons, verdict: receipt?.verdict ?? null, rate };
}

/** Keeps the result in the series, and gives back its audit event. @throws StorageError as `openDatabase`. */
export async function keepReport(
  { config, clock }: Pick<ValidationPlan, 'config' | 'clock'>,
  report: ValidationReport,
): Promise<AuditEvent> {
  const { step, validationId, isPassed, isForced, cities } = report;
  const names = cities.map(({ city }) => city).join(', ');
  const event = operatorEvent(
    { clock, nodeId: config.nodeId },
    {
      severity: isPassed ? 'INFO' : 'WARNING',
      message: `validation step ${step} of ${names}: ${isPassed ? 'passed' : 'not passed'}`,
      details: {
        validationId,
        step,
        isPassed,
        isForced,
        cities: cities.map(({ city, reasons }) => ({ city, reasons })),
      },
    },
  );
  await inSeries(config, (database) => saveValidation(database, rowsOf(report), [event]));
  return event;
}

/** Records that an operator goes on although the step before has not passed; gives back the event. */
export async function keepForce(
  { config, clock, step }: Omit<ValidationPlan, 'isForced'>,
  refusals: readonly string[],
): Promise<AuditEvent> {
  const event = operatorEvent(
    { clock, nodeId: config.nodeId },
    {
      message: `validation step ${step} was forced: ${refusals.join('; ')}`,
      details: { step, isForced: true, refusals },
    },
  );
  await inSeries(config, (database) => saveValidation(database, [], [event]));
  return event;
}

/** A row for each city, and one for what was asked for none of them. */
function rowsOf(report: ValidationReport): readonly ValidationRow[] {
  const { validationId, step, isForced, startedAtUtc, finishedAtUtc, portalRate, asked } = report;
  const shared = { validationId, step, isForced, startedAtUtc, finishedAtUtc };
  const askedOf = new Map(asked.cities.map((each) => [each.city, each]));
  const utcOrNull = (epochMs: number | null | undefined) =>
    epochMs === null || epochMs === undefined ? null : toUtcIso(epochMs);
  const rows = report.cities.map((each): ValidationRow => {
    const { city, isPassed, tried, stored, parsedShare, identityShare, coverage, reasons, rate } = each;
    const own = askedOf.get(city);
    return {
      ...{ ...shared, city, isPassed, tried, stored, parsedShare, identityShare, coverage, reasons },
      ...{
        requests: own?.requests ?? 0,
        lastRequestAtUtc: utcOrNull(own?.lastSentAtMs),
        worstWindow: rate.worstWindow,
      },
    };
  });
  const forNoCity = asked.requests - asked.cities.reduce((sum, each) => sum + each.requests, 0);
  return [
    ...rows,
    {
      ...{ ...shared, city: null, isPassed: report.isPassed, tried: null, stored: null, parsedShare: null },
      ...{ identityShare: null, coverage: [], reasons: [], requests: forNoCity },
      ...{ lastRequestAtUtc: utcOrNull(asked.lastSentAtMs), worstWindow: portalRate.worstWindow },
    },
  ];
}
