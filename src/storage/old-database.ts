/**
 * The file of an earlier collector, attached to read: one table `listings`, a row for each sight of a listing. Columns it does
 * not have are null; times without a zone are read in the zone that is said.
 */
import { z } from 'zod';
import { messageOf, StorageError } from '../errors.ts';
import { sqlText } from './query.ts';
import type { Session } from './session.ts';

const textColumns = {
  url: 'url',
  city: 'city',
  title: 'title',
  address: 'address',
  postal_code: 'postalCode',
  listing_type: 'listingType',
  overview: 'overview',
  full_description: 'fullDescription',
  other_details_json: 'otherDetailsJson',
} as const;
const numberColumns = { price_eur: 'priceEur', size_m2: 'sizeM2', rooms: 'rooms', year_built: 'yearBuilt' } as const;
const timeColumns = {
  scraped_at: 'scrapedAtMs',
  insert_ts: 'insertedAtMs',
  updated_ts: 'updatedAtMs',
  deleted_ts: 'deletedAtMs',
} as const;

const nullableText = z.string().nullable();
const nullableNumber = z.number().nullable();

const oldSight = z.object({
  url: nullableText,
  city: nullableText,
  title: nullableText,
  address: nullableText,
  postalCode: nullableText,
  listingType: nullableText,
  overview: nullableText,
  fullDescription: nullableText,
  otherDetailsJson: nullableText,
  priceEur: nullableNumber,
  sizeM2: nullableNumber,
  rooms: nullableNumber,
  yearBuilt: nullableNumber,
  scrapedAtMs: nullableNumber,
  insertedAtMs: nullableNumber,
  updatedAtMs: nullableNumber,
  deletedAtMs: nullableNumber,
});
/** One row of the old table; times in epoch milliseconds. */
export type OldSight = z.infer<typeof oldSight>;

const alias = 'old_series';
const columnRow = z.object({ name: z.string(), type: z.string() });

export interface OldDatabase {
  readonly rows: number;
  /** Known columns that it does not have. */
  readonly missingColumns: readonly string[];
  /** Rows from `from` on, at most `count`, in the order of the file. */
  readonly read: (from: number, count: number) => Promise<readonly OldSight[]>;
}

/**
 * Gives the work the old file, attached read-only, and lets it go afterwards. Outside a transaction.
 * @param timeZone of times without one, e.g. `Europe/Helsinki`
 * @throws StorageError IMPORT_UNREADABLE when it is no DuckDB file, or has no table `listings` with a column `url`.
 */
export async function withOldDatabase<Result>(
  session: Session,
  { path, timeZone }: { readonly path: string; readonly timeZone: string },
  work: (old: OldDatabase) => Promise<Result>,
): Promise<Result> {
  try {
    await session.run(`ATTACH ${sqlText(path)} AS ${alias} (READ_ONLY)`);
  } catch (error) {
    throw unreadable(path, `a DuckDB file that can be read, got: ${messageOf(error)}`);
  }
  try {
    return await work(await look(session, path, timeZone));
  } finally {
    await session.run(`DETACH ${alias}`);
  }
}

async function look(session: Session, path: string, timeZone: string): Promise<OldDatabase> {
  const found = await session.rows(
    `SELECT column_name AS name, data_type AS type FROM duckdb_columns()
      WHERE database_name = '${alias}' AND table_name = 'listings'`,
  );
  const types = new Map(found.map((row) => columnRow.parse(row)).map(({ name, type }) => [name.toLowerCase(), type]));
  if (types.size === 0) throw unreadable(path, 'a table "listings", got none');
  if (!types.has('url')) throw unreadable(path, 'a table "listings" with a column "url", got none');
  const known = Object.keys({ ...textColumns, ...numberColumns, ...timeColumns });
  const select = selectOf(types, timeZone);
  const [total] = await session.rows(`SELECT count(*)::DOUBLE AS total FROM ${alias}.listings`);
  return {
    rows: z.object({ total: z.number() }).parse(total).total,
    missingColumns: known.filter((name) => !types.has(name)),
    read: async (from, count) => {
      const rows = await session.rows(`${select} ORDER BY rowid LIMIT ${count} OFFSET ${from}`);
      return rows.map((row) => oldSight.parse(row));
    },
  };
}

/** What is there in the type that is wanted: null where it is not, or is something else. */
function selectOf(types: ReadonlyMap<string, string>, timeZone: string): string {
  const as = (name: string, expression: string, target: string) =>
    `${types.has(name) ? expression : 'NULL'} AS "${target}"`;
  const columns = [
    ...Object.entries(textColumns).map(([name, target]) => as(name, `"${name}"::VARCHAR`, target)),
    ...Object.entries(numberColumns).map(([name, target]) => as(name, `try_cast("${name}" AS DOUBLE)`, target)),
    ...Object.entries(timeColumns).map(([name, target]) => {
      const zoned = types.get(name)?.includes('TIME ZONE') ?? false;
      const instant = zoned ? `"${name}"` : `(try_cast("${name}" AS TIMESTAMP) AT TIME ZONE ${sqlText(timeZone)})`;
      return as(name, `epoch_ms(${instant})::DOUBLE`, target);
    }),
  ];
  return `SELECT ${columns.join(', ')} FROM ${alias}.listings`;
}

function unreadable(path: string, expected: string): StorageError {
  return new StorageError('IMPORT_UNREADABLE', `cannot import ${path}: expected ${expected}`);
}
