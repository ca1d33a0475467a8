/**
 * What a new dataset takes over from the one before: files that hold the same, as links, so that past days are written and
 * stored once. Nothing is taken over unread: a file that is not what its manifest says is written anew.
 */
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatasetFile, DatasetManifest } from './dataset-manifest.ts';
import { sha256Of } from './dataset-manifest.ts';
import type { Partition } from './dataset-partitions.ts';
import { partitionName, partitionNameOf } from './dataset-partitions.ts';

export interface EarlierDataset {
  readonly folder: string;
  readonly manifest: DatasetManifest;
}

/** Table of a dataset that is being written, with the partitions it will have. */
interface TableToFill {
  readonly name: string;
  readonly recipe: string;
  readonly partitions: readonly Partition[];
}

/**
 * Links the files of the partitions that the earlier dataset has with the same rows, and gives back those files. What could
 * not be linked has left nothing behind.
 */
export async function takeOverPartitions(
  earlier: EarlierDataset | null,
  folder: string,
  { name, recipe, partitions }: TableToFill,
): Promise<ReadonlyMap<string, readonly DatasetFile[]>> {
  const taken = new Map<string, readonly DatasetFile[]>();
  if (earlier === null || !earlier.manifest.tables.some((table) => table.name === name && table.recipe === recipe)) {
    return taken;
  }
  const filesOf = new Map<string, DatasetFile[]>();
  for (const file of earlier.manifest.files) {
    const partition = partitionNameOf(name, file.path);
    if (partition !== null) filesOf.set(partition, [...(filesOf.get(partition) ?? []), file]);
  }
  for (const partition of partitions) {
    const files = filesOf.get(partitionName(partition)) ?? [];
    if (files.length === 0 || files.some(({ rowsHash }) => rowsHash !== partition.rowsHash)) continue;
    if (await linkAll(earlier.folder, folder, files)) taken.set(partitionName(partition), files);
  }
  return taken;
}

/** All or none: a link that was left would be written through when its partition is written, into the earlier dataset. */
async function linkAll(from: string, to: string, files: readonly DatasetFile[]): Promise<boolean> {
  for (const { path, sha256 } of files) {
    if (await linkIntact(join(from, path), join(to, path), sha256)) continue;
    for (const { path: linked } of files) await rm(join(to, linked), { force: true });
    return false;
  }
  return true;
}

/** True when the file that was just written is a link to the earlier one now, which holds the same bytes. */
export async function becomesLink(file: string, earlier: string, sha256: string): Promise<boolean> {
  const linked = join(dirname(file), '.link');
  if (!(await linkIntact(earlier, linked, sha256))) return false;
  return rename(linked, file).then(
    () => true,
    async () => {
      await rm(linked, { force: true });
      return false;
    },
  );
}

/** Makes `file` a link to the earlier one, which is read to make sure that it is what it was. */
async function linkIntact(earlier: string, file: string, sha256: string): Promise<boolean> {
  try {
    if ((await sha256Of(earlier)) !== sha256) return false;
    await mkdir(dirname(file), { recursive: true });
    await link(earlier, file);
    return true;
  } catch {
    // File systems without links, and files that are gone: then there are two of it.
    await rm(file, { force: true });
    return false;
  }
}
