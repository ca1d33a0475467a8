/**
 * The manifest of a dataset: what it holds, where that is from, and the checksum of each of its files. It alone says that a
 * dataset is whole: it is written last.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { fileProblem } from '../file-problem.ts';
import { readManifestFile } from './manifest-file.ts';

export const manifestName = 'manifest.json';
/** A dataset with such a file in it is never deleted; it belongs to whoever put it there. */
export const keepName = 'KEEP';

/** Below the dataset's own folder, with `/` on every system. */
const path = z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/, 'a path inside the dataset');

const manifestSchema = z.object({
  format: z.literal('oikotie-dataset/1'),
  /** Name of the dataset and of its folder. */
  version: z.string(),
  generatedAtUtc: z.string(),
  /** Run after which it was made, its day, and how it ended. */
  executionId: z.string(),
  nominalDay: z.string(),
  status: z.string(),
  program: z.object({ name: z.string(), version: z.string() }),
  schemaVersion: z.number(),
  licence: z.string(),
  /** `recipe` stands for what turned the rows into files: null in datasets of before it was noted. */
  tables: z.array(z.object({ name: z.string(), rows: z.number(), recipe: z.string().nullable().default(null) })),
  /** Receipts of the cities of that run; those of all runs are in the table `receipts`. */
  receipts: z.array(z.unknown()),
  /** Cities that another run was collecting when it was made: their newest rows are not whole. */
  openCities: z.array(z.string()).default([]),
  /** Each file but this one. `rows` is null for what is no table, `rowsHash` for what is no partition. */
  files: z.array(
    z.object({
      path,
      bytes: z.number(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      rows: z.number().nullable(),
      rowsHash: z.string().nullable().default(null),
    }),
  ),
});

export type DatasetManifest = z.infer<typeof manifestSchema>;
export type DatasetFile = DatasetManifest['files'][number];

/** @throws StorageError DATASET_UNREADABLE when the folder holds no manifest that can be read. */
export async function readManifest(folder: string): Promise<DatasetManifest> {
  const file = join(folder, manifestName);
  const refuse = (what: string, cause: unknown) =>
    new StorageError('DATASET_UNREADABLE', `${file}: expected the manifest of a dataset, got ${what}`, { cause });
  return readManifestFile(file, manifestSchema, refuse);
}

/** SHA-256 of a file, hex. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Files below the folder, by their path with `/`, sorted. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((file) => relative(folder, file).replaceAll(sep, '/')).sort();
}

export interface DatasetCheck {
  readonly manifest: DatasetManifest;
  /** SHA-256 of the manifest itself: it stands for the whole dataset, e.g. in a citation. */
  readonly manifestSha256: string;
  /** What is wrong, one sentence each; none when every file is as it was written. */
  readonly problems: readonly string[];
}

/** Compares each file with the manifest. @throws StorageError DATASET_UNREADABLE. */
export async function verifyDataset(folder: string): Promise<DatasetCheck> {
  const manifest = await readManifest(folder);
  const problems: string[] = [];
  for (const file of manifest.files) {
    const problem = await problemOf(folder, file);
    if (problem !== null) problems.push(`${file.path}: ${problem}`);
  }
  const listed = new Set([manifestName, keepName, ...manifest.files.map((file) => file.path)]);
  for (const found of await filesBelow(folder)) {
    if (!listed.has(found)) problems.push(`${found}: expected no such file, got one that the manifest does not name`);
  }
  return { manifest, manifestSha256: await sha256Of(join(folder, manifestName)), problems };
}

async function problemOf(folder: string, expected: DatasetFile): Promise<string | null> {
  const file = join(folder, expected.path);
  try {
    const { size } = await stat(file);
    if (size !== expected.bytes) return `expected ${expected.bytes} bytes, got ${size}`;
    const sha256 = await sha256Of(file);
    return sha256 === expected.sha256 ? null : `expected SHA-256 ${expected.sha256}, got ${sha256}`;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? 'expected a file, got none' : `it cannot be read: ${fileProblem(error)}`;
  }
}
