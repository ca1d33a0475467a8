/** The places that the raw archive can be in, with what a test does behind its back. */
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { BodyStore } from '../../src/storage/body-store.ts';
import { namePathOf } from '../../src/storage/body-store.ts';
import { createBucketStore } from '../../src/storage/bucket-store.ts';
import { createFolderStore } from '../../src/storage/folder-store.ts';
import type { ObjectStore } from './object-store.ts';
import { createFolder } from './samples.ts';

export interface TestPlace {
  readonly store: BodyStore;
  /** Names of all that lies there, below the place. */
  readonly names: () => readonly string[];
  /** File behind a name, whether it is there or not; its folder is. */
  readonly fileOf: (name: string) => string;
  readonly remove: () => void;
}

export function folderPlace(): TestPlace & { readonly directory: string } {
  const folder = createFolder();
  const directory = join(folder.path, 'archive');
  const fileOf = (name: string): string => {
    mkdirSync(dirname(join(directory, name)), { recursive: true, mode: 0o700 });
    return join(directory, name);
  };
  const names = () =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => /\..+$/.test(name));
  return { directory, store: createFolderStore(directory), names, fileOf, remove: folder.remove };
}

/** Tries again at once. */
export const impatient = { now: systemClock.now, sleep: async (): Promise<void> => undefined };

let numberOfPrefixes = 0;

/** A part of the bucket of its own. */
export function bucketPlace({ target, names, fileOf }: ObjectStore): TestPlace {
  numberOfPrefixes += 1;
  const prefix = `place-${numberOfPrefixes}/`;
  return {
    store: createBucketStore({ ...target, prefix }, impatient),
    names: () =>
      names()
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length)),
    fileOf: (name) => fileOf(`${prefix}${name}`),
    remove: () => undefined,
  };
}

/** Makes what is stored under a hash something else. */
export function overwrite(place: TestPlace, sha256: string, bytes: Buffer | string): void {
  writeFileSync(place.fileOf(namePathOf(sha256)), bytes);
}

/** Makes it as old as that. The bucket's server answers before it has written the file, in one piece. */
export async function age(place: TestPlace, sha256: string, time: Date): Promise<void> {
  const file = place.fileOf(namePathOf(sha256));
  await vi.waitUntil(() => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0, { interval: 5 });
  utimesSync(file, time, time);
}

export function storedBytes(place: TestPlace): number {
  return place.names().reduce((sum, name) => sum + statSync(place.fileOf(name)).size, 0);
}

export function isStoredSince(place: TestPlace, sha256: string, time: Date): boolean {
  const file = place.fileOf(namePathOf(sha256));
  return readFileSync(file).length > 0 && statSync(file).mtimeMs >= time.getTime();
}
