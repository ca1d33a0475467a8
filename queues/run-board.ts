/**
 * What a run shows of itself to whoever follows it from elsewhere: its progress while it goes on, its result when it has
 * ended. Written by the store, kept for a week; the series itself does not depend on it.
 */
import { queueNames } from '../src/jobs/job-names.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface RunBoardOptions {
  readonly redis: RedisConnection;
  /** Before every key, e.g. `scraper`. */
  readonly prefix: string;
}

export type BoardPart = 'progress' | 'result';

export interface RunBoard {
  /** Replaces a part; `value` is JSON. */
  readonly write: (executionId: string, part: BoardPart, value: unknown) => Promise<void>;
  /** The part as it was last written, to be read by a schema; null when there is none. */
  readonly read: (executionId: string, part: BoardPart) => Promise<unknown>;
  /** The executions that a store has under way now, by name. */
  readonly underWay: () => Promise<readonly string[]>;
}

const keptSeconds = 7 * 86_400;

export function createRunBoard({ redis, prefix }: RunBoardOptions): RunBoard {
  const keyOf = (executionId: string, part: BoardPart): string => `${prefix}:run:${executionId}:${part}`;
  return {
    write: async (executionId, part, value) => {
      await redis.set(keyOf(executionId, part), JSON.stringify(value), 'EX', keptSeconds);
    },
    read: async (executionId, part) => {
      const text = await redis.get(keyOf(executionId, part));
      return text === null ? null : JSON.parse(text);
    },
    underWay: async () => {
      // The job of a run is active until its books are closed.
      const jobIds = await redis.lrange(`${prefix}:${queueNames.runs}:active`, 0, -1);
      return jobIds.map((jobId) => jobId.replace(/[.]run$/, '')).sort();
    },
  };
}
