/**
 * `oikotie history`: what a listing was, and when. It only reads.
 */
import { systemClock } from '../src/clock.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';
import { renderHistory } from './history-page.ts';
import { widthOf } from './text-table.ts';

export interface HistoryOptions {
  readonly databasePath: string;
  readonly listingId: string;
  readonly json: boolean;
}

/** Prints the history and gives back the exit code: 2 when the listing is not stored. */
export function runHistory({ databasePath, listingId, json }: HistoryOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    return readData(databasePath, io, async (reader) => {
      const history = await reader.history(listingId, systemClock.now());
      if (history === null) {
        io.stderr.write(
          `history of ${JSON.stringify(listingId)}: expected the id of a listing in ${databasePath}, got one that is not there; ` +
            'see: oikotie listings\n',
        );
        return exitCodes.badInput;
      }
      io.stdout.write(json ? `${JSON.stringify(history, null, 2)}\n` : renderHistory(history, widthOf(io.stdout)));
      return exitCodes.ok;
    });
  });
}
