/**
 * Appending rows to a table, column by column. A chunk holds room for 2,048 rows however few are set, and what the
 * binding has allocated goes only when V8 collects the handle, which it does not know to be large: so each table keeps one
 * chunk and one appender, instead of leaving a few megabytes behind with every batch.
 */
import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DuckDBDataChunk } from '@duckdb/node-api';

/** A chunk of DuckDB holds at most this many rows. */
const chunkRows = 2048;

/** The table rows are appended to; `catalog` is `temp` for a temporary table. */
export interface AppendTarget {
  readonly name: string;
  readonly catalog: string | null;
  readonly types: readonly DuckDBType[];
}

type Columns = readonly (readonly DuckDBValue[])[];

interface Kept {
  readonly appender: DuckDBAppender;
  readonly chunk: DuckDBDataChunk;
}

/** Gives the function that appends rows given as columns, all of the same length, to a table of the connection. */
export function createAppends(connection: DuckDBConnection): (table: AppendTarget, columns: Columns) => Promise<void> {
  const keptOfTable = new Map<string, Kept>();

  const open = async ({ name, catalog, types }: AppendTarget): Promise<Kept> => {
    const appender = await connection.createAppender(name, 'main', catalog);
    return { appender, chunk: DuckDBDataChunk.create(types) };
  };

  return async (table, columns) => {
    const rows = columns[0]?.length ?? 0;
    const kept = keptOfTable.get(table.name) ?? (await open(table));
    // An appender that failed refuses everything after: it is kept again only when all has gone well.
    keptOfTable.delete(table.name);
    try {
      for (let start = 0; start < rows; start += chunkRows) {
        fill(kept.chunk, columns, start, Math.min(rows, start + chunkRows));
        kept.appender.appendDataChunk(kept.chunk);
      }
      kept.appender.flushSync();
    } catch (error) {
      kept.appender.clear();
      kept.appender.closeSync();
      throw error;
    }
    keptOfTable.set(table.name, kept);
  };
}

/**
 * The rows from `start` to before `end`. Nulls are set last in each column: from its first null on, a vector does
 * arithmetic on big integers for every value it is given.
 */
function fill(chunk: DuckDBDataChunk, columns: Columns, start: number, end: number): void {
  chunk.reset();
  chunk.rowCount = end - start;
  for (const [index, column] of columns.entries()) {
    const vector = chunk.getColumnVector(index);
    const nulls: number[] = [];
    for (let row = start; row < end; row++) {
      const value = column[row] ?? null;
      if (value === null) nulls.push(row - start);
      else vector.setItem(row - start, value);
    }
    for (const item of nulls) vector.setItem(item, null);
    vector.flush();
  }
}
