/**
 * What work inside an open database may do: statements, rows, and appending. It knows nothing of files, locks or turns;
 * database.ts does.
 */
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DuckDBDataChunk } from '@duckdb/node-api';

/** A chunk of DuckDB holds at most this many rows. */
const chunkRows = 2048;

/** Values of the named parameters of a statement. */
type Parameters = Readonly<Record<string, DuckDBValue>>;

/** What work inside the database may do. Valid only until that work is done. */
export interface Session {
  readonly connection: DuckDBConnection;
  readonly run: (sql: string, parameters?: Parameters) => Promise<void>;
  /** All rows, as DuckDB's own values: to be read by a schema. */
  readonly rows: (sql: string, parameters?: Parameters) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Appends rows given as columns; `catalog` is `temp` for a temporary table. */
  readonly append: (
    table: { readonly name: string; readonly catalog: string | null; readonly types: readonly DuckDBType[] },
    rows: readonly (readonly DuckDBValue[])[],
  ) => Promise<void>;
}

/** A session on the connection; the caller keeps both alive and in order. */
export function createSession(connection: DuckDBConnection): Session {
  return {
    connection,
    run: async (sql, parameters) => {
      await connection.run(sql, parameters === undefined ? undefined : { ...parameters });
    },
    rows: async (sql, parameters) => {
      const reader = await connection.runAndReadAll(sql, parameters === undefined ? undefined : { ...parameters });
      return reader.getRowObjects();
    },
    append: async ({ name, catalog, types }, rows) => {
      const appender = await connection.createAppender(name, 'main', catalog);
      try {
        for (let start = 0; start < rows.length; start += chunkRows) {
          appender.appendDataChunk(chunkOf(types, rows.slice(start, start + chunkRows)));
        }
      } finally {
        appender.closeSync();
      }
    },
  };
}

function chunkOf(types: readonly DuckDBType[], rows: readonly (readonly DuckDBValue[])[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(types, rows.length);
  chunk.setColumns(types.map((_type, column) => rows.map((row) => row[column] ?? null)));
  return chunk;
}
