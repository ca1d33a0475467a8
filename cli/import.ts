/**
 * `oikotie import`: brings the history that an older collector kept into the series, or tells what it would bring.
 */
import { systemClock } from '../src/clock.ts';
import type { ImportResult } from '../workers/import-old.ts';
import { importOldFile } from '../workers/import-old.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { openOperatorAudit } from './operator-audit.ts';

export interface ImportFlags {
  readonly path: string;
  readonly configPath: string | undefined;
  /** By default the configured one. */
  readonly databasePath: string | undefined;
  readonly timeZone: string;
  readonly isDryRun: boolean;
  readonly json: boolean;
}

const count = new Intl.NumberFormat('en-US');

/** Imports and gives back 0, or 1 when rows could not be read; 3 when the file or the database cannot be used. */
export async function runImport(flags: ImportFlags, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(flags.configPath);
  const { audit, flush } = openOperatorAudit(config, io);
  return reportStorageErrors(io, async () => {
    const databasePath = flags.databasePath ?? config.databasePath;
    const result = await importOldFile({ ...flags, config: { ...config, databasePath }, clock: systemClock });
    if (result.event !== null) audit(result.event);
    const { event: _event, ...figures } = result;
    io.stdout.write(flags.json ? `${JSON.stringify(figures, null, 2)}\n` : sentencesOf(result, flags, databasePath));
    return Object.keys(result.unreadable).length === 0 ? exitCodes.ok : exitCodes.degraded;
  }).finally(flush);
}

function sentencesOf(result: ImportResult, { path, isDryRun, timeZone }: ImportFlags, databasePath: string): string {
  const { rows, versions, newListings, extendedListings, forgotten, missingColumns } = result;
  const left = Object.entries(result.unreadable).map(
    ([reason, times]) => `  ${count.format(times)} left out: ${reason}`,
  );
  const lines = [
    `${count.format(rows)} rows in ${path}; times without a zone are those of ${timeZone}`,
    isDryRun ? 'Nothing was written; it would bring:' : `Brought into ${databasePath}:`,
    `  ${count.format(newListings)} new listings`,
    `  ${count.format(extendedListings)} known listings with an earlier history`,
    `  ${count.format(versions)} versions in all${versions === 0 ? ' (all that it says is there already)' : ''}`,
    ...(forgotten === 0 ? [] : [`  ${count.format(forgotten)} left out: the listing was to be forgotten`]),
    ...left,
    ...(missingColumns.length === 0 ? [] : [`  it has no column ${missingColumns.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}
