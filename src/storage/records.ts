/**
 * Pages of rows for programs: each row as one JSON text that DuckDB itself writes, taken by the place of the last row
 * and never by an offset, so that a later page costs what the first one does. It only reads; every value that somebody
 * sent is a parameter.
 */
import { z } from 'zod';
import type { Database } from './database.ts';
import type { ColumnSpec, ColumnType } from './table-spec.ts';

export type FilterValue = string | number | boolean;
export type Filters = Readonly<Record<string, FilterValue | undefined>>;

interface RecordOrder {
  /** SQL; rows of which it is null come last either way. */
  readonly expression: string;
  readonly type: ColumnType;
  readonly isDescending: boolean;
  readonly meaning: string;
}

export interface RecordSource {
  /** Table, or a query in brackets with a name. */
  readonly from: string;
  /**
   * The same rows as `from` has for these filters, looked for among fewer: takes the conditions of the filters of `listings` that
   * were given, and is used when there are some.
   */
  readonly narrowed?: {
    readonly filters: readonly string[];
    readonly from: (conditions: string) => string;
  };
  /** `from` is a table: rows are then chosen by few columns before all are read. */
  readonly isTable: boolean;
  readonly columns: readonly ColumnSpec[];
  /** Columns that no two rows have in common, and that order rows which are equal otherwise. */
  readonly key: readonly string[];
  /** Columns beside the key that are never null. */
  readonly required: readonly string[];
  /** Condition of each filter, its value as `$name`; null when `from` itself asks for the value. */
  readonly filters: Readonly<Record<string, string | null>>;
  /** The first is the default. */
  readonly orders: Readonly<Record<string, RecordOrder>>;
}

/** Where a row stands: its value in the order, and its key, as DuckDB writes them. */
export interface RecordPosition {
  readonly value: string | null;
  readonly key: readonly string[];
}

export interface RecordQuestion {
  readonly filters: Filters;
  /** One of the source's; its first when left out. */
  readonly order?: string | undefined;
  /** Rows after this place only. */
  readonly after?: RecordPosition | undefined;
  /** Rows at most. */
  readonly limit: number;
  /** Count what matches on all pages. */
  readonly isCounted: boolean;
}

export interface RecordPage {
  /** A JSON object each: names as `recordNameOf` gives them, times ISO 8601 UTC, days `YYYY-MM-DD`. */
  readonly lines: readonly string[];
  /** Place of the last line when there are more after it, else null. */
  readonly next: RecordPosition | null;
  readonly total: number | null;
}

/** `area_m2` -> `areaM2`, `fetched_at` -> `fetchedAtUtc`, `issues_json` -> `issues`: a column in JSON. */
export function recordNameOf({ name, type }: Pick<ColumnSpec, 'name' | 'type'>): string {
  const words = type === 'JSON' ? name.replace(/_json$/, '') : name;
  const camel = words.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  return type === 'TIMESTAMP' ? `${camel}Utc` : camel;
}

const pageRow = z.object({ line: z.string(), value: z.string().nullable(), key: z.string() });
const keyShape = z.array(z.string());
const totalRow = z.object({ total: z.number() });
const boundsRow = z.object({ first: z.number().nullable(), last: z.number().nullable() });
const lineRow = z.object({ line: z.string() });

/** One page of rows. The names of filters and order must be the source's. @throws StorageError as `Database.use`. */
export function readRecords(
  database: Database,
  source: RecordSource,
  { filters, order, after, limit, isCounted }: RecordQuestion,
): Promise<RecordPage> {
  const sorted = orderOf(source, order);
  const { conditions, parameters } = conditionsOf(source, filters);
  const { condition, values } = afterOf(source, sorted, after);
  const from = fromOf(source, filters);
  const where = [...conditions, condition].join(' AND ');
  const by = `ORDER BY ${sorted.expression} ${sorted.isDescending ? 'DESC' : 'ASC'} NULLS LAST, ${source.key.join(', ')}`;
  const key = `to_json([${source.key.map((name) => `${name}::VARCHAR`).join(', ')}])::VARCHAR`;
  const columns = `${jsonOf(source.columns)} AS line, (${sorted.expression})::VARCHAR AS "value", ${key} AS "key"`;
  const sql = source.isTable
    ? `SELECT ${columns} FROM ${from}
        WHERE rowid IN (SELECT rowid FROM ${from} WHERE ${where} ${by} LIMIT $limit) ${by}`
    : `SELECT ${columns} FROM ${from} WHERE ${where} ${by} LIMIT $limit`;
  return database.use(async ({ rows }) => {
    const found = (await rows(sql, { ...parameters, ...values, limit: limit + 1 })).map((row) => pageRow.parse(row));
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      lines: shown.map(({ line }) => line),
      next: found.length > limit && last !== undefined ? positionOf(last) : null,
      total: isCounted ? await count(rows, from, conditions, parameters) : null,
    };
  });
}

