/**
 * The files of a dataset before it has its name: tables as Parquet and CSV, the dictionary, then each file's checksum. It
 * reads a database that nobody writes to, and writes below one folder only.
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { syncFile } from './copy-file.ts';
import { renderTables } from './data-dictionary.ts';
import type { EarlierDataset } from './dataset-earlier.ts';
import { becomesLink, takeOverPartitions } from './dataset-earlier.ts';
import type { DatasetFile, DatasetManifest } from './dataset-manifest.ts';
import { filesBelow, sha256Of } from './dataset-manifest.ts';
import type { Cut } from './dataset-partitions.ts';
import {
  cutPartitions,
  partitionName,
  partitionNameOf,
  readPartitions,
  recipeOf,
  selectOfCut,
} from './dataset-partitions.ts';
import type { DatasetTable } from './dataset-tables.ts';
import { datasetTables } from './dataset-tables.ts';
import { sqlText } from './query.ts';
import type { Session } from './session.ts';

/** DuckDB memory_limit while a dataset is written: several times what the partitions that are cut at one time take. */
export const datasetMemoryLimit = '1GB';

/** Rows that are cut into partitions before they are written: by default half a million, which at its width is gigabytes. */
const rowsBeforeWriting = 20_000;

const timestampFormat = "'%Y-%m-%dT%H:%M:%S.%gZ'";
const statsRow = z.object({ filename: z.string(), count: z.bigint() });
const parquetOptions = 'FORMAT parquet, COMPRESSION zstd';

/** The tables of a dataset as they were written. */
export interface WrittenTables {
  readonly tables: DatasetManifest['tables'];
  /** Of each file that is a table or a part of one, by its path. */
  readonly fileRows: ReadonlyMap<string, FileRows>;
  /** Files that the dataset before had, by their path. */
  readonly takenOver: ReadonlyMap<string, DatasetFile>;
}

interface FileRows {
  readonly rows: number;
  /** Of the partition that the file belongs to; null for a table that is not cut. */
  readonly rowsHash: string | null;
}

interface Writing {
  readonly session: Session;
  readonly folder: string;
  readonly earlier: EarlierDataset | null;
  readonly fileRows: Map<string, FileRows>;
  readonly takenOver: Map<string, DatasetFile>;
}

/** Writes every table and the dictionary into the folder; partitions that are as in the earlier dataset are taken over. */
export async function writeTables(
  session: Session,
  folder: string,
  earlier: EarlierDataset | null,
): Promise<WrittenTables> {
  const writing: Writing = { session, folder, earlier, fileRows: new Map(), takenOver: new Map() };
  const tables: WrittenTables['tables'] = [];
  await session.run(`SET temp_directory = ${sqlText(join(folder, '.spill'))}`);
  await session.run(`SET partitioned_write_flush_threshold = ${rowsBeforeWriting}`);
  await giveMemoryBack(session);
  for (const table of datasetTables) {
    const recipe = await recipeOf(session, table, `${parquetOptions} ${rowsBeforeWriting}`);
    const rows = await (table.ofDays === null ? writeWhole(writing, table) : writePartitions(writing, table, recipe));
    await giveMemoryBack(session);
    if (table.csv !== null) await writeCsv(writing, table);
    await giveMemoryBack(session);
    tables.push({ name: table.name, rows, recipe });
  }
  await rm(join(folder, '.spill'), { recursive: true, force: true });
  await writeFile(join(folder, 'data-dictionary.md'), dictionaryPage());
  const dictionary = datasetTables.map(({ name, spec }) => ({ ...spec, name }));
  await writeFile(join(folder, 'data-dictionary.json'), `${JSON.stringify({ tables: dictionary }, null, 2)}\n`);
  return { tables, fileRows: writing.fileRows, takenOver: writing.takenOver };
}

/**
 * DuckDB's allocator keeps what statements have used, for each thread they ran on, and gives it back when the limit is set.
 * Without that, writing 1,000 listings made the process 40 MB larger than collecting them had.
 */
async function giveMemoryBack(session: Session): Promise<void> {
  await session.run(`SET memory_limit = '${datasetMemoryLimit}'`);
}

