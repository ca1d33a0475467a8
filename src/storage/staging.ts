/**
 * Staging: rows go through the appender into a temporary table, then one set-based statement takes them over (100 times
 * faster than a statement per row). Staging tables live as long as the connection, because a new table makes DuckDB
 * plan every kept statement again; they are empty outside a transaction and never reach the file.
 */
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { Report } from './cells.ts';
import { cellOf, stagedTypeOf } from './cells.ts';
import type { Session } from './session.ts';
import type { ColumnType } from './table-spec.ts';

/** The columns of a staging table. */
export interface StagingTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** Creates the tables where they are missing; outside a transaction, so that none is rolled back. */
export async function createStagingTables(session: Session, tables: readonly StagingTable[]): Promise<void> {
  for (const { name, columns } of tables) {
    const definitions = columns.map((column) => `${column.name} ${column.type}`).join(', ');
    await session.run(`CREATE TEMP TABLE IF NOT EXISTS ${name} (${definitions})`);
  }
}

/**
 * Fills the staging table with rows given as columns, does the work and empties it again. What is deleted in the
 * transaction that added it leaves nothing behind; a transaction that fails takes the rows back.
 */
export async function withStaged(
  session: Session,
  { name, columns }: StagingTable,
  values: readonly (readonly DuckDBValue[])[],
  work: () => Promise<void>,
): Promise<void> {
  await session.append({ name, catalog: 'temp', types: typesOf(columns) }, values);
  await work();
  await session.run(`DELETE FROM ${name}`, {});
}

/** Types in which the columns are appended. */
export function typesOf(columns: StagingTable['columns']): readonly DuckDBType[] {
  return columns.map(({ type }) => stagedTypeOf(type));
}

/**
 * The cells of plain rows, column by column; the values are the program's own: what does not fit is an error of the
 * program.
 */
export function columnsOf(
  columns: StagingTable['columns'],
  rows: readonly Readonly<Record<string, unknown>>[],
): readonly (readonly DuckDBValue[])[] {
  return columns.map(({ name, type }) => {
    // The execution, the city and the time of a batch are the same in every row: made once, not once a row.
    let lastValue: unknown = null;
    let lastCell: DuckDBValue = null;
    return rows.map((row) => {
      const value = row[name];
      if (value !== lastValue) lastCell = cellOf(type, value, ignoreCleaning);
      lastValue = value;
      return lastCell;
    });
  });
}

/** URLs and messages of failures may hold bytes of a broken page; taking those out is all there is to do. */
const ignoreCleaning: Report = () => undefined;
