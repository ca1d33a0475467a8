/**
 * Queries that people write: one statement, that only reads, with no way to files or the network. The check is DuckDB's
 * own parser, not a look at the words.
 */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement, DuckDBResult, Json } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';
import { messageOf, StorageError } from '../errors.ts';
import { jsonValueOf } from './json-values.ts';

/** A row by column name. */
export type QueryRow = Readonly<Record<string, Json>>;

export interface QueryResult {
  /** Column names in order; a name that stands twice has a number added. */
  readonly columns: readonly string[];
  /** The rows, turned into objects a chunk at a time. */
  readonly rows: AsyncIterable<QueryRow>;
}

/**
 * Takes the connection's access to files and the network away, for good, but for the files in `allowedPaths` and the
 * database itself.
 */
export async function lockDown(connection: DuckDBConnection, allowedPaths: readonly string[]): Promise<void> {
  const paths = allowedPaths.map(sqlText).join(', ');
  await connection.run(`SET allowed_paths = [${paths}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}

/** The text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Prepares the one statement of the text.
 * @throws StorageError QUERY_REFUSED when it is not exactly one statement that only reads (SELECT, WITH, FROM, VALUES,
 * DESCRIBE, SHOW, SUMMARIZE), QUERY_INVALID when DuckDB cannot read it.
 */
export async function prepareSelect(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const text = sql.trim();
  if (text === '') throw refusal('expected one SELECT statement, got none');
  try {
    const statements = await connection.extractStatements(text);
    if (statements.count !== 1) throw refusal(`expected one statement, got ${statements.count}; give them one by one`);
    const prepared = await statements.prepare(0);
    if (prepared.statementType === StatementType.SELECT) return prepared;
    const kind = StatementType[prepared.statementType];
    prepared.destroySync();
    throw refusal(`expected a statement that only reads (SELECT, WITH, FROM, DESCRIBE, SHOW), got ${kind}`);
  } catch (error) {
    throw queryError(error);
  }
}

/**
 * Runs one reading statement. The answer is whole before its first row is given: DuckDB's streams end without a word
 * where a row fails, and one left half-read keeps the file open (both seen with 1.5.6).
 * @throws StorageError as `prepareSelect`; QUERY_INVALID also when the answer needs more than the memory limit.
 */
export async function answerSelect(connection: DuckDBConnection, sql: string): Promise<QueryResult> {
  const prepared = await prepareSelect(connection, sql);
  try {
    const result = await prepared.run();
    return { columns: result.deduplicatedColumnNames(), rows: jsonRows(result) };
  } catch (error) {
    throw queryError(error);
  } finally {
    prepared.destroySync();
  }
}

async function* jsonRows(result: DuckDBResult): AsyncGenerator<QueryRow> {
  for await (const chunk of result) yield* jsonRowsOf(result, chunk);
}

/** The rows of a chunk. Types are the result's: those of a chunk no longer say that a text is JSON. */
export function jsonRowsOf(result: DuckDBResult, chunk: DuckDBDataChunk): readonly QueryRow[] {
  const names = result.deduplicatedColumnNames();
  const types = result.columnTypes();
  return chunk.getRows().map((row) => {
    const entries = names.map((name, index) => {
      const type = types[index];
      return [name, type === undefined ? null : jsonValueOf(row[index] ?? null, type)] as const;
    });
    return Object.fromEntries(entries);
  });
}

function refusal(reason: string): StorageError {
  return new StorageError('QUERY_REFUSED', `query refused: ${reason}`);
}

function queryError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  // The first paragraph is the sentence; the rest repeats the query with a pointer.
  const [sentence = ''] = messageOf(error)
    .replace(/^Failed to extract statements: /, '')
    .split('\n\n');
  const text = sentence.replaceAll(/\s*\n\s*/g, ' ');
  if (text.includes('native callback')) return refusal('expected one SELECT statement, got none');
  return new StorageError('QUERY_INVALID', `query failed: ${text}`, { cause: error });
}
