/**
 * `oikotie politeness`: the page that shows how the portal was asked on one day. It only reads.
 */
import { systemClock } from '../src/clock.ts';
import type { PolitenessDay } from '../src/storage/politeness-reader.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';
import { renderPoliteness } from './politeness-page.ts';
import { widthOf } from './text-table.ts';

export interface PolitenessOptions {
  readonly databasePath: string;
  /** `YYYY-MM-DD` in Helsinki; by default the last day with requests. */
  readonly day?: string;
  readonly city?: string;
  readonly json: boolean;
}

/** Prints the page or the numbers and gives back the exit code: 1 when a window was above its limit. */
export function runPoliteness(options: PolitenessOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    return readData(options.databasePath, io, async (reader) => {
      const { day, city } = options;
      const query = { ...(day === undefined ? {} : { day }), ...(city === undefined ? {} : { city }) };
      const report = await reader.politeness(query, systemClock.now());
      io.stdout.write(
        options.json ? `${JSON.stringify(report, null, 2)}\n` : renderPoliteness(report, city, widthOf(io.stdout)),
      );
      return isWithinLimits(report) ? exitCodes.ok : exitCodes.degraded;
    });
  });
}

/** What cannot be judged is not held against anybody. */
function isWithinLimits({ scopes }: PolitenessDay): boolean {
  return scopes.every(({ spacing }) => spacing?.isWithinLimit ?? true);
}
