/**
 * Reads stored rows back as the records they were, so that a test can compare them with the simulator's truth field by
 * field.
 */
import type { FieldSpec, ListingRecord } from '../../src/listings/fields.ts';
import { columnOf, listingFieldNames, listingFields } from '../../src/listings/fields.ts';
import { openDatabase } from '../../src/storage/database.ts';

/** Rows of any query, as plain values. */
export async function queryRows(
  databasePath: string,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const database = await openDatabase({ path: databasePath, mode: 'read', memoryLimit: '512MB', threads: 1 });
  try {
    const [row] = await database.use((session) =>
      session.rows(`select coalesce(to_json(list(rows)), '[]')::varchar as json from (${sql}) as rows`),
    );
    return JSON.parse(String(row?.['json'])) as Record<string, unknown>[];
  } finally {
    await database.close();
  }
}

/** Every stored listing by its id; `from` is another table of the same fields, or rows of one. */
export async function storedRecords(
  databasePath: string,
  from = 'listings',
): Promise<ReadonlyMap<string, ListingRecord>> {
  const columns = listingFieldNames.map((name) => `${readable(columnOf(name), listingFields[name])} as "${name}"`);
  const rows = await queryRows(databasePath, `select ${columns.join(', ')} from ${from}`);
  return new Map(rows.map((row) => [String(row['listingId']), row as unknown as ListingRecord]));
}

function readable(column: string, { type }: FieldSpec): string {
  if (type === 'timestamp') return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  if (type === 'date') return `strftime(${column}, '%Y-%m-%d')`;
  return column;
}
