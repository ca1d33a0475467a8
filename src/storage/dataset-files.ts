/**
 * The files of a dataset before it has its name: tables as Parquet and CSV, the dictionary, then each file's checksum. It
 * reads a database that nobody writes to, and writes below one folder only.
 */
import { link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { syncFile } from './copy-file.ts';
import { renderTables } from './data-dictionary.ts';
import type { DatasetFile } from './dataset-manifest.ts';
import { filesBelow, readManifest, sha256Of } from './dataset-manifest.ts';
import type { DatasetTable, DayRange } from './dataset-tables.ts';
import { datasetTables } from './dataset-tables.ts';
import { sqlText } from './query.ts';
import type { Session } from './session.ts';

/** DuckDB memory_limit while a dataset is written: enough for the partitions of one day, which may be 300. */
export const datasetMemoryLimit = '1GB';

/**
 * Partitions that rows are cut into at one time, unless a single day has more. Each takes some 2 MB that 2,048 rows in a row
 * fall into, however few they are: a town with three listings a day has 500 such in 500 days.
 */
const partitionsAtOnce = 200;

/** Rows that are cut into partitions before they are written: by default half a million, which at its width is gigabytes. */
const rowsBeforeWriting = 20_000;

const timestampFormat = "'%Y-%m-%dT%H:%M:%S.%gZ'";
const statsRow = z.object({ filename: z.string(), count: z.bigint() });
const dayRow = z.object({ day: z.string(), partitions: z.number() });

/** Rows of the tables, and of each file that is one or a part of one, by its path. */
export interface WrittenTables {
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  readonly rowsOfFile: ReadonlyMap<string, number>;
}

/** Writes every table and the dictionary into the folder. */
export async function writeTables(session: Session, folder: string): Promise<WrittenTables> {
  const rowsOfFile = new Map<string, number>();
  const tables: { name: string; rows: number }[] = [];
  await session.run(`SET temp_directory = ${sqlText(join(folder, '.spill'))}`);
  await session.run(`SET partitioned_write_flush_threshold = ${rowsBeforeWriting}`);
  await giveMemoryBack(session);
  for (const table of datasetTables) {
    const rows = await writeParquet(session, folder, table, rowsOfFile);
    await giveMemoryBack(session);
    if (table.csv !== null) await writeCsv(session, folder, table, rowsOfFile);
    await giveMemoryBack(session);
    tables.push({ name: table.name, rows });
  }
  await rm(join(folder, '.spill'), { recursive: true, force: true });
  await writeFile(join(folder, 'data-dictionary.md'), dictionaryPage());
  const dictionary = datasetTables.map(({ name, spec }) => ({ ...spec, name }));
  await writeFile(join(folder, 'data-dictionary.json'), `${JSON.stringify({ tables: dictionary }, null, 2)}\n`);
  return { tables, rowsOfFile };
}

/**
 * DuckDB's allocator keeps what statements have used, for each thread they ran on, and gives it back when the limit is set.
 * Without that, writing 1,000 listings made the process 40 MB larger than collecting them had.
 */
async function giveMemoryBack(session: Session): Promise<void> {
  await session.run(`SET memory_limit = '${datasetMemoryLimit}'`);
}

/** One thread: the same rows give the same bytes, so that a partition that is as before has the same checksum. */
async function writeParquet(
  session: Session,
  folder: string,
  { name, select, orderBy, ofDays }: DatasetTable,
  rowsOfFile: Map<string, number>,
): Promise<number> {
  const copy = async (condition: string, target: string, options: string): Promise<number> => {
    const written = await session.rows(
      `COPY (${select} AND ${condition} ORDER BY ${orderBy}) TO ${sqlText(join(folder, target))}
        (FORMAT parquet, COMPRESSION zstd, RETURN_STATS${options})`,
    );
    let rows = 0;
    for (const row of written) {
      const { filename, count } = statsRow.parse(row);
      rowsOfFile.set(filename.slice(folder.length + 1).replaceAll('\\', '/'), Number(count));
      rows += Number(count);
    }
    return rows;
  };
  if (ofDays === null) return copy('true', `${name}.parquet`, '');
  let rows = 0;
  for (const days of await daysCutAtOnce(session, select)) {
    rows += await copy(ofDays(days), name, ', PARTITION_BY (city, day), OVERWRITE_OR_IGNORE');
    await giveMemoryBack(session);
  }
  return rows;
}

/** The days of the rows, in ranges of at most `partitionsAtOnce` partitions; a day is never cut in two. */
async function daysCutAtOnce(session: Session, select: string): Promise<readonly DayRange[]> {
  const counted = await session.rows(
    `SELECT day::VARCHAR AS day, count(DISTINCT city)::INTEGER AS partitions FROM (${select}) GROUP BY ALL ORDER BY day`,
  );
  const ranges: { readonly from: string; to: string; partitions: number }[] = [];
  for (const row of counted) {
    const { day, partitions } = dayRow.parse(row);
    const last = ranges.at(-1);
    if (last !== undefined && last.partitions + partitions <= partitionsAtOnce) {
      last.to = day;
      last.partitions += partitions;
    } else {
      ranges.push({ from: day, to: day, partitions });
    }
  }
  return ranges;
}

async function writeCsv(
  session: Session,
  folder: string,
  { name, csv, select, orderBy }: DatasetTable,
  rowsOfFile: Map<string, number>,
): Promise<void> {
  const isPacked = csv === 'gzip';
  const path = `csv/${name}.csv${isPacked ? '.gz' : ''}`;
  await mkdir(join(folder, 'csv'), { recursive: true });
  const options = `FORMAT csv, HEADER, TIMESTAMPFORMAT ${timestampFormat}${isPacked ? ', COMPRESSION gzip' : ''}`;
  const copied = await session.connection.run(
    `COPY (${select} ORDER BY ${orderBy}) TO ${sqlText(join(folder, path))} (${options})`,
  );
  rowsOfFile.set(path, copied.rowsChanged);
}

function dictionaryPage(): string {
  const introduction = `# Data dictionary of this dataset

All times are UTC (type TIMESTAMP, without a zone; in CSV with a Z). A value is null when the page does not say it, or says it
in a way that cannot be read (then \`issues_json\` says so). Money is in euros. \`city\` and \`day\` are the names of the folders of
a partition: \`read_parquet('listings/**/*.parquet', hive_partitioning = true)\` in DuckDB gives them as columns.
`;
  return renderTables(
    introduction,
    datasetTables.map(({ name, spec }) => ({ ...spec, name })),
  );
}

/**
 * The checksum of each file, all of them on the disk. A file that is byte for byte one of `earlierFolder` becomes a link to
 * it: the partitions of past days are stored once, however many datasets hold them.
 */
export async function sealFiles(
  folder: string,
  rowsOfFile: ReadonlyMap<string, number>,
  earlierFolder: string | null,
): Promise<readonly DatasetFile[]> {
  const earlier = earlierFolder === null ? [] : await filesOf(earlierFolder);
  const shaOfEarlier = new Map(earlier.map(({ path, sha256 }) => [path, sha256]));
  const files: DatasetFile[] = [];
  for (const path of await filesBelow(folder)) {
    const file = join(folder, path);
    const sha256 = await sha256Of(file);
    const isKnown = earlierFolder !== null && shaOfEarlier.get(path) === sha256;
    const isLinked = isKnown && (await becomesLink(file, join(earlierFolder, path), sha256));
    if (!isLinked) await syncFile(file);
    const { size: bytes } = await stat(file);
    files.push({ path, bytes, sha256, rows: rowsOfFile.get(path) ?? null });
  }
  return files;
}

/** A dataset without a readable manifest has nothing that could be relied on. */
async function filesOf(folder: string): Promise<readonly DatasetFile[]> {
  return readManifest(folder).then(
    ({ files }) => files,
    () => [],
  );
}

/** True when the file is a link to the earlier one now, which was read to make sure that it is what it was. */
async function becomesLink(file: string, earlier: string, sha256: string): Promise<boolean> {
  const linked = join(dirname(file), '.link');
  try {
    if ((await sha256Of(earlier)) !== sha256) return false;
    await link(earlier, linked);
    await rename(linked, file);
    return true;
  } catch {
    // File systems without links, and files that are gone: then there are two of it.
    await rm(linked, { force: true });
    return false;
  }
}
