/**
 * Executions and the receipts of their cities. Starting twice opens the same execution again and keeps its first begin
 * times; a receipt or a result saved twice is simply replaced.
 */
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import { StorageError } from '../errors.ts';
import type { ExecutionSummary, SeriesStore } from '../jobs/series-store.ts';
import type { CityDelisting, CityReceipt, ExecutionResult } from '../quality/city-receipt.ts';
import type { Session } from './session.ts';

type StartedExecution = Parameters<SeriesStore['startExecution']>[0];

/** Creates the execution with its cities, or opens it again. */
export async function insertExecution(session: Session, input: StartedExecution): Promise<void> {
  const { executionId, nominalDay, startedAtUtc: startedAt } = input;
  await session.run(
    `UPDATE executions SET status = 'running', finished_at = NULL, started_at = coalesce(started_at, $startedAt::TIMESTAMP),
        resumed_at = $startedAt::TIMESTAMP, execution_time_seconds = NULL,
        earlier_time_seconds = coalesce(execution_time_seconds, earlier_time_seconds)
      WHERE execution_id = $executionId`,
    { executionId, startedAt },
  );
  await session.run(
    `INSERT INTO executions (execution_id, nominal_day, status, started_at)
      SELECT $executionId, $nominalDay::DATE, 'running', $startedAt::TIMESTAMP
      WHERE NOT EXISTS (FROM executions WHERE execution_id = $executionId)`,
    { executionId, nominalDay, startedAt },
  );
  for (const { city, listingLimit } of input.cities) {
    const settings = [{ column: 'listing_limit', value: '$listingLimit' }];
    await writeCity(session, settings, { executionId, city, listingLimit });
  }
}

/** What one column of a city's row is set to, in SQL. */
interface CitySetting {
  readonly column: string;
  readonly value: string;
  /** Where the row is there already; by default the same. */
  readonly valueWhenThere?: string;
}

/**
 * Sets columns of the row of `$city` in `$executionId`, which is made when it is missing. Twice as quick as an INSERT … ON
 * CONFLICT: that one takes room for a whole chunk of each column, however few rows it has.
 */
async function writeCity(
  session: Session,
  settings: readonly CitySetting[],
  parameters: Parameters<Session['run']>[1],
): Promise<void> {
  const isCity = 'execution_id = $executionId AND city = $city';
  const assignments = settings.map(({ column, value, valueWhenThere = value }) => `${column} = ${valueWhenThere}`);
  await session.run(`UPDATE city_executions SET ${assignments.join(', ')} WHERE ${isCity}`, parameters);
  await session.run(
    `INSERT INTO city_executions (execution_id, city, ${settings.map(({ column }) => column).join(', ')})
      SELECT $executionId, $city, ${settings.map(({ value }) => value).join(', ')}
      WHERE NOT EXISTS (FROM city_executions WHERE ${isCity})`,
    parameters,
  );
}

const isCityStop = "job_kind = 'city' AND execution_id = $executionId AND city = $city";

/** Marks the city as begun, once. */
export async function insertCityStart(
  session: Session,
  input: { readonly executionId: string; readonly city: string; readonly startedAtUtc: string },
): Promise<void> {
  const { executionId, city } = input;
  await session.run(`DELETE FROM failed_listings WHERE ${isCityStop}`, { executionId, city });
  const value = '$startedAt::TIMESTAMP';
  const settings = [{ column: 'started_at', value, valueWhenThere: `coalesce(started_at, ${value})` }];
  await writeCity(session, settings, { executionId, city, startedAt: input.startedAtUtc });
}

/** Why the rest of the city was not asked in this execution; null when it was not stopped. */
export async function selectCityStop(session: Session, executionId: string, city: string): Promise<string | null> {
  const [row] = await session.rows(`SELECT message FROM failed_listings WHERE ${isCityStop}`, { executionId, city });
  return row === undefined ? null : String(row['message']);
}

/** The newest time that an execution or a listing has, in epoch milliseconds; null when there is none. */
export async function selectLastRecorded(session: Session): Promise<number | null> {
  const [row] = await session.rows(
    `SELECT epoch_ms(greatest(
        (SELECT max(greatest(started_at, resumed_at, finished_at)) FROM executions),
        (SELECT max(last_seen_at) FROM listings)
      ))::DOUBLE AS lastMs`,
    {},
  );
  return lastRecordedRow.parse(row).lastMs;
}
const lastRecordedRow = z.object({ lastMs: z.number().nullable() });

