/**
 * Holds what a benchmark's cluster has stored against what its simulator offers, field by field; after `endNodes`.
 */
import type { ListingFieldName, ListingRecord } from '../../src/listings/fields.ts';
import { columnOf, listingFieldNames, listingFields } from '../../src/listings/fields.ts';
import { openReader } from '../../src/storage/reader.ts';
import type { BenchPlace } from './place.ts';

export interface Comparison {
  /** Cities of the run, and those whose receipt says complete. */
  readonly cities: number;
  readonly completeCities: number;
  /** Entries of the run's books, and different listings among them. */
  readonly entries: number;
  readonly listings: number;
  /** What is missing or differs, a sentence each. */
  readonly differences: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

const timeFormats: Readonly<Record<string, string>> = { timestamp: '%Y-%m-%dT%H:%M:%S.%gZ', date: '%Y-%m-%d' };

/** Reads all that is stored and compares it. */
export async function compareWithTruth({ config, simulator, world }: BenchPlace): Promise<Comparison> {
  const reader = await openReader(config.databasePath);
  try {
    const read = async (query: string): Promise<readonly Row[]> => {
      const rows: Row[] = [];
      for await (const row of (await reader.runSelect(query)).rows) rows.push(row);
      return rows;
    };
    const stored = await read(`select ${listingFieldNames.map(selected).join(', ')} from listings`);
    const byId = new Map(stored.map((row) => [String(row['listingId']), row]));
    const truth = config.tasks.flatMap(({ city }) => world.truth(city, 'sale', simulator.origin));
    const differences = truth.flatMap((expected) => differencesOf(expected, byId.get(expected.listingId)));
    if (stored.length !== truth.length) differences.push(`${stored.length} rows, truth ${truth.length}`);
    const [books] = await read('select count(*) as n, count(distinct (city, listing_id)) as d from execution_listings');
    const receipts = await read('select verdict from city_executions');
    return {
      cities: receipts.length,
      completeCities: receipts.filter(({ verdict }) => verdict === 'complete').length,
      entries: Number(books?.['n']),
      listings: Number(books?.['d']),
      differences,
    };
  } finally {
    await reader.close();
  }
}

/** A column as the truth has it: times as ISO texts. */
function selected(name: ListingFieldName): string {
  const format = timeFormats[listingFields[name].type];
  const column = columnOf(name);
  return `${format === undefined ? column : `strftime(${column}, '${format}')`} as "${name}"`;
}

function differencesOf(expected: ListingRecord, row: Row | undefined): string[] {
  if (row === undefined) return [`${expected.listingId} is missing`];
  return listingFieldNames
    .filter((name) => inOneForm(name, row[name]) !== inOneForm(name, expected[name]))
    .map((name) => `${expected.listingId} ${name}: ${String(row[name])}, truth ${String(expected[name])}`);
}

/** JSON in a text column and JSON in the truth say the same, in whatever order. */
function inOneForm(name: ListingFieldName, value: unknown): string {
  const isJson = typeof value === 'string' && name.endsWith('Json');
  const read: unknown = isJson ? JSON.parse(value) : (value ?? null);
  return JSON.stringify(read, (_key, each: unknown) => inOrder(each));
}

function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
