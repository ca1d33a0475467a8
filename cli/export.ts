/**
 * `oikotie export`: the stored listings as one file for other programs. The file appears whole or not at all.
 */
import { systemClock } from '../src/clock.ts';
import type { ExportFormat } from '../src/storage/export.ts';
import { exportListings } from '../src/storage/export.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { announceSource } from './data-source.ts';

export interface ExportOptions {
  readonly format: ExportFormat;
  /** File to write. */
  readonly output: string;
  readonly databasePath: string;
  readonly city?: string;
  /** Epoch milliseconds; the listings as they are when left out. */
  readonly asOf?: number;
}

/** Exports, says what was written on stderr, and gives back the exit code: 3 when it could not be done. */
export function runExport({ format, output, databasePath, city, asOf }: ExportOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const request = {
      ...{ databasePath, format, outputPath: output },
      ...(city === undefined ? {} : { city }),
      ...(asOf === undefined ? {} : { asOfMs: asOf }),
    };
    const { rows, bytes, path, source } = await exportListings(request);
    announceSource(source, systemClock, io);
    io.stderr.write(`${rows} listings, ${bytes} bytes written to ${path}\n`);
    return exitCodes.ok;
  });
}
