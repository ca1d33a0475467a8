/**
 * Staging: rows go through the appender into a temporary table, then one set-based statement takes them over (100 times
 * faster than a statement per row). A staging table lives until its next batch and never reaches the file.
 */
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { Report } from './cells.ts';
import { cellOf, stagedTypeOf } from './cells.ts';
import type { Session } from './session.ts';
import type { ColumnSpec, ColumnType } from './tables.ts';

/** The columns of a staging table. */
export interface StagingTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** Replaces the staging table and fills it with the rows, given in the order of its columns. */
export async function stageRows(
  session: Session,
  table: StagingTable,
  rows: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  const columns = table.columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  await session.run(`CREATE OR REPLACE TEMP TABLE ${table.name} (${columns})`);
  await session.append({ name: table.name, catalog: 'temp', types: typesOf(table.columns) }, rows);
}

/** Types in which the columns are appended. */
export function typesOf(columns: StagingTable['columns']): readonly DuckDBType[] {
  return columns.map(({ type }) => stagedTypeOf(type));
}

/** The cells of a plain row, whose values are the program's own: what does not fit is an error of the program. */
export function cellsOf(
  columns: readonly ColumnSpec[],
  values: Readonly<Record<string, unknown>>,
): readonly DuckDBValue[] {
  return columns.map(({ name, type }) => cellOf(type, values[name], ignoreCleaning));
}

/** URLs and messages of failures may hold bytes of a broken page; taking those out is all there is to do. */
const ignoreCleaning: Report = () => undefined;
