/**
 * `oikotie backup` and `oikotie restore`: the whole database as one file with a manifest, and back again once that has been
 * compared.
 */
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import type { Clock } from '../src/clock.ts';
import { systemClock } from '../src/clock.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { operatorEvent } from '../src/lineage/operator-event.ts';
import type { BackupManifest } from '../src/storage/backup.ts';
import { makeBackup } from '../src/storage/backup.ts';
import type { Restored } from '../src/storage/restore.ts';
import { restoreBackup } from '../src/storage/restore.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { announceSource } from './data-source.ts';
import { openOperatorAudit } from './operator-audit.ts';

const count = new Intl.NumberFormat('en-US');

export interface BackupOptions {
  readonly databasePath: string;
  /** Folder of the backup; by default `backups` beside the database. */
  readonly to: string | undefined;
  readonly json: boolean;
}

/** Makes a backup; 3 when it cannot be made. */
export function runBackup({ databasePath, to, json }: BackupOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const directory = to ?? join(dirname(databasePath), 'backups');
    const request = { databasePath, directory, programVersion: readVersion(), nowMs: systemClock.now() };
    const { path, manifest, source } = await makeBackup(request);
    announceSource(source, systemClock, io);
    if (json) io.stdout.write(`${JSON.stringify({ path, ...manifest }, null, 2)}\n`);
    else io.stdout.write(`${path}\n`);
    io.stderr.write(`${contentsOf(manifest)}; SHA-256 ${manifest.sha256}\n`);
    return exitCodes.ok;
  });
}

export interface RestoreOptions {
  readonly backupPath: string;
  readonly configPath: string | undefined;
  /** By default the configured one. */
  readonly databasePath: string | undefined;
  readonly isForced: boolean;
}

/** Restores a backup; 2 when it is none or nobody has forced it, 3 when it is damaged or the database is in use. */
export async function runRestore(options: RestoreOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(options.configPath);
  const { audit, flush } = openOperatorAudit(config, io);
  const databasePath = options.databasePath ?? config.databasePath;
  return reportStorageErrors(io, async () => {
    const { backupPath, isForced } = options;
    const restored = await restoreBackup({ backupPath, databasePath, isForced, nowMs: systemClock.now() });
    recordRestore({ config, audit, clock: systemClock }, { backupPath, databasePath, restored });
    io.stdout.write(`${databasePath}\n`);
    io.stderr.write(sentencesOf(restored));
    return exitCodes.ok;
  }).finally(flush);
}

function recordRestore(
  { config, audit, clock }: { config: Pick<Config, 'nodeId'>; audit: AuditSink; clock: Clock },
  { backupPath, databasePath, restored }: { backupPath: string; databasePath: string; restored: Restored },
): void {
  const { manifest, keptPath } = restored;
  const message = `the database ${databasePath} was restored from the backup of ${manifest.takenAtUtc}`;
  const details = { backupPath, keptPath, sha256: manifest.sha256, forgottenListings: restored.forgottenListings };
  audit(operatorEvent({ clock, nodeId: config.nodeId }, { message, details }));
}

function sentencesOf({ manifest, keptPath, areSumsCompared, forgottenListings }: Restored): string {
  const compared = areSumsCompared
    ? 'bytes and rows are as in its manifest'
    : `bytes and counts are as in its manifest; rows could not be added up, DuckDB ${manifest.duckdbVersion} made it`;
  const lines = [`Restored the backup of ${manifest.takenAtUtc}: ${contentsOf(manifest)}; ${compared}.`];
  if (forgottenListings > 0) lines.push(`Listings forgotten since, and forgotten in it, too: ${forgottenListings}.`);
  if (keptPath !== null) lines.push(`The database before is kept as ${keptPath}.`);
  return `${lines.join('\n')}\n`;
}

function contentsOf({ bytes, tables }: BackupManifest): string {
  const listings = tables.find(({ name }) => name === 'listings')?.rows ?? 0;
  return `${count.format(listings)} listings, ${tables.length} tables, ${count.format(bytes)} bytes`;
}
