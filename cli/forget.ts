/**
 * `oikotie forget`: takes one listing out of everything that this program keeps, and says what still holds it. No later run
 * stores it again.
 */
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import type { Clock } from '../src/clock.ts';
import { systemClock, toUtcIso } from '../src/clock.ts';
import type { AuditEvent } from '../src/lineage/audit-event.ts';
import { operatorEvent } from '../src/lineage/operator-event.ts';
import { writeDataset } from '../src/storage/dataset.ts';
import type { FoundCopy } from '../src/storage/find-copies.ts';
import { findCopies } from '../src/storage/find-copies.ts';
import { forgetListing } from '../src/storage/forget.ts';
import type { ForgottenRows } from '../src/storage/forget-rows.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import { validationFolderOf } from '../src/storage/validation-database.ts';
import { datasetFolderOf } from '../workers/publications.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { openOperatorAudit } from './operator-audit.ts';

export interface ForgetOptions {
  readonly listingId: string;
  readonly reason: string | null;
  readonly configPath: string | undefined;
  /** Folders with backups besides `backups` beside the database. */
  readonly backupDirectories: readonly string[];
  readonly json: boolean;
}

interface Forgotten extends ForgottenRows {
  readonly listingId: string;
  /** Datasets that held it, deleted; and the one that was written in their place, null when there was none. */
  readonly deletedDatasets: readonly string[];
  readonly newDataset: string | null;
  /** Copies that hold it still, or that could not be looked at. */
  readonly stillHeld: readonly FoundCopy[];
}

/** Forgets and gives back 0, or 1 when something still holds the listing; 3 when the database is in use or cannot be written. */
export async function runForget(options: ForgetOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(options.configPath);
  const { audit, flush } = openOperatorAudit(config, io);
  return reportStorageErrors(io, async () => {
    const { databasePath: path, database, nodeId, rawArchive } = config;
    const { listingId, reason } = options;
    const rows = await forgetListing({
      ...{ listingId, reason, nodeId, nowMs: systemClock.now() },
      archive: openBodyStore(rawArchive, systemClock),
      database: { path, ...database },
      eventOf: (forgotten) => eventOf(options, forgotten, nodeId, systemClock),
    });
    audit(eventOf(options, rows, nodeId, systemClock));
    const forgotten: Forgotten = { listingId, ...rows, ...(await clearCopies(options, config)) };
    io.stdout.write(options.json ? `${JSON.stringify(forgotten, null, 2)}\n` : sentencesOf(forgotten));
    return forgotten.stillHeld.length === 0 ? exitCodes.ok : exitCodes.degraded;
  }).finally(flush);
}

function eventOf(
  { listingId, reason }: ForgetOptions,
  { deleted, responses }: ForgottenRows,
  nodeId: string,
  clock: Clock,
): AuditEvent {
  const message = `listing ${listingId} was forgotten${reason === null ? '' : `: ${reason}`}`;
  return operatorEvent(
    { clock, nodeId },
    { message, details: { listingId, reason, deleted, responses: responses.length } },
  );
}

/** Deletes the datasets that can be made again, makes one in their place, and finds what else holds the listing. */
async function clearCopies(
  { listingId, backupDirectories }: ForgetOptions,
  config: Config,
): Promise<Pick<Forgotten, 'deletedDatasets' | 'newDataset' | 'stillHeld'>> {
  const { databasePath, publish } = config;
  const datasetDirectory = datasetFolderOf(config);
  // What a validation has left behind is a copy like any other.
  const validations = validationFolderOf(databasePath);
  const ownBackups = join(dirname(databasePath), 'backups');
  const places = { datasetDirectory, databasePath, backupDirectories: [ownBackups, validations, ...backupDirectories] };
  const copies = await findCopies(listingId, places);
  const deletable = copies.filter(({ canBeDeleted }) => canBeDeleted);
  for (const { path } of deletable) await rm(path, { recursive: true });
  const stillHeld = copies.filter(({ canBeDeleted }) => !canBeDeleted);
  const deletedDatasets = deletable.map(({ path }) => basename(path));
  if (deletable.length === 0) return { deletedDatasets, newDataset: null, stillHeld };
  const { manifest } = await writeDataset({
    ...{ databasePath, directory: datasetDirectory, programVersion: readVersion(), keep: publish.keepDatasets },
    generatedAtUtc: toUtcIso(systemClock.now()),
  });
  return { deletedDatasets, newDataset: manifest.version, stillHeld };
}

function sentencesOf({ listingId, deleted, responses, deletedDatasets, newDataset, stillHeld }: Forgotten): string {
  const rows = Object.entries(deleted).map(([table, count]) => `${table} ${count}`);
  const lines = [
    rows.length === 0
      ? `Nothing was stored of listing ${listingId}; no run will store it.`
      : `Listing ${listingId} is forgotten: rows deleted in ${rows.join(', ')}; no run will store it again.`,
    `Responses that only it was read from: ${responses.length}; they are not in the archive.`,
  ];
  if (newDataset !== null) lines.push(`Datasets deleted: ${deletedDatasets.join(', ')}; written anew: ${newDataset}.`);
  for (const { path, problem } of stillHeld) {
    lines.push(
      problem === null ? `STILL HELD by ${path}: delete it` : `NOT KNOWN whether ${path} holds it: ${problem}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
