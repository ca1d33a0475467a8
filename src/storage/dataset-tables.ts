/**
 * What a dataset holds: which tables, how they are cut into files, and what a reader is told about them. A paper needs the
 * values of every listing over time, when each was seen, and how complete each day is: nothing else goes in.
 */

import { boundsOfNominalDay, toUtcIso } from '../clock.ts';
import { listingVersionsTable } from './history-tables.ts';
import type { ColumnSpec, TableSpec } from './table-spec.ts';
import { number } from './table-spec.ts';
import { cityExecutionsTable, executionListingsTable, executionsTable, listingsTable } from './tables.ts';

export interface DatasetTable {
  /** Name of its folder or file, and of the table in the dictionary. */
  readonly name: string;
  readonly spec: TableSpec;
  /**
   * Condition of `select` for the rows of these days, one that lets DuckDB pass over the rest of the table. Such a table is
   * Parquet files below `city=<city>/day=<day>/`; one without is one Parquet file.
   */
  readonly ofDays: ((days: DayRange) => string) | null;
  /** A CSV file beside it; packed with gzip when it may be large. */
  readonly csv: 'plain' | 'gzip' | null;
  /** Its rows, `day` last where it is partitioned. Without an order, and ready for another condition after AND. */
  readonly select: string;
  readonly orderBy: string;
}

/** Days in Helsinki (YYYY-MM-DD), both of them in it. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

const helsinkiDay = (column: string) => `(${column} AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Helsinki')::DATE`;

/** That the UTC time in the column falls on these days in Helsinki, said of the column itself. */
const isOnDays =
  (column: string) =>
  ({ from, to }: DayRange): string =>
    `${column} >= '${toUtcIso(boundsOfNominalDay(from).fromMs)}'::TIMESTAMP
      AND ${column} < '${toUtcIso(boundsOfNominalDay(to).toMs)}'::TIMESTAMP`;

/** Of where rows are from, what helps to read them again; the rest is the collector's own business. */
const ownColumns = new Set(['etag', 'last_modified', 'card_hash', 'node_id']);

function columnsOf({ columns }: TableSpec): readonly ColumnSpec[] {
  return columns.filter(({ name }) => !ownColumns.has(name));
}

function withDay(spec: TableSpec, meaning: string, dayMeaning: string): TableSpec {
  return {
    ...spec,
    meaning,
    columns: [...columnsOf(spec), number('DATE', 'day', 'day', dayMeaning, 'program')],
  };
}

const namesIn = (spec: TableSpec) =>
  columnsOf(spec)
    .map(({ name }) => name)
    .join(', ');

const observationsSpec: TableSpec = {
  ...executionListingsTable,
  name: 'observations',
  meaning:
    'Each listing that was seen on a day, one row for each run; with listing_versions it gives the panel of any day',
  primaryKey: ['execution_id', 'city', 'listing_id'],
  columns: [
    ...executionListingsTable.columns,
    number('DATE', 'day', 'day', 'Nominal day of the run, in Helsinki: its partition', 'program'),
  ],
};

/** The tables of a dataset, in the order they are written. */
export const datasetTables: readonly DatasetTable[] = [
  {
    name: 'listings',
    spec: withDay(listingsTable, listingsTable.meaning, 'Day in Helsinki on which it was seen last: its partition'),
    ofDays: isOnDays('last_seen_at'),
    csv: 'gzip',
    select: `SELECT ${namesIn(listingsTable)}, ${helsinkiDay('last_seen_at')} AS day FROM listings WHERE true`,
    orderBy: 'city, day, listing_id',
  },
  {
    name: 'listing_versions',
    spec: withDay(
      listingVersionsTable,
      'What each listing was, and when: a row for each time it changed',
      'Day in Helsinki on which it begins: its partition',
    ),
    ofDays: isOnDays('valid_from'),
    csv: null,
    select: `SELECT ${namesIn(listingVersionsTable)}, ${helsinkiDay('valid_from')} AS day FROM listing_versions WHERE true`,
    orderBy: 'city, day, listing_id, valid_from',
  },
  {
    name: 'observations',
    spec: observationsSpec,
    ofDays: ({ from, to }) => `x.nominal_day BETWEEN '${from}'::DATE AND '${to}'::DATE`,
    csv: null,
    select: `SELECT e.*, x.nominal_day AS day FROM execution_listings e JOIN executions x ON x.execution_id = e.execution_id
      WHERE e.outcome IS DISTINCT FROM 'foreign'`,
    orderBy: 'city, day, execution_id, listing_id',
  },
  {
    name: 'receipts',
    spec: { ...cityExecutionsTable, name: 'receipts' },
    ofDays: null,
    csv: 'plain',
    select: 'SELECT * FROM city_executions WHERE true',
    orderBy: 'started_at, execution_id, city',
  },
  {
    name: 'executions',
    spec: executionsTable,
    ofDays: null,
    csv: 'plain',
    select: 'SELECT * FROM executions WHERE true',
    orderBy: 'nominal_day, started_at, execution_id',
  },
];

/** What the program says of the rights in a dataset; it grants none. */
export const licenceNote =
  'The values were read from pages of asunnot.oikotie.fi, whose terms hold for them. Prices, areas and the like are facts; ' +
  'titles, descriptions and the texts in other_details_json are the work of those who wrote them. The program that made ' +
  'this dataset grants no rights in it: leave those three columns out of what you pass on, unless you may share them.';