/** When the city began (ISO 8601 UTC); null when it did not. */
export async function selectCityStart(session: Session, executionId: string, city: string): Promise<string | null> {
  const [row] = await session.rows(
    `SELECT epoch_ms(started_at)::DOUBLE AS startedMs FROM city_executions
      WHERE execution_id = $executionId AND city = $city AND started_at IS NOT NULL`,
    { executionId, city },
  );
  return row === undefined ? null : toUtcIso(Number(row['startedMs']));
}

/** Column of each property of a receipt, in the order of the table. */
const receiptColumns = {
  listingLimit: 'listing_limit',
  verdict: 'verdict',
  reason: 'reason',
  portalTotalStart: 'portal_total_start',
  portalTotalEnd: 'portal_total_end',
  searchPages: 'search_pages',
  failedSearchPages: 'failed_search_pages',
  rereadPages: 'reread_pages',
  isQuarantined: 'is_quarantined',
  drift: 'drift',
  isListComplete: 'is_list_complete',
  discovered: 'discovered',
  duplicateCards: 'duplicate_cards',
  foreignCards: 'foreign_cards',
  new: 'new',
  changed: 'changed',
  unchanged: 'unchanged',
  unfetched: 'unfetched',
  removed: 'removed',
  failed: 'failed',
  skipped: 'skipped',
  pending: 'pending',
  goneCandidates: 'gone_candidates',
  gone: 'gone',
  returned: 'returned',
  goneWaiting: 'gone_waiting',
  delistingNote: 'delisting_note',
  requests: 'requests',
} as const satisfies Record<
  Exclude<keyof CityReceipt, 'executionId' | 'city' | 'startedAtUtc' | 'finishedAtUtc'>,
  string
>;
const receiptEntries = Object.entries(receiptColumns);

const receiptRow = z.object({
  executionId: z.string(),
  city: z.string(),
  listingLimit: z.number().nullable(),
  startedAtUtc: z.number().transform(toUtcIso),
  finishedAtUtc: z.number().transform(toUtcIso),
  verdict: z.enum(['complete', 'partial', 'failed', 'foreign']),
  reason: z.string().nullable(),
  portalTotalStart: z.number().nullable(),
  portalTotalEnd: z.number().nullable(),
  searchPages: z.number(),
  failedSearchPages: z.number(),
  rereadPages: z.number(),
  isQuarantined: z.boolean(),
  drift: z.string().nullable(),
  isListComplete: z.boolean(),
  discovered: z.number(),
  duplicateCards: z.number(),
  foreignCards: z.number(),
  new: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  unfetched: z.number(),
  removed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  pending: z.number(),
  goneCandidates: z.number(),
  gone: z.number(),
  returned: z.number(),
  goneWaiting: z.number(),
  delistingNote: z.string().nullable(),
  requests: z.number(),
});

/** Keeps the receipt of a city. */
export async function upsertReceipt(session: Session, receipt: CityReceipt): Promise<void> {
  const settings = [
    { column: 'started_at', value: '$startedAtUtc::TIMESTAMP' },
    { column: 'finished_at', value: '$finishedAtUtc::TIMESTAMP' },
    ...receiptEntries.map(([property, column]) => ({ column, value: `$${property}` })),
  ];
  const parameters = Object.fromEntries(Object.entries(receipt).filter(([property]) => property in receiptRow.shape));
  await writeCity(session, settings, parameters);
}

/** Adds to a receipt that is kept what became of the listings that were not seen. */
export async function updateDelisting(
  session: Session,
  { executionId, city }: Pick<CityReceipt, 'executionId' | 'city'>,
  { gone, returned, goneWaiting, delistingNote }: CityDelisting,
): Promise<void> {
  await session.run(
    `UPDATE city_executions SET gone = $gone, returned = $returned, gone_waiting = $goneWaiting,
        delisting_note = $delistingNote
      WHERE execution_id = $executionId AND city = $city`,
    { executionId, city, gone, returned, goneWaiting, delistingNote },
  );
}

