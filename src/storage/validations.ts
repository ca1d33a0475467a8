/**
 * What is kept of validations in the database of the series: a row for each city. Nothing else of the series is touched.
 */
import { z } from 'zod';
import { boundsOfNominalDay, nominalDayOf, toUtcIso } from '../clock.ts';
import type { DayRequests } from '../jobs/series-store.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import type { CoreCoverage, ValidationStep } from '../quality/judge-validation.ts';
import { insertAuditEvents } from './audit-rows.ts';
import type { Database } from './database.ts';
import { selectForgotten } from './forgotten.ts';
import { selectDayRequests } from './request-ledger.ts';

/** A step's result for one city, or for the portal as a whole (null). */
export interface ValidationRow {
  readonly validationId: string;
  readonly step: ValidationStep;
  readonly city: string | null;
  readonly isPassed: boolean;
  readonly isForced: boolean;
  /** ISO 8601 UTC. */
  readonly startedAtUtc: string;
  readonly finishedAtUtc: string;
  readonly tried: number | null;
  readonly stored: number | null;
  /** Shares from 0 to 1. */
  readonly parsedShare: number | null;
  readonly identityShare: number | null;
  readonly coverage: readonly CoreCoverage[];
  readonly requests: number;
  readonly lastRequestAtUtc: string | null;
  readonly worstWindow: number | null;
  readonly reasons: readonly string[];
}

const insertRow = `INSERT INTO validations VALUES ($validationId, $step, $city, $isPassed, $isForced,
  $startedAt::TIMESTAMP, $finishedAt::TIMESTAMP, $tried, $stored, $parsedShare, $coverage::JSON, $identityShare,
  $requests, $lastRequestAt::TIMESTAMP, $worstWindow, $reasons::JSON)`;

/** Keeps the rows of a validation and what is to be said of it in the audit log, in one transaction. */
export function saveValidation(
  database: Database,
  rows: readonly ValidationRow[],
  events: readonly AuditEvent[],
): Promise<void> {
  return database.transact(async (session) => {
    for (const { startedAtUtc, finishedAtUtc, lastRequestAtUtc, coverage, reasons, ...row } of rows) {
      await session.run(insertRow, {
        ...row,
        ...{ startedAt: startedAtUtc, finishedAt: finishedAtUtc, lastRequestAt: lastRequestAtUtc },
        ...{ coverage: JSON.stringify(coverage), reasons: JSON.stringify(reasons) },
      });
    }
    await insertAuditEvents(session, events);
  });
}

export interface LastResult {
  readonly city: string;
  readonly isPassed: boolean;
  /** ISO 8601 UTC. */
  readonly finishedAtUtc: string;
}

/** What a validation has to know of the series before it begins. */
export interface ValidationGround {
  /** The last result of the step before for each city that has one; empty for step 1. */
  readonly stepBefore: readonly LastResult[];
  /** What the day has seen so far. */
  readonly askedToday: DayRequests;
  /** Listings that must not be stored. */
  readonly forgottenIds: readonly string[];
}

const resultRow = z.object({
  city: z.string(),
  isPassed: z.boolean(),
  finishedAtUtc: z.number().transform(toUtcIso),
});

const selectLast = `SELECT city, is_passed AS isPassed, epoch_ms(finished_at)::DOUBLE AS finishedAtUtc
  FROM validations WHERE step = $step AND city IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY city ORDER BY finished_at DESC) = 1`;

/** Reads it for a step that is to begin at `nowMs`. */
export function readValidationGround(
  database: Database,
  step: ValidationStep,
  nowMs: number,
): Promise<ValidationGround> {
  return database.use(async (session) => {
    const rows = await session.rows(selectLast, { step: step - 1 });
    const { fromMs, toMs } = boundsOfNominalDay(nominalDayOf(nowMs));
    return {
      stepBefore: rows.map((row) => resultRow.parse(row)),
      askedToday: await selectDayRequests(session, fromMs, toMs),
      forgottenIds: [...(await selectForgotten(session))],
    };
  });
}
