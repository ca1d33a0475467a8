/**
 * `oikotie sql`: answers one query that only reads. It prints nothing when any row of the answer fails.
 */
import { once } from 'node:events';
import { systemClock } from '../src/clock.ts';
import type { QueryResult, QueryRow } from '../src/storage/query.ts';
import { openReader } from '../src/storage/reader.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { announceSource } from './data-source.ts';
import { columnWidths, fitsInto, renderRecord, renderRow, widthOf } from './text-table.ts';

export interface SqlOptions {
  readonly query: string;
  readonly json: boolean;
  readonly databasePath: string;
}

/** Rows that are looked at to choose the widths of the columns. */
const sampleRows = 200;

/** Prints the rows and gives back the exit code: 2 when the query is refused or wrong, 3 for the database. */
export function runSql({ query, json, databasePath }: SqlOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const reader = await openReader(databasePath);
    const stop = () => reader.interrupt();
    io.signal.addEventListener('abort', stop);
    try {
      // A signal that came before the listener was there.
      if (io.signal.aborted) return exitCodes.interrupted;
      announceSource(reader.source, systemClock, io);
      const result = await reader.runSelect(query);
      await (json ? printJson(result, io) : printTable(result, io));
      return io.signal.aborted ? exitCodes.interrupted : exitCodes.ok;
    } finally {
      io.signal.removeEventListener('abort', stop);
      await reader.close();
    }
  });
}

async function printJson({ rows }: QueryResult, io: CommandIo): Promise<void> {
  let separator = '[\n';
  for await (const row of rows) {
    await write(io, `${separator}  ${JSON.stringify(row)}`);
    separator = ',\n';
  }
  await write(io, separator === '[\n' ? '[]\n' : '\n]\n');
}

async function printTable({ columns: names, rows }: QueryResult, io: CommandIo): Promise<void> {
  const iterator = rows[Symbol.asyncIterator]();
  const sample: QueryRow[] = [];
  let next = await iterator.next();
  for (; next.done !== true && sample.length < sampleRows; next = await iterator.next()) sample.push(next.value);
  const printRow = await startTable(names, sample, io);
  for (const row of sample) await printRow(row);
  for (; next.done !== true; next = await iterator.next()) await printRow(next.value);
}

/** Prints the header and gives back what prints a row under it; rows too wide for a table become paragraphs. */
async function startTable(names: readonly string[], sample: readonly QueryRow[], io: CommandIo) {
  const columns = names.map((name) => ({ title: name, isNumber: sample.some((row) => typeof row[name] === 'number') }));
  const cellsOf = (row: QueryRow) => names.map((name) => textOf(row[name]));
  const maxWidth = widthOf(io.stdout);
  const widths = columnWidths(columns, sample.map(cellsOf), maxWidth);
  if (maxWidth !== null && !fitsInto(widths, maxWidth)) {
    let separator = '';
    return async (row: QueryRow) => {
      await write(io, separator + renderRecord(columns, cellsOf(row), maxWidth));
      separator = '\n';
    };
  }
  await write(io, renderRow(columns, names, widths));
  return (row: QueryRow) => write(io, renderRow(columns, cellsOf(row), widths));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

async function write(io: CommandIo, text: string): Promise<void> {
  if (!io.stdout.write(text)) await once(io.stdout, 'drain', { signal: io.signal });
}
