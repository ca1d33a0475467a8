/**
 * Turns our values into DuckDB's, one cell at a time, for the appender. It never throws for bad data: what a column
 * cannot hold becomes null (or loses the part that cannot be kept) and `report` is told.
 */
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBTimestampValue,
  INTEGER,
  LIST,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { ColumnType } from './table-spec.ts';

/** Told what was wrong with a value, in words. */
export type Report = (problem: string) => void;

const msPerDay = 86_400_000;
const largestInteger = 2 ** 31 - 1;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:\d{2})$/;
/** Any half of a pair, whole pairs included: quick, and nearly always enough to see that nothing is wrong. */
const nulOrHalf = /[\0\ud800-\udfff]/;
const nulOrSurrogate = /[\0\p{Surrogate}]/u;
const escapedNulOrSurrogate = /\\u(?:0000|d[89a-f])/i;

/** The type a column is staged as. */
export function stagedTypeOf(type: ColumnType): DuckDBType {
  switch (type) {
    case 'VARCHAR':
    case 'JSON':
      return VARCHAR;
    case 'INTEGER':
      return INTEGER;
    case 'BIGINT':
      return BIGINT;
    case 'DOUBLE':
      return DOUBLE;
    case 'BOOLEAN':
      return BOOLEAN;
    case 'DATE':
      return DATE;
    case 'TIMESTAMP':
      return TIMESTAMP;
    case 'VARCHAR[]':
      return LIST(VARCHAR);
  }
}

/** The cell of a value in a column of this type; null and undefined are null. */
export function cellOf(type: ColumnType, value: unknown, report: Report): DuckDBValue {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'VARCHAR':
      return cleanText(String(value), report);
    case 'JSON':
      return jsonCell(value, report);
    case 'INTEGER':
      return integerCell(value, report);
    case 'BIGINT':
      return Number.isSafeInteger(value) ? BigInt(Number(value)) : refuse('a whole number', value, report);
    case 'DOUBLE':
      return Number.isFinite(value) ? Number(value) : refuse('a number', value, report);
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : refuse('true or false', value, report);
    case 'DATE':
      return dateCell(value, report);
    case 'TIMESTAMP':
      return timestampCell(value, report);
    case 'VARCHAR[]':
      return new DuckDBListValue(Array.isArray(value) ? value.map((item) => cleanText(String(item), report)) : []);
  }
}

/** The text without NUL characters and with U+FFFD for each half of a broken surrogate pair. */
function cleanText(text: string, report: Report): string {
  if (!nulOrHalf.test(text) || !nulOrSurrogate.test(text)) return text;
  report('NUL characters or broken surrogate pairs were taken out of the text');
  return text.replaceAll('\0', '').replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

function jsonCell(value: unknown, report: Report): string {
  const text = JSON.stringify(value);
  return text.includes('\\u') && escapedNulOrSurrogate.test(text) ? JSON.stringify(cleanJson(value, report)) : text;
}

function cleanJson(value: unknown, report: Report): unknown {
  if (typeof value === 'string') return cleanText(value, report);
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, report));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [cleanText(key, report), cleanJson(item, report)] as const,
  );
  return Object.fromEntries(entries);
}

function integerCell(value: unknown, report: Report): DuckDBValue {
  const isInRange = Number.isInteger(value) && Math.abs(Number(value)) <= largestInteger;
  return isInRange ? Number(value) : refuse('a whole number of at most 31 bits', value, report);
}

function dateCell(value: unknown, report: Report): DuckDBValue {
  const epochMs = dayPattern.test(String(value)) ? Date.parse(`${String(value)}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(epochMs) ? refuse('a day YYYY-MM-DD', value, report) : new DuckDBDateValue(epochMs / msPerDay);
}

function timestampCell(value: unknown, report: Report): DuckDBValue {
  const epochMs = instantPattern.test(String(value)) ? Date.parse(String(value)) : Number.NaN;
  if (Number.isNaN(epochMs)) return refuse('an ISO 8601 instant with its zone', value, report);
  return new DuckDBTimestampValue(BigInt(epochMs) * 1000n);
}

function refuse(expected: string, value: unknown, report: Report): null {
  report(`expected ${expected}, got ${JSON.stringify(String(value).slice(0, 100))}`);
  return null;
}
