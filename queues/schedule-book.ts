/**
 * What became of each day of the schedule, in Redis: whether its run was started, when, and why not. Also whether the
 * schedule is paused, since when there is one, and up to when its days were looked at. Two schedulers may write at once:
 * what says more of a day replaces what says less.
 */
import { z } from 'zod';
import type { RedisConnection } from './redis-connection.ts';

/** From what says least of a day to what says most. */
export const dayOutcomes = ['paused', 'already_run', 'missed', 'caught_up', 'ran'] as const;
/**
 * `ran` was started on time, `caught_up` was started later on that day, `already_run` was there when its time came,
 * `missed` had no scheduler, `paused` was left out because the schedule was paused.
 */
export type DayOutcome = (typeof dayOutcomes)[number];

const dayRecord = z.object({
  outcome: z.enum(dayOutcomes),
  /** When that was written down, ISO 8601 UTC. */
  atUtc: z.string(),
  /** Null when the day has no run. */
  executionId: z.string().nullable(),
});
export interface DayRecord extends Readonly<z.infer<typeof dayRecord>> {
  /** `YYYY-MM-DD` in Helsinki. */
  readonly day: string;
}

const pause = z.object({ atUtc: z.string(), by: z.string() });
/** Since when the schedule is paused (ISO 8601 UTC), and at which node that was asked for. */
export type Pause = Readonly<z.infer<typeof pause>>;

export interface ScheduleBook {
  /** Every day on record, oldest first; the last 400. */
  readonly days: () => Promise<readonly DayRecord[]>;
  /** Null when nothing is on record. */
  readonly day: (day: string) => Promise<DayRecord | null>;
  /** Writes a day down, unless what is there says as much. */
  readonly note: (record: DayRecord) => Promise<void>;
  /** Null while it is not paused. */
  readonly pause: () => Promise<Pause | null>;
  /** False when it was paused before; then the first one stays. */
  readonly setPause: (pause: Pause) => Promise<boolean>;
  /** False when it was not paused. */
  readonly endPause: () => Promise<boolean>;
  /** The instant from which on times of the schedule count: the first one it was ever called with. */
  readonly begin: (epochMs: number) => Promise<number>;
  /** There is no schedule any more: the next one begins anew. */
  readonly end: () => Promise<void>;
  /** Up to when days were looked at, epoch milliseconds; null when never. */
  readonly lookedUntil: () => Promise<number | null>;
  readonly setLookedUntil: (epochMs: number) => Promise<void>;
}

const keptDays = 400;

/** KEYS[1] the days; ARGV: day, record, what its outcome may replace. */
const noteScript = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local outcome = cjson.decode(known).outcome
  local isWeaker = false
  for index = 3, #ARGV do isWeaker = isWeaker or ARGV[index] == outcome end
  if not isWeaker then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`;

/** @param options.prefix before every key. The keys are not below `schedule`: there the queue of that name has its own. */
export function createScheduleBook({
  redis,
  prefix,
}: {
  readonly redis: RedisConnection;
  readonly prefix: string;
}): ScheduleBook {
  const keyOf = (name: string): string => `${prefix}:run_schedule:${name}`;
  const [daysKey, pauseKey] = [keyOf('days'), keyOf('paused')];
  const [sinceKey, lookedUntilKey] = [keyOf('since'), keyOf('looked_until')];

  const numberAt = async (key: string): Promise<number | null> => {
    const text = await redis.get(key);
    return text === null ? null : Number(text);
  };

  return {
    days: async () => {
      const days = Object.entries(await redis.hgetall(daysKey)).sort(([one], [other]) => (one < other ? -1 : 1));
      const old = days.slice(0, -keptDays).map(([day]) => day);
      if (old.length > 0) await redis.hdel(daysKey, ...old);
      return days.slice(-keptDays).map(([day, text]) => readDay(day, text));
    },
    day: async (day) => {
      const text = await redis.hget(daysKey, day);
      return text === null ? null : readDay(day, text);
    },
    note: async ({ day, ...record }) => {
      const weaker = dayOutcomes.slice(0, dayOutcomes.indexOf(record.outcome));
      await redis.eval(noteScript, 1, daysKey, day, JSON.stringify(record), ...weaker);
    },
    pause: async () => {
      const text = await redis.get(pauseKey);
      return text === null ? null : pause.parse(JSON.parse(text));
    },
    setPause: async (asked) => (await redis.set(pauseKey, JSON.stringify(asked), 'NX')) === 'OK',
    endPause: async () => (await redis.del(pauseKey)) === 1,
    begin: async (epochMs) => {
      await redis.set(sinceKey, epochMs, 'NX');
      return (await numberAt(sinceKey)) ?? epochMs;
    },
    end: async () => void (await redis.del(sinceKey, lookedUntilKey)),
    lookedUntil: () => numberAt(lookedUntilKey),
    setLookedUntil: async (epochMs) => void (await redis.set(lookedUntilKey, epochMs)),
  };
}

function readDay(day: string, text: string): DayRecord {
  return { day, ...dayRecord.parse(JSON.parse(text)) };
}
