/**
 * Says on stderr when what is read is not the database itself, so that nobody takes what a run has not published yet for
 * missing, nor a city that is being collected for whole. It prints nothing while the database is free and no run left it so.
 */
import type { Clock } from '../src/clock.ts';
import { nominalDayOf, systemClock } from '../src/clock.ts';
import type { DataSource, FoundSource } from '../src/storage/readable.ts';
import type { Reader } from '../src/storage/reader.ts';
import { openReader } from '../src/storage/reader.ts';
import type { CommandIo } from './command.ts';

const clockTime = new Intl.DateTimeFormat('fi-FI', { timeZone: 'Europe/Helsinki', hour: '2-digit', minute: '2-digit' });

/** Reads what there is to read, says so when it is a snapshot, and closes it. @throws StorageError as `openReader`. */
export async function readData<Result>(
  databasePath: string,
  io: Pick<CommandIo, 'stderr'>,
  read: (reader: Reader) => Promise<Result>,
): Promise<Result> {
  const reader = await openReader(databasePath);
  try {
    announceSource(reader.source, systemClock, io);
    return await read(reader);
  } finally {
    await reader.close();
  }
}

/**
 * `reading the snapshot of 12:04 (3 min old); a run holds the database`, with the day when it is not of today, and which
 * cities are not whole in what is read, where that is known.
 */
export function announceSource(
  source: FoundSource & Partial<Pick<DataSource, 'openCities'>>,
  clock: Pick<Clock, 'now'>,
  io: Pick<CommandIo, 'stderr'>,
): void {
  if (source.kind === 'snapshot')
    io.stderr.write(
      `reading the snapshot of ${describeSnapshot(source.publishedAtMs, clock.now())}; a run holds the database\n`,
    );
  const { openCities = [] } = source;
  if (openCities.length > 0) io.stderr.write(`not whole in it, still being collected: ${openCities.join(', ')}\n`);
}

/** When a snapshot was published, in Helsinki, and its age: `12:04 (3 min old)`. @internal Exported for its tests. */
export function describeSnapshot(publishedAtMs: number, nowMs: number): string {
  const day = nominalDayOf(publishedAtMs);
  const time = clockTime.format(publishedAtMs).replace('.', ':');
  const when = day === nominalDayOf(nowMs) ? time : `${day} ${time}`;
  return `${when} (${ageOf(Math.max(0, nowMs - publishedAtMs))} old)`;
}

function ageOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
