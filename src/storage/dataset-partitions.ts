/**
 * The partitions of a table of a dataset, city by city and day by day: what each holds, and in what order they are cut. What
 * is in one is told by a hash of its rows, so that it need not be written to know that it is as it was.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { DatasetTable, DayRange } from './dataset-tables.ts';
import { sqlText } from './query.ts';
import type { Session } from './session.ts';

export interface Partition {
  readonly city: string;
  /** YYYY-MM-DD, in Helsinki. */
  readonly day: string;
  readonly rows: number;
  /** The number of rows and the sum of DuckDB's hashes of them; it means something beside the same recipe only. */
  readonly rowsHash: string;
}

/** Partitions that are cut at one time, and the days they are of. */
export interface Cut {
  readonly days: DayRange;
  readonly partitions: readonly Partition[];
}

/**
 * Partitions that rows are cut into at one time. Each takes some 2 MB that 2,048 rows in a row
 * fall into, however few they are: a town with one listing a day has 500 such in 500 days.
 */
const partitionsAtOnce = 100;

const partitionRow = z.object({ city: z.string(), day: z.string(), rows: z.number(), hashSum: z.string() });

/** The partitions of the table, by day and city. */
export async function readPartitions(session: Session, { select }: DatasetTable): Promise<readonly Partition[]> {
  const found = await session.rows(
    `SELECT city, day::VARCHAR AS day, count(*)::INTEGER AS rows, sum(hash(r))::VARCHAR AS hashSum
      FROM (${select}) r GROUP BY city, day ORDER BY day, city`,
  );
  return found.map((row) => {
    const { city, day, rows, hashSum } = partitionRow.parse(row);
    return { city, day, rows, rowsHash: `${rows}-${hashSum}` };
  });
}

const versionRow = z.object({ version: z.string() });

/** What turns the rows of a table into bytes, as a hash: the same rows by the same recipe are the same file. */
export async function recipeOf(session: Session, { select, orderBy }: DatasetTable, options: string): Promise<string> {
  const [row] = await session.rows('SELECT version() AS version');
  return hash('sha256', [versionRow.parse(row).version, select, orderBy, options].join('\n'));
}

/** The name of a partition, the same for whoever knows it by its rows or by its path. */
export function partitionName({ city, day }: Pick<Partition, 'city' | 'day'>): string {
  return `${day} ${city}`;
}

/** The name of the partition that a file below `<table>/city=…/day=…/` belongs to; null when it is none of the table's. */
export function partitionNameOf(table: string, path: string): string | null {
  const [, city = '', day = ''] = /^city=([^/]*)\/day=([^/]*)\//.exec(withoutPrefix(path, `${table}/`)) ?? [];
  return day === '' ? null : partitionName({ city: decodeURIComponent(city), day });
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : '';
}

/** The partitions, which come by day, in cuts. */
export function cutPartitions(partitions: readonly Partition[]): readonly Cut[] {
  const cuts: Cut[] = [];
  for (let start = 0; start < partitions.length; start += partitionsAtOnce) {
    const cut = partitions.slice(start, start + partitionsAtOnce);
    const [from, to] = [cut[0]?.day ?? '', cut.at(-1)?.day ?? ''];
    cuts.push({ days: { from, to }, partitions: cut });
  }
  return cuts;
}

/** The rows of the cut, sorted. */
export function selectOfCut({ select, orderBy, ofDays }: DatasetTable, { days, partitions }: Cut): string {
  const names = partitions.map(({ city, day }) => `(${sqlText(city)}, DATE '${day}')`);
  return `SELECT * FROM (${select} AND ${ofDays?.(days) ?? 'true'}) WHERE (city, day) IN (VALUES ${names.join(', ')}) ORDER BY ${orderBy}`;
}
