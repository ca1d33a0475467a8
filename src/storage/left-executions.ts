/**
 * Executions that nobody works on: days on which none was started, and runs whose process is gone.
 */
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import type { RunningExecution } from '../jobs/series-store.ts';
import type { SkippedDayWrite } from '../jobs/store-writes.ts';
import type { Session } from './session.ts';

/** Writes the day down, unless it has an execution of whatever kind; true when it was written. */
export async function insertSkippedDay(session: Session, day: SkippedDayWrite): Promise<boolean> {
  const { executionId, nominalDay, status } = day;
  const inserted = await session.rows(
    `INSERT INTO executions (execution_id, nominal_day, status)
      SELECT $executionId, $nominalDay::DATE, $status
      WHERE NOT EXISTS (
        SELECT 1 FROM executions WHERE nominal_day = $nominalDay::DATE AND NOT starts_with(execution_id, 'reparse-'))
      RETURNING execution_id`,
    { executionId, nominalDay, status },
  );
  return inserted.length > 0;
}

/** Whatever a process leaves behind while it works on an execution, with its time. */
const signsOfLife = `
SELECT execution_id, coalesce(resumed_at, started_at) AS seen_at FROM executions
UNION ALL SELECT execution_id, sent_at FROM request_log
UNION ALL SELECT execution_id, minute FROM request_log_minutes
UNION ALL SELECT execution_id, fetched_at FROM search_pages
UNION ALL SELECT execution_id, settled_at FROM execution_listings
UNION ALL SELECT execution_id, finished_at FROM city_executions
UNION ALL SELECT execution_id, occurred_at FROM audit_log`;

const runningRow = z.object({
  executionId: z.string(),
  nominalDay: z.string(),
  lastSeenAtUtc: z.number().transform(toUtcIso),
});

/** The executions with status `running`, oldest first. */
export async function selectRunning(session: Session): Promise<readonly RunningExecution[]> {
  const rows = await session.rows(
    `SELECT execution_id AS executionId, nominal_day::VARCHAR AS nominalDay,
        epoch_ms(max(seen_at))::DOUBLE AS lastSeenAtUtc
      FROM executions JOIN (${signsOfLife}) USING (execution_id)
      WHERE status = 'running' GROUP BY execution_id, nominal_day ORDER BY nominal_day, execution_id`,
    {},
  );
  return rows.map((row) => runningRow.parse(row));
}
