/**
 * What a standalone run says of itself to other processes: a small JSON file in the state directory, one for each database,
 * replaced by rename at most once a second while it goes on and removed at its end. Reading it tells whether its process is
 * still there. The run does not depend on it.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import type { Log } from '../src/log.ts';
import { replaceFile } from '../src/replace-file.ts';

/** Smallest time between two writes. */
export const progressFileIntervalMs = 1_000;
/** A process of another machine that has not written for this long is taken to be gone. */
const silentMs = 30_000;

const cityShape = z.object({
  city: z.string(),
  settled: z.number(),
  total: z.number().nullable(),
  portalTotal: z.number().nullable(),
  requests: z.number(),
  requestsPerSecond: z.number(),
  // JSON has no Infinity: a rate without limit comes as null.
  allowedPerSecond: z
    .number()
    .nullable()
    .transform((rate) => rate ?? Number.POSITIVE_INFINITY),
  new: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  failed: z.number(),
  etaMs: z.number().nullable(),
  isDone: z.boolean(),
}) satisfies z.ZodType<CityProgress>;

const fileShape = z.object({
  format: z.literal(1),
  executionId: z.string(),
  processId: z.number().int().positive(),
  host: z.string(),
  startedAtMs: z.number(),
  writtenAtMs: z.number(),
  /** When a count was last another one. */
  movedAtMs: z.number(),
  /** Every city it is to collect. */
  planned: z.array(z.string()),
  cities: z.array(cityShape),
});
type Content = z.infer<typeof fileShape>;

export interface ProgressFile {
  /** Takes the progress as it is now; writes it unless it did within the last second. */
  readonly offer: (cities: readonly CityProgress[]) => void;
  /** Waits for what is being written, and removes the file. */
  readonly remove: () => Promise<void>;
}

type ProgressPlace = Pick<Config, 'stateDirectory' | 'databasePath'>;

interface ProgressFileOptions {
  /** The folder is made when missing. */
  readonly config: ProgressPlace;
  readonly executionId: string;
  /** Every city it is to collect. */
  readonly planned: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Writes a first line without cities at once, so that the run is seen before its first page. */
export function openProgressFile({ config, executionId, planned, clock, log }: ProgressFileOptions): ProgressFile {
  const path = pathOf(config);
  const startedAtMs = clock.now();
  const head = { format: 1, executionId, processId: process.pid, host: hostname(), startedAtMs } as const;
  let [movedAtMs, counted, writtenAtMs] = [startedAtMs, '[]', Number.NEGATIVE_INFINITY];
  let writing: Promise<void> = Promise.resolve();
  let isBroken = false;
  let isRemoved = false;

  const complain = (error: unknown): void => {
    if (!isBroken) log.warn({ path, error: messageOf(error) }, 'others cannot be shown how far the run is');
    isBroken = true;
  };

  const write = async (cities: readonly CityProgress[]): Promise<void> => {
    const content: Content = { ...head, writtenAtMs, movedAtMs, planned: [...planned], cities: [...cities] };
    try {
      await mkdir(config.stateDirectory, { recursive: true });
      await replaceFile(path, JSON.stringify(content));
      isBroken = false;
    } catch (error) {
      complain(error);
    }
  };

  const offer: ProgressFile['offer'] = (cities) => {
    const nowMs = clock.now();
    const counts = JSON.stringify(
      cities.map(({ city, settled, requests, isDone }) => [city, settled, requests, isDone]),
    );
    if (counts !== counted) [movedAtMs, counted] = [nowMs, counts];
    const isRecent = nowMs - writtenAtMs < progressFileIntervalMs && nowMs >= writtenAtMs;
    if (isRecent || isRemoved) return;
    writtenAtMs = nowMs;
    writing = writing.then(() => write(cities));
  };
  offer([]);
  return {
    offer,
    remove: async () => {
      isRemoved = true;
      await writing;
      await rm(path, { force: true }).catch(complain);
    },
  };
}

export interface RunInProgress extends Omit<Content, 'format' | 'processId' | 'host'> {
  /** False when the process that wrote it is gone: the run ended without a word. */
  readonly isAlive: boolean;
}

/** The run that writes into the database, as it says itself; null when none does, or it left nothing that can be read. */
export async function readProgressFile(config: ProgressPlace, nowMs: number): Promise<RunInProgress | null> {
  const content = await readContent(pathOf(config));
  if (content === null) return null;
  const { executionId, startedAtMs, writtenAtMs, movedAtMs, planned, cities } = content;
  const isAlive = isProcessAlive(content, nowMs);
  return { executionId, startedAtMs, writtenAtMs, movedAtMs, planned, cities, isAlive };
}

async function readContent(path: string): Promise<Content | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  // Of another version, or damaged: the run is told of by the database alone.
  return fileShape.safeParse(jsonOf(text)).data ?? null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A process id is worth something on its own machine only, and until that machine is started again. */
function isProcessAlive({ processId, host, writtenAtMs }: Content, nowMs: number): boolean {
  if (host !== hostname()) return nowMs - writtenAtMs < silentMs;
  if (writtenAtMs < nowMs - uptime() * 1_000) return false;
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // Somebody else's process, which may not be asked, is there all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** One for each database: several may share a state directory. */
function pathOf({ stateDirectory, databasePath }: ProgressPlace): string {
  const name = createHash('sha256').update(resolve(databasePath)).digest('hex').slice(0, 12);
  return join(stateDirectory, `run-${name}.json`);
}
