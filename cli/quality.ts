/**
 * `oikotie quality`: what the pages of each city's last run had beside its history, the scores of the listings on offer, and
 * what is in quarantine. It only reads.
 */
import type { DriftLimits } from '../src/quality/judge-drift.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';
import { renderQuality } from './quality-page.ts';
import { widthOf } from './text-table.ts';

export interface QualityOptions {
  readonly databasePath: string;
  /** By default all. */
  readonly city?: string;
  readonly json: boolean;
  /** By what runs are compared. */
  readonly limits: Pick<DriftLimits, 'historyRuns' | 'minPages'>;
}

/** Prints it and gives back the exit code: 1 when something is in quarantine, 2 for a city that is not stored. */
export function runQuality({ databasePath, city, json, limits }: QualityOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    return readData(databasePath, io, async (reader) => {
      const report = await reader.quality(city ?? null, limits);
      if (city !== undefined && report.cities.length === 0) {
        io.stderr.write(`--city: expected a city of which something is stored, got "${city}"\n`);
        return exitCodes.badInput;
      }
      io.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderQuality(report, widthOf(io.stdout)));
      return report.openQuarantines.length === 0 ? exitCodes.ok : exitCodes.degraded;
    });
  });
}
