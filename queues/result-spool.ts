/**
 * Results that Redis has not taken yet, kept on disk: when Redis is away, what a job has found must not be lost with the
 * process, nor asked for a second time. Each waits in its own file, in the order it came, until it has been sent; what an
 * earlier process left is sent by the next one of the same node.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { JobRequest } from '../src/jobs/job.ts';
import { jobKinds } from '../src/jobs/job.ts';
import type { Log } from '../src/log.ts';

/** What one job has to hand on. */
export interface JobResult {
  /** The job it is the result of; null for what belongs to no job. */
  readonly job: { readonly id: string; readonly queue: string } | null;
  /** Where the follow-ups join: id and qualified queue name of the parent. */
  readonly parent: { readonly id: string; readonly queue: string } | null;
  readonly followUps: readonly JobRequest[];
}

export interface ResultSpool {
  /**
   * Sends a result. What takes longer than a moment lies on disk meanwhile; the file goes when it is sent.
   * @throws what `send` throws; the file stays then.
   */
  readonly deliver: (result: JobResult, send: (result: JobResult) => Promise<void>) => Promise<void>;
  /** The same, but the caller may go on as soon as the result is sent or on disk. */
  readonly keep: (result: JobResult, send: (result: JobResult) => Promise<void>) => Promise<void>;
  /** Sends what an earlier process left, oldest first; gives back how many that were. */
  readonly sendLeftovers: (send: (result: JobResult) => Promise<void>) => Promise<number>;
}

interface ResultSpoolOptions {
  /** Folder of this node's results; made when the first one has to be kept. */
  readonly directory: string;
  /** True when it is plain that nothing can be sent now. */
  readonly isAway: () => boolean;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Log;
}

/** How long sending may take before the result is put on disk, in milliseconds. */
const patienceMs = 500;

const requestSchema: z.ZodType<JobRequest> = z.lazy(() =>
  z.object({
    id: z.string(),
    kind: z.enum(jobKinds),
    queue: z.string(),
    payload: z.unknown(),
    priority: z.number().optional(),
    children: z.array(requestSchema).optional(),
  }),
) as z.ZodType<JobRequest>; // a recursive schema cannot infer its own type
const resultSchema = z.object({
  job: z.object({ id: z.string(), queue: z.string() }).nullable(),
  parent: z.object({ id: z.string(), queue: z.string() }).nullable(),
  followUps: z.array(requestSchema),
});

export function createResultSpool(options: ResultSpoolOptions): ResultSpool {
  return new DiskSpool(options);
}

/** Nothing is kept: for processes whose results another one would find again at no cost. */
export const noSpool: ResultSpool = {
  deliver: (result, send) => send(result),
  keep: (result, send) => send(result),
  sendLeftovers: () => Promise.resolve(0),
};

class DiskSpool implements ResultSpool {
  readonly #options: ResultSpoolOptions;
  #kept = 0;

  constructor(options: ResultSpoolOptions) {
    this.#options = options;
  }

  deliver: ResultSpool['deliver'] = (result, send) => this.#start(result, send).sent;

  keep: ResultSpool['keep'] = (result, send) => {
    const { sent, onDisk } = this.#start(result, send);
    return Promise.race([sent, onDisk]);
  };

  sendLeftovers: ResultSpool['sendLeftovers'] = async (send) => {
    const { directory, log } = this.#options;
    const names = (await namesIn(directory)).filter((name) => name.endsWith('.json')).sort();
    for (const name of names) {
      const path = join(directory, name);
      const result = await readResult(path).catch((error: unknown) => {
        log.warn({ path, error: messageOf(error) }, 'a kept result cannot be read; its job is done again');
        return null;
      });
      if (result !== null) await send(result);
      await rm(path, { force: true });
    }
    if (names.length > 0) log.info({ results: names.length }, 'results that were kept on disk are sent');
    return names.length;
  };

  /** Begins to send; `onDisk` resolves when it also lies on disk, which may never be needed. */
  #start(result: JobResult, send: (result: JobResult) => Promise<void>) {
    const { clock, isAway } = this.#options;
    let file: Promise<string | null> | null = null;
    let onFile: () => void = () => undefined;
    const onDisk = new Promise<void>((resolve) => {
      onFile = resolve;
    });
    const write = (): void => {
      file = this.#write(result);
      void file.then((path) => {
        if (path !== null) onFile();
      });
    };
    const callOff = clock.after(isAway() ? 0 : patienceMs, write);
    const sent = send(result).then(async () => {
      callOff();
      const path = await file;
      if (path !== null) await rm(path, { force: true });
    });
    sent.catch(callOff);
    return { sent, onDisk };
  }

  /** The path of the file; null when the disk does not take it, which is told once a result. */
  async #write(result: JobResult): Promise<string | null> {
    const { directory, clock, log } = this.#options;
    this.#kept += 1;
    const path = join(directory, `${clock.now()}-${String(this.#kept).padStart(6, '0')}.json`);
    try {
      await mkdir(directory, { recursive: true });
      await writeDurably(path, JSON.stringify(result));
      log.info({ job: result.job?.id, path }, 'Redis does not take a result; it is kept on disk until it does');
      return path;
    } catch (error) {
      log.warn({ job: result.job?.id, path, error: messageOf(error) }, 'a result cannot be kept on disk');
      return null;
    }
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function readResult(path: string): Promise<JobResult> {
  return resultSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** The file is there whole or not at all, also after a power cut. */
async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
