/**
 * Which copies beside the database still hold a listing that is to be forgotten: datasets, backups, databases kept by a
 * restore. It only looks.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { listDatasets } from './dataset.ts';
import { keepName } from './dataset-manifest.ts';
import { sqlText } from './query.ts';

export interface FoundCopy {
  readonly path: string;
  readonly kind: 'dataset' | 'database';
  /** True for a dataset that nobody has marked to be kept: it can be made again. */
  readonly canBeDeleted: boolean;
  /** Why it could not be looked at; null when it holds the listing for certain. */
  readonly problem: string | null;
}

interface Places {
  readonly datasetDirectory: string;
  readonly databasePath: string;
  /** Folders with backups. */
  readonly backupDirectories: readonly string[];
}

const heldRow = z.object({ held: z.boolean() });

/** The copies that hold the listing, and those of which that cannot be told. */
export async function findCopies(listingId: string, places: Places): Promise<readonly FoundCopy[]> {
  return [...(await findDatasets(listingId, places)), ...(await findDatabases(listingId, places))];
}

async function findDatasets(listingId: string, { datasetDirectory }: Places): Promise<readonly FoundCopy[]> {
  const found: FoundCopy[] = [];
  for (const { version, files } of await listDatasets(datasetDirectory)) {
    const path = join(datasetDirectory, version);
    const parts = files.filter((file) => /^listing(s|_versions)\/.*\.parquet$/.test(file.path));
    if (parts.length === 0) continue;
    const names = parts.map((file) => sqlText(join(path, file.path))).join(', ');
    const answer = await ask(
      ':memory:',
      `FROM read_parquet([${names}], hive_partitioning = false, union_by_name = true)`,
      listingId,
    );
    if (answer === false) continue;
    const canBeDeleted = !(await readdir(path)).includes(keepName);
    found.push({ path, kind: 'dataset', canBeDeleted, problem: answer === true ? null : answer });
  }
  return found;
}

async function findDatabases(listingId: string, places: Places): Promise<readonly FoundCopy[]> {
  const found: FoundCopy[] = [];
  for (const path of await databaseFiles(places)) {
    const answer = await ask(path, 'FROM listings', listingId);
    if (answer !== false)
      found.push({ path, kind: 'database', canBeDeleted: false, problem: answer === true ? null : answer });
  }
  return found;
}

async function databaseFiles({ databasePath, backupDirectories }: Places): Promise<readonly string[]> {
  const kept = await namesIn(dirname(databasePath), (name) =>
    name.startsWith(`${basename(databasePath)}.before-restore-`),
  );
  const backups = await Promise.all(
    backupDirectories.map((directory) =>
      namesIn(directory, (name) => !name.startsWith('.') && name.endsWith('.duckdb')),
    ),
  );
  return [...kept.filter((path) => !path.endsWith('.wal')), ...backups.flat()];
}

async function namesIn(directory: string, isChosen: (name: string) => boolean): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .filter(isChosen)
    .sort()
    .map((name) => join(directory, name));
}

/** Whether the rows have the listing; a sentence when they cannot be read. */
async function ask(path: string, from: string, listingId: string): Promise<boolean | string> {
  try {
    const instance = await DuckDBInstance.create(path, path === ':memory:' ? {} : { access_mode: 'READ_ONLY' });
    try {
      const connection = await instance.connect();
      const reader = await connection.runAndReadAll(
        `SELECT count(*) > 0 AS held ${from} WHERE listing_id = $listingId`,
        {
          listingId,
        },
      );
      connection.closeSync();
      return heldRow.parse(reader.getRowObjects()[0]).held;
    } finally {
      instance.closeSync();
    }
  } catch (error) {
    return messageOf(error);
  }
}
