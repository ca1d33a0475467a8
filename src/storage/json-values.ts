/**
 * Values of a query as JSON can carry them: whole numbers as numbers while they are exact, else as text; days as
 * `YYYY-MM-DD`, instants as ISO 8601 in UTC, JSON columns as what they hold. Nothing is rounded.
 */
import type { DuckDBType, DuckDBValue, Json } from '@duckdb/node-api';
import {
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';

/** Digits that a JavaScript number keeps of any decimal number. */
const exactDigits = 15;

/** The value as JSON carries it, nested ones too; a converter for DuckDB's results. */
export function jsonValueOf(value: DuckDBValue, type: DuckDBType): Json {
  if (value === null) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return instantOf(value);
  if (value instanceof DuckDBDecimalValue) {
    return value.width <= exactDigits ? Number(value.toString()) : value.toString();
  }
  if (typeof value === 'string') return type.alias === 'JSON' ? parsed(value) : value;
  return JsonDuckDBValueConverter(value, type, jsonValueOf);
}

function instantOf(value: DuckDBTimestampValue | DuckDBTimestampTZValue): string {
  const epochMs = Number(value.micros / 1000n);
  return Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : value.toString();
}

/** A column may be called JSON and yet hold the result of a text function: then it is that text. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
