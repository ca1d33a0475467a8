/**
 * What the JSON files of the state directory have in common: a lock that outlives no process, a file that cannot be read set
 * aside instead of stopping a run, and errors that name the file.
 */
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { z } from 'zod';
import { messageOf, StorageError } from '../src/errors.ts';

/** The lock of a process that died is taken over after this time. */
const staleLockMs = 10_000;
/** How long whoever wants to write waits for its turn: some seconds. */
const waitForTurn = { retries: 50, factor: 1.2, minTimeout: 5, maxTimeout: 200 };

interface Watched {
  readonly onProblem: (message: string) => void;
}

/** What the file holds; null when it is missing, or was moved aside because it is not as the schema says. */
export async function readStateFile<Content>(
  path: string,
  schema: z.ZodType<Content>,
  /** `consequence`: what follows when it is set aside, told with the problem. */
  { onProblem, consequence }: Watched & { readonly consequence: string },
): Promise<Content | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const aside = `${path}.damaged`;
    await rename(path, aside);
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    onProblem(`${path} could not be read and was moved to ${aside}; ${consequence}; ${why}`);
    return null;
  }
}

/**
 * Takes the lock of the file, which need not be there; gives back how to let it go. The folder is made when missing.
 * @throws Error with code ELOCKED when another one has it: at once with `isPatient` false, else after some seconds.
 */
export async function lockStateFile(
  path: string,
  { onProblem, isPatient = true }: Watched & { readonly isPatient?: boolean },
): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true });
  return lockfile.lock(path, {
    realpath: false,
    stale: staleLockMs,
    retries: isPatient ? waitForTurn : 0,
    // The write is decided by its rename; a lost lock only means that somebody waited too long for us.
    onCompromised: (error) => onProblem(`lock of ${path} was lost: ${error.message}`),
  });
}

/** Does the work. @throws StorageError STATE_UNUSABLE that says what of the file could not be had. */
export async function explainState<Result>(what: string, path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    const message = `${what} in ${path}: expected to read and write them, got ${messageOf(error)}; check state_directory`;
    throw new StorageError('STATE_UNUSABLE', message, { cause: error });
  }
}

/** Whether the system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