/** One thread: the same rows give the same bytes, so that a file that is as before has the same checksum. */
async function writeWhole(writing: Writing, { name, select, orderBy }: DatasetTable): Promise<number> {
  const [file] = await copyParquet(writing, `${select} ORDER BY ${orderBy}`, `${name}.parquet`);
  const rows = file?.rows ?? 0;
  writing.fileRows.set(`${name}.parquet`, { rows, rowsHash: null });
  return rows;
}

async function writePartitions(writing: Writing, table: DatasetTable, recipe: string): Promise<number> {
  const { session, folder, earlier, takenOver, fileRows } = writing;
  const { name } = table;
  const partitions = await readPartitions(session, table);
  await giveMemoryBack(session);
  const taken = await takeOverPartitions(earlier, folder, { name, recipe, partitions });
  for (const file of [...taken.values()].flat()) takenOver.set(file.path, file);
  const left = partitions.filter((partition) => !taken.has(partitionName(partition)));
  const hashes = new Map(left.map((partition) => [partitionName(partition), partition.rowsHash]));
  for (const cut of cutPartitions(left)) {
    const written = await copyParquet(
      writing,
      selectOfCut(table, cut),
      name,
      ', PARTITION_BY (city, day), OVERWRITE_OR_IGNORE',
    );
    requireRows(table, cut, written);
    for (const { path, rows } of written) {
      fileRows.set(path, { rows, rowsHash: hashes.get(partitionNameOf(name, path) ?? '') ?? null });
    }
    await giveMemoryBack(session);
  }
  return rowsOf(partitions);
}

type WithRows = Pick<FileRows, 'rows'>;

function rowsOf(parts: readonly WithRows[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

/** A dataset never lacks rows in silence, whatever the days of a cut are taken to be. */
function requireRows({ name }: DatasetTable, { days, partitions }: Cut, written: readonly WithRows[]): void {
  if (rowsOf(written) === rowsOf(partitions)) return;
  const got = `expected ${rowsOf(partitions)} rows of ${name} from ${days.from} to ${days.to}, got ${rowsOf(written)}`;
  throw new StorageError('DATASET_FAILED', `cannot write a dataset: ${got}; please report this`);
}

/** The files that were written, by their paths. */
async function copyParquet({ session, folder }: Writing, select: string, target: string, options = '') {
  const written = await session.rows(
    `COPY (${select}) TO ${sqlText(join(folder, target))} (${parquetOptions}, RETURN_STATS${options})`,
  );
  return written.map((row) => {
    const { filename, count } = statsRow.parse(row);
    return { path: filename.slice(folder.length + 1).replaceAll('\\', '/'), rows: Number(count) };
  });
}

async function writeCsv(
  { session, folder, fileRows }: Writing,
  { name, csv, select, orderBy }: DatasetTable,
): Promise<void> {
  const isPacked = csv === 'gzip';
  const path = `csv/${name}.csv${isPacked ? '.gz' : ''}`;
  await mkdir(join(folder, 'csv'), { recursive: true });
  const options = `FORMAT csv, HEADER, TIMESTAMPFORMAT ${timestampFormat}${isPacked ? ', COMPRESSION gzip' : ''}`;
  const copied = await session.connection.run(
    `COPY (${select} ORDER BY ${orderBy}) TO ${sqlText(join(folder, path))} (${options})`,
  );
  fileRows.set(path, { rows: copied.rowsChanged, rowsHash: null });
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
 * The checksum of each file, all of them on the disk. A file that is byte for byte one of the earlier dataset becomes a link
 * to it.
 */
export async function sealFiles(
  folder: string,
  { fileRows, takenOver }: WrittenTables,
  earlier: EarlierDataset | null,
): Promise<readonly DatasetFile[]> {
  const shaOfEarlier = new Map(earlier?.manifest.files.map(({ path, sha256 }) => [path, sha256]));
  const files: DatasetFile[] = [];
  for (const path of await filesBelow(folder)) {
    const taken = takenOver.get(path);
    if (taken !== undefined) {
      files.push(taken);
      continue;
    }
    const file = join(folder, path);
    const sha256 = await sha256Of(file);
    const isKnown = earlier !== null && shaOfEarlier.get(path) === sha256;
    const isLinked = isKnown && (await becomesLink(file, join(earlier.folder, path), sha256));
    if (!isLinked) await syncFile(file);
    const { size: bytes } = await stat(file);
    files.push({ path, bytes, sha256, rows: null, rowsHash: null, ...fileRows.get(path) });
  }
  return files;
}
