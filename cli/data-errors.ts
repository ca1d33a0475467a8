/**
 * How the commands that read the database end when they cannot: one sentence on stderr and the exit code. Anything that
 * is not a StorageError is a fault of the program and passes through.
 */
import { StorageError } from '../src/errors.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';

const badInputCodes = [
  'QUERY_REFUSED',
  'QUERY_INVALID',
  'ARCHIVE_KEY_INVALID',
  'EXECUTION_UNKNOWN',
  'LISTING_UNKNOWN',
  'QUARANTINE_UNKNOWN',
  'DATASET_UNREADABLE',
  'BACKUP_UNREADABLE',
  'RESTORE_REFUSED',
];

/** Runs the work; its StorageError becomes a sentence and exit code 2 (what was asked for) or 3 (the database). */
export async function reportStorageErrors(io: CommandIo, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (io.signal.aborted) return exitCodes.interrupted;
    if (!(error instanceof StorageError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return badInputCodes.includes(error.code) ? exitCodes.badInput : exitCodes.failed;
  }
}
