/**
 * Datasets: `<folder>/<version>/`, written under another name and renamed when they are whole, a link `latest` to the newest,
 * and no more of them than are to be kept. A dataset is never changed once it has its name.
 */
import { mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';
import { syncFile, syncFolder } from './copy-file.ts';
import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import type { EarlierDataset } from './dataset-earlier.ts';
import { datasetMemoryLimit, sealFiles, writeTables } from './dataset-files.ts';
import type { DatasetManifest } from './dataset-manifest.ts';
import { keepName, manifestName, readManifest } from './dataset-manifest.ts';
import { licenceNote } from './dataset-tables.ts';
import { selectReceipts } from './executions.ts';
import { selectOpenCities } from './open-cities.ts';
import type { Session } from './session.ts';

const latestName = 'latest';
const unfinishedEnding = '.part';
/** A dataset that is being written for longer than this is taken to be left behind. */
const abandonedAfterMs = 86_400_000;

export interface DatasetRequest {
  /** A database or snapshot; nobody may write to it meanwhile. */
  readonly databasePath: string;
  /** Folder of the datasets; made when missing. */
  readonly directory: string;
  /** Run it is named after; the last one that was closed when left out. */
  readonly executionId?: string;
  readonly programVersion: string;
  /** ISO 8601 UTC. */
  readonly generatedAtUtc: string;
  /** Datasets kept, this one included. */
  readonly keep: number;
}

export interface WrittenDataset {
  readonly manifest: DatasetManifest;
  /** Folder of the dataset. */
  readonly path: string;
  /** Versions that were deleted because there were more than are kept. */
  readonly deleted: readonly string[];
}

/**
 * Writes a dataset and gives back what it holds.
 * @throws StorageError as `openDatabase`; DATASET_NO_RUN when no run was closed; DATASET_FAILED when it cannot be written:
 * the datasets that are there stay as they are.
 */
export async function writeDataset(request: DatasetRequest): Promise<WrittenDataset> {
  const limits = { memoryLimit: datasetMemoryLimit, threads: 1 };
  const database = await openDatabase({ path: request.databasePath, mode: 'read', ...limits });
  try {
    return await writeFrom(database, request);
  } catch (error) {
    if (error instanceof StorageError && error.code !== 'DATABASE_DISK_FULL') throw error;
    const reason = error instanceof StorageError ? 'the disk is full' : fileProblem(error);
    const message = `cannot write a dataset to ${request.directory}: ${reason}`;
    throw new StorageError('DATASET_FAILED', message, { cause: error });
  } finally {
    await database.close();
  }
}

async function writeFrom(database: Database, request: DatasetRequest): Promise<WrittenDataset> {
  const { directory, keep } = request;
  await mkdir(directory, { recursive: true });
  const run = await database.use((session) => selectRun(session, request.executionId ?? null));
  const unfinished = join(directory, `.${run.executionId}.${process.pid}${unfinishedEnding}`);
  await removeAbandoned(directory, Date.parse(request.generatedAtUtc));
  await rm(unfinished, { recursive: true, force: true });
  try {
    await mkdir(unfinished);
    const { earlier, versions } = await findEarlier(directory);
    const written = await database.use((session) => writeTables(session, unfinished, earlier));
    const files = await sealFiles(unfinished, written, earlier);
    const version = await freeVersion(directory, run.executionId);
    const manifest: DatasetManifest = {
      format: 'oikotie-dataset/1',
      version,
      generatedAtUtc: request.generatedAtUtc,
      ...run,
      program: { name: 'oikotie', version: request.programVersion },
      licence: licenceNote,
      tables: written.tables,
      files: [...files],
    };
    await writeFile(join(unfinished, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    await syncFile(join(unfinished, manifestName));
    const path = join(directory, version);
    await rename(unfinished, path);
    await pointToLatest(directory, version);
    await syncFolder(directory);
    return { manifest, path, deleted: await deleteOld(directory, versions.slice(Math.max(0, keep - 1))) };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

const runRow = z.object({
  executionId: z.string(),
  nominalDay: z.string(),
  status: z.string(),
  schemaVersion: z.number(),
});

async function selectRun(
  session: Session,
  executionId: string | null,
): Promise<z.infer<typeof runRow> & Pick<DatasetManifest, 'receipts' | 'openCities'>> {
  const [row] = await session.rows(
    `SELECT execution_id AS executionId, nominal_day::VARCHAR AS nominalDay, status,
        (SELECT max(version)::INTEGER FROM schema_migrations) AS schemaVersion
      FROM executions WHERE finished_at IS NOT NULL AND coalesce(execution_id = $executionId, true)
      ORDER BY finished_at DESC, execution_id DESC LIMIT 1`,
    { executionId },
  );
  if (row === undefined) {
    const message = `cannot write a dataset: expected a run that has ended, got none; start one with "oikotie run"`;
    throw new StorageError('DATASET_NO_RUN', message);
  }
  const run = runRow.parse(row);
  const receipts = [...(await selectReceipts(session, run.executionId))];
  return { ...run, receipts, openCities: [...(await selectOpenCities(session))] };
}

/**
 * The run that ended last, if it was stopped and no dataset was written of it: nobody will, once another run has begun.
 * Null when it is the one that begins now, which goes on with it.
 */
export async function selectStoppedRun(
  session: Session,
  { directory, beginning }: { readonly directory: string; readonly beginning: string },
): Promise<string | null> {
  const [row] = await session.rows(
    `SELECT execution_id AS executionId, status FROM executions
      WHERE finished_at IS NOT NULL AND NOT starts_with(execution_id, 'reparse-')
      ORDER BY finished_at DESC, execution_id DESC LIMIT 1`,
    {},
  );
  if (row === undefined || row['status'] !== 'interrupted' || row['executionId'] === beginning) return null;
  const executionId = String(row['executionId']);
  const written = await listDatasets(directory);
  return written.some((manifest) => manifest.executionId === executionId) ? null : executionId;
}

/** `daily-2026-11-21`; when a dataset has that name already, `daily-2026-11-21.2`, and so on. */
async function freeVersion(directory: string, executionId: string): Promise<string> {
  const names = new Set(await readdir(directory));
  if (!names.has(executionId)) return executionId;
  let number = 2;
  while (names.has(`${executionId}.${number}`)) number += 1;
  return `${executionId}.${number}`;
}

/** The link is replaced in one step: a reader finds the one dataset or the other. */
async function pointToLatest(directory: string, version: string): Promise<void> {
  const link = join(directory, `.${latestName}.${process.pid}${unfinishedEnding}`);
  await rm(link, { force: true });
  await symlink(version, link);
  await rename(link, join(directory, latestName));
}

/** The datasets that are there: the newest, and the names of all, newest first. A manifest may be large: one is kept. */
async function findEarlier(directory: string) {
  const manifests = await listDatasets(directory);
  const [manifest] = manifests;
  const earlier: EarlierDataset | null =
    manifest === undefined ? null : { folder: join(directory, manifest.version), manifest };
  return { earlier, versions: manifests.map(({ version }) => version) };
}

/** The datasets of a folder, newest first; what is no dataset is left out. */
export async function listDatasets(directory: string): Promise<readonly DatasetManifest[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const manifests: DatasetManifest[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
    const manifest = await readManifest(join(directory, entry.name)).catch((error: unknown) => {
      if (error instanceof StorageError) return null;
      throw error;
    });
    if (manifest?.version === entry.name) manifests.push(manifest);
  }
  const orderOf = ({ generatedAtUtc, version }: DatasetManifest) => `${generatedAtUtc} ${version}`;
  return manifests.sort((a, b) => (orderOf(a) < orderOf(b) ? 1 : -1));
}

/** Deletes those that nobody has marked; another process may have been quicker. */
async function deleteOld(directory: string, versions: readonly string[]): Promise<readonly string[]> {
  const deleted: string[] = [];
  for (const version of versions) {
    const names = await readdir(join(directory, version)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (names === null || names.includes(keepName)) continue;
    await rm(join(directory, version), { recursive: true, force: true });
    deleted.push(version);
  }
  return deleted;
}

/** What a process left that was killed while it wrote; one that still writes is younger. */
async function removeAbandoned(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith('.') || !name.endsWith(unfinishedEnding)) continue;
    const { mtimeMs } = await stat(join(directory, name)).catch(() => ({ mtimeMs: nowMs }));
    if (nowMs - mtimeMs > abandonedAfterMs) await rm(join(directory, name), { recursive: true, force: true });
  }
}