/**
 * All rows of a table that match, in the order they are stored, as texts of many lines: no more of them are in memory than
 * `rowsAtOnce`, and others may ask in between. Valid while the database is open.
 */
export async function* readRecordLines(
  database: Database,
  source: RecordSource,
  { filters, rowsAtOnce }: { readonly filters: Filters; readonly rowsAtOnce: number },
): AsyncGenerator<string> {
  if (!source.isTable) throw new Error(`expected a table to read line by line, got ${source.from}`);
  const { conditions, parameters } = conditionsOf(source, filters);
  const bounds = `SELECT min(rowid)::DOUBLE AS first, max(rowid)::DOUBLE AS last FROM ${source.from}`;
  const { first, last } = boundsRow.parse((await database.use(({ rows }) => rows(bounds)))[0]);
  if (first === null || last === null) return;
  const where = [...conditions, 'rowid >= $fromRow::BIGINT', 'rowid < $toRow::BIGINT'].join(' AND ');
  const sql = `SELECT ${jsonOf(source.columns)} AS line FROM ${source.from} WHERE ${where}`;
  for (let fromRow = first; fromRow <= last; fromRow += rowsAtOnce) {
    const values = { ...parameters, fromRow, toRow: fromRow + rowsAtOnce };
    const found = await database.use(({ rows }) => rows(sql, values));
    if (found.length > 0) yield `${found.map((row) => lineRow.parse(row).line).join('\n')}\n`;
  }
}

/** The columns of a row as SQL that makes one JSON text of them. JSON knows no infinity: that is null. */
function jsonOf(columns: readonly ColumnSpec[]): string {
  const fields = columns.map((column) => {
    const { name, type } = column;
    const read: Partial<Record<ColumnType, string>> = {
      TIMESTAMP: `strftime("${name}", '%Y-%m-%dT%H:%M:%S.%gZ')`,
      DATE: `strftime("${name}", '%Y-%m-%d')`,
      DOUBLE: `CASE WHEN isfinite("${name}") THEN "${name}" END`,
    };
    return `"${recordNameOf(column)}": ${read[type] ?? `"${name}"`}`;
  });
  return `to_json({${fields.join(', ')}})::VARCHAR`;
}

function orderOf(source: RecordSource, order: string | undefined): RecordOrder {
  const found = order === undefined ? Object.values(source.orders)[0] : source.orders[order];
  if (found === undefined) throw new Error(`expected an order of ${source.from}, got ${String(order)}`);
  return found;
}

/** Where the rows are looked for: among those of the few listings that are asked for, where the source can do so. */
function fromOf({ from, narrowed, filters: known }: RecordSource, filters: Filters): string {
  const names = (narrowed?.filters ?? []).filter((name) => filters[name] !== undefined);
  if (narrowed === undefined || names.length === 0) return from;
  return narrowed.from(names.map((name) => `(${known[name]})`).join(' AND '));
}

function conditionsOf({ filters: known, from }: RecordSource, filters: Filters) {
  const conditions = ['true'];
  const parameters: Record<string, FilterValue> = {};
  for (const [name, value] of Object.entries(filters)) {
    if (value === undefined) continue;
    const condition = known[name];
    if (condition === undefined) throw new Error(`expected a filter of ${from}, got ${name}`);
    if (condition !== null) conditions.push(`(${condition})`);
    parameters[name] = value;
  }
  return { conditions, parameters };
}

/** What holds for the rows after a place. */
function afterOf(source: RecordSource, { expression, type, isDescending }: RecordOrder, after?: RecordPosition) {
  if (after === undefined) return { condition: 'true', values: {} };
  const typeOf = (name: string) => source.columns.find((column) => column.name === name)?.type ?? 'VARCHAR';
  const keys = source.key.map((name, index) => `$key${index}::${typeOf(name)}`);
  const values = Object.fromEntries(after.key.map((value, index) => [`key${index}`, value]));
  const isLater =
    keys.length === 1 ? `${source.key[0]} > ${keys[0]}` : `(${source.key.join(', ')}) > (${keys.join(', ')})`;
  if (after.value === null) return { condition: `((${expression}) IS NULL AND ${isLater})`, values };
  const value = `$value::${type}`;
  const isFurther = `(${expression}) ${isDescending ? '<' : '>'} ${value} OR (${expression}) IS NULL`;
  return {
    condition: `(${isFurther} OR ((${expression}) = ${value} AND ${isLater}))`,
    values: { ...values, value: after.value },
  };
}

function positionOf({ value, key }: z.infer<typeof pageRow>): RecordPosition {
  return { value, key: keyShape.parse(JSON.parse(key)) };
}

async function count(
  rows: (sql: string, parameters: Record<string, FilterValue>) => Promise<readonly unknown[]>,
  from: string,
  conditions: readonly string[],
  parameters: Record<string, FilterValue>,
): Promise<number> {
  const [row] = await rows(
    `SELECT count(*)::DOUBLE AS total FROM ${from} WHERE ${conditions.join(' AND ')}`,
    parameters,
  );
  return totalRow.parse(row).total;
}
