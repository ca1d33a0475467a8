/**
 * Takes one listing out of every table, in a transaction of the caller. It goes by the columns that are there, so that a
 * table that is added later is not left out: what names a listing is deleted, unless it is listed here as keeping ids only.
 */
import { z } from 'zod';
import { toUtcIso } from '../clock.ts';
import type { Session } from './session.ts';

/** Tables in which a listing leaves its id and no text of its page. */
const keepOnlyIds = new Set(['execution_listings', 'forgotten_listings', 'data_lineage']);
/** Columns that name a listing. */
const idColumns = ['listing_id', 'earlier_listing_id'];

const columnRow = z.object({ tableName: z.string(), columnName: z.string() });
const hashRow = z.object({ sha256: z.string() });
const countRow = z.object({ deleted: z.number() });

export interface ForgottenRows {
  /** Rows deleted, by table; tables without any are left out. */
  readonly deleted: Readonly<Record<string, number>>;
  /** SHA-256 of the responses that its rows were read from and no row of another listing was. */
  readonly responses: readonly string[];
}

export interface ForgetRequest {
  readonly listingId: string;
  readonly reason: string | null;
  readonly nodeId: string;
  readonly nowMs: number;
}

/** Deletes what there is of the listing and leaves a tombstone; doing it again finds nothing more. */
export async function forgetRows(session: Session, request: ForgetRequest): Promise<ForgottenRows> {
  const { listingId, reason, nodeId, nowMs } = request;
  const named = await tablesNaming(session);
  const responses = await ownResponses(session, listingId, named);
  const deleted: Record<string, number> = {};
  for (const [table, columns] of named) {
    if (keepOnlyIds.has(table) || table === 'failed_listings') continue;
    const condition = columns.map((column) => `"${column}" = $listingId`).join(' OR ');
    const rows = await session.rows(`SELECT count(*)::DOUBLE AS deleted FROM "${table}" WHERE ${condition}`, {
      listingId,
    });
    const count = countRow.parse(rows[0]).deleted;
    if (count === 0) continue;
    await session.run(`DELETE FROM "${table}" WHERE ${condition}`, { listingId });
    deleted[table] = count;
  }
  // A message may quote the page.
  await session.run("UPDATE failed_listings SET message = 'forgotten' WHERE listing_id = $listingId", { listingId });
  await session.run(
    `UPDATE execution_listings SET outcome = 'skipped', settled_at = $now::TIMESTAMP
      WHERE listing_id = $listingId AND outcome IS NULL`,
    { listingId, now: toUtcIso(nowMs) },
  );
  await session.run(
    'INSERT INTO forgotten_listings VALUES ($listingId, $now::TIMESTAMP, $reason, $nodeId) ON CONFLICT DO NOTHING',
    { listingId, now: toUtcIso(nowMs), reason, nodeId },
  );
  return { deleted, responses };
}

/** The tables of the file with a column that names a listing. */
async function tablesNaming(session: Session): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await session.rows(
    `SELECT c.table_name AS tableName, c.column_name AS columnName FROM duckdb_columns() c
      JOIN duckdb_tables() t ON t.table_oid = c.table_oid AND t.database_name = c.database_name
      WHERE c.database_name = current_database() AND NOT t.temporary
        AND c.column_name IN (${idColumns.map((name) => `'${name}'`).join(', ')})
      ORDER BY c.table_name, c.column_name`,
  );
  const named = new Map<string, string[]>();
  for (const row of rows) {
    const { tableName, columnName } = columnRow.parse(row);
    named.set(tableName, [...(named.get(tableName) ?? []), columnName]);
  }
  return named;
}

/** A body that a row of another listing was read from, too, belongs to that as well. */
async function ownResponses(
  session: Session,
  listingId: string,
  named: ReadonlyMap<string, readonly string[]>,
): Promise<readonly string[]> {
  const columns = await session.rows(
    `SELECT table_name AS tableName, column_name AS columnName FROM duckdb_columns()
      WHERE database_name = current_database() AND column_name = 'response_sha256'`,
  );
  const tables = columns.map((row) => columnRow.parse(row).tableName).filter((table) => named.has(table));
  const all = tables.map((table) => `SELECT listing_id, response_sha256 FROM "${table}"`).join(' UNION ALL ');
  const rows = await session.rows(
    `SELECT response_sha256 AS sha256 FROM (${all}) WHERE response_sha256 IS NOT NULL
      GROUP BY response_sha256 HAVING bool_and(listing_id = $listingId) ORDER BY response_sha256`,
    { listingId },
  );
  return rows.map((row) => hashRow.parse(row).sha256);
}