/** Receipts of the execution, in order of their start. */
export async function selectReceipts(session: Session, executionId: string): Promise<readonly CityReceipt[]> {
  const rows = await session.rows(
    `SELECT execution_id AS executionId, city, epoch_ms(started_at)::DOUBLE AS startedAtUtc,
        epoch_ms(finished_at)::DOUBLE AS finishedAtUtc,
        ${receiptEntries.map(([property, column]) => `${column} AS ${property}`).join(', ')}
      FROM city_executions WHERE execution_id = $executionId AND verdict IS NOT NULL
      ORDER BY started_at, city_executions.city`,
    { executionId },
  );
  return rows.map((row) => receiptRow.parse(row));
}

/** Keeps the result of an execution. @throws StorageError EXECUTION_UNKNOWN when it was never started. */
export async function updateExecution(session: Session, result: ExecutionResult, finishedAtUtc: string): Promise<void> {
  const updated = await session.rows(
    `UPDATE executions SET status = $status, finished_at = $finishedAt::TIMESTAMP,
        successful_cities = $successfulCities, total_cities = $totalCities, new = $new, changed = $changed,
        unchanged = $unchanged, unfetched = $unfetched, gone_candidates = $goneCandidates,
        gone = $gone, returned = $returned, gone_waiting = $goneWaiting, failed = $failed, requests = $requests,
        execution_time_seconds = $seconds, missing_parts_json = $missingParts::JSON
      WHERE execution_id = $executionId RETURNING execution_id`,
    {
      executionId: result.executionId,
      status: result.status,
      finishedAt: finishedAtUtc,
      successfulCities: result.successfulCities,
      totalCities: result.totalCities,
      new: result.new,
      changed: result.changed,
      unchanged: result.unchanged,
      unfetched: result.unfetched,
      goneCandidates: result.goneCandidates,
      gone: result.gone,
      returned: result.returned,
      goneWaiting: result.goneWaiting,
      failed: result.failed,
      requests: result.requests,
      seconds: result.executionTimeSeconds,
      missingParts: JSON.stringify(result.missingParts),
    },
  );
  if (updated.length > 0) return;
  throw new StorageError(
    'EXECUTION_UNKNOWN',
    `${result.executionId}: expected an execution that was started, got none`,
  );
}

const executionRow = z.object({
  executionId: z.string(),
  status: z.enum(['running', 'completed', 'degraded', 'failed', 'interrupted']),
  startedAtUtc: z.number().transform(toUtcIso),
  resumedAtUtc: z.number().transform(toUtcIso),
  earlierTimeSeconds: z.number(),
  missingParts: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.object({ part: z.string(), reason: z.string(), remedy: z.string() }))),
});
const executionCityRow = z.object({ executionId: z.string(), city: z.string(), listingLimit: z.number().nullable() });

/** The executions of a nominal day that were started, with their cities (by name), oldest first. */
export async function selectExecutionsOfDay(
  session: Session,
  nominalDay: string,
): Promise<readonly ExecutionSummary[]> {
  const rows = await session.rows(
    `SELECT execution_id AS executionId, status, epoch_ms(started_at)::DOUBLE AS startedAtUtc,
        epoch_ms(coalesce(resumed_at, started_at))::DOUBLE AS resumedAtUtc,
        coalesce(earlier_time_seconds, 0) AS earlierTimeSeconds,
        coalesce(missing_parts_json::VARCHAR, '[]') AS missingParts
      FROM executions
      WHERE nominal_day = $nominalDay::DATE AND started_at IS NOT NULL ORDER BY started_at, execution_id`,
    { nominalDay },
  );
  const cityRows = await session.rows(
    `SELECT execution_id AS executionId, city, listing_limit AS listingLimit
      FROM city_executions JOIN executions USING (execution_id)
      WHERE nominal_day = $nominalDay::DATE ORDER BY city`,
    { nominalDay },
  );
  const cities = cityRows.map((row) => executionCityRow.parse(row));
  return rows.map((row) => {
    const execution = executionRow.parse(row);
    const own = cities.filter(({ executionId }) => executionId === execution.executionId);
    return { ...execution, cities: own.map(({ city, listingLimit }) => ({ city, listingLimit })) };
  });
}
