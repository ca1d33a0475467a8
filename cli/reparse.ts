/**
 * `oikotie reparse`: rebuilds stored listings from their archived pages with today's parser, or only says what would
 * change. It asks nothing of the portal.
 */
import type { Config } from '../config/config.ts';
import { boundsOfNominalDay, systemClock, toUtcIso } from '../src/clock.ts';
import { openDatabase } from '../src/storage/database.ts';
import type { ArchivePlace } from '../src/storage/open-body-store.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import type { FieldReport, ReparseReport } from '../workers/reparse.ts';
import { reparse } from '../workers/reparse.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { openOperatorAudit } from './operator-audit.ts';
import { requireArchive } from './require-archive.ts';

export interface ReparseCommandOptions {
  /** Rows whose page was fetched on this day (Helsinki, `YYYY-MM-DD`) or later. */
  readonly since: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly config: Config;
  readonly databasePath: string;
  /** Where the raw archive is, if there is one. */
  readonly archive: ArchivePlace;
}

/**
 * Prints what is read otherwise and gives back the exit code: 1 when some rows could not be rebuilt, 3 for the database.
 * @throws ConfigError when no archive is named.
 */
export function runReparse(options: ReparseCommandOptions, io: CommandIo): Promise<number> {
  const { config, databasePath, dryRun, json, since } = options;
  const archive = requireArchive(options.archive);
  return reportStorageErrors(io, async () => {
    const mode = dryRun ? 'read' : 'write';
    const database = await openDatabase({ ...config.database, path: databasePath, mode });
    const { audit, flush } = openOperatorAudit(config, io);
    try {
      const report = await reparse({
        ...{ config, archive, isDryRun: dryRun, clock: systemClock, auditFile: audit, signal: io.signal },
        store: createSeriesStore({ database, clock: systemClock }),
        sinceUtc: toUtcIso(boundsOfNominalDay(since).fromMs),
      });
      io.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report, dryRun));
      if (io.signal.aborted) return exitCodes.interrupted;
      return report.unreadable + report.notArchived + report.refused > 0 ? exitCodes.degraded : exitCodes.ok;
    } finally {
      await Promise.all([flush(), database.close()]);
    }
  });
}

function renderReport(report: ReparseReport, isDryRun: boolean): string {
  const { rows, same, changed, unreadable, notArchived, refused, executionId } = report;
  const left = `${notArchived} not archived, ${unreadable} unreadable, ${refused} written by a newer parser`;
  const fate = isDryRun ? 'nothing was written (--dry-run)' : `written as ${executionId ?? 'nothing: no row differs'}`;
  const problems = report.problems.map(({ listingId, reason }) => `  left as it is  ${listingId}: ${reason}\n`);
  const head = `${rows} listings: ${changed} read otherwise, ${same} as before, ${left}\n`;
  return `${head}${report.fields.map(renderField).join('')}${problems.join('')}${fate}\n`;
}

function renderField({ field, rows, examples }: FieldReport): string {
  const lines = examples.map(({ listingId, from, to }) => `    ${listingId}: ${shown(from)} → ${shown(to)}\n`);
  return `  ${field}: ${rows} rows\n${lines.join('')}`;
}

/** A value on one line of a terminal, whatever a page put into it. */
function shown(value: unknown): string {
  const text = JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '');
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
