/**
 * The queues of one deployment in Redis, opened when they are first needed, and what holds for a queue across the
 * cluster: how many of its jobs run at once, how far apart they start, and until when it is on hold.
 */
import type { FlowJob } from 'bullmq';
import { FlowProducer, Queue, QueueEvents } from 'bullmq';
import type { Log } from '../src/log.ts';
import type { QueueTelemetry } from './open-telemetry.ts';
import type { RedisConnection } from './redis-connection.ts';
import { withScripts } from './redis-scripts.ts';

export interface BullMqQueuesOptions {
  readonly redis: RedisConnection;
  /** Before every key, e.g. `scraper`; `{scraper}` on a Redis Cluster. */
  readonly prefix: string;
  readonly log: Log;
  /** Told of every job that is added; by default nobody is. */
  readonly telemetry?: QueueTelemetry;
}

/** Limits of a queue over all its workers. */
export interface QueueLimits {
  /** Jobs at once; null = no limit. */
  readonly concurrency: number | null;
  /** Smallest time between two starts, in milliseconds; 0 = none. */
  readonly startIntervalMs: number;
}

/** What the counter of a queue's limiter stands at while the queue is on hold; no limit of ours comes near it. */
const holdCount = 1_000_000_000;
/** A limiter that limits nothing: without any, workers elsewhere do not see a hold. */
const unlimited = { max: 1_000_000, durationMs: 1 };
const handedOnSeconds = 86_400;

/** KEYS: begin of each queue's keys. Gives back which of them, counted from 1, hold a job that has not ended. */
const withJobsScript = `
local busy = {}
for index, queue in ipairs(KEYS) do
  if redis.call('EXISTS', queue .. ':wait', queue .. ':paused', queue .. ':prioritized', queue .. ':delayed',
    queue .. ':active') > 0 then
    busy[#busy + 1] = index
  end
end
return busy`;

/**
 * A window of the limiter that began under a slower limit ends as one of the new limit would; a hold stays.
 * ARGV: count from which it is a hold, the longest time left in milliseconds.
 */
const shortenScript = `
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) or redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[2]) then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

export class BullMqQueues {
  readonly #options: BullMqQueuesOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #events = new Map<string, QueueEvents>();
  readonly #flows: FlowProducer;

  constructor(options: BullMqQueuesOptions) {
    this.#options = options;
    this.#flows = this.#watched(
      new FlowProducer({ connection: options.redis, prefix: options.prefix, ...telemetryOf(options) }),
    );
  }

  queue = (name: string): Queue => {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const { redis: connection, prefix } = this.#options;
    const queue = this.#watched(new Queue(name, { connection, prefix, ...telemetryOf(this.#options) }));
    this.#queues.set(name, queue);
    return queue;
  };

  events = (name: string): QueueEvents => {
    const known = this.#events.get(name);
    if (known !== undefined) return known;
    const { redis: connection, prefix } = this.#options;
    const events = this.#watched(new QueueEvents(name, { connection, prefix }));
    this.#events.set(name, events);
    return events;
  };

  /** Adds a job with all its children in one transaction, and opens its queue. Ids that are known stay as they are. */
  async add(flow: FlowJob): Promise<void> {
    this.queue(flow.queueName);
    await withScripts(this.#options.redis, () => this.#flows.add(flow));
  }

  /** Sets the limits of a queue for the whole cluster; a running worker keeps to them from its next start. */
  async setLimits(name: string, { concurrency, startIntervalMs }: QueueLimits): Promise<void> {
    const queue = this.queue(name);
    if (concurrency === null) await queue.removeGlobalConcurrency();
    else await queue.setGlobalConcurrency(concurrency);
    if (startIntervalMs > 0) await queue.setGlobalRateLimit(1, Math.ceil(startIntervalMs));
    else await queue.setGlobalRateLimit(unlimited.max, unlimited.durationMs);
    const longestMs = startIntervalMs > 0 ? Math.ceil(startIntervalMs) : unlimited.durationMs;
    await this.#options.redis.eval(shortenScript, 1, queue.toKey('limiter'), holdCount / 2, longestMs);
  }

  /** Nothing of the queue starts for this long; a longer hold that is already there stays. */
  async hold(name: string, durationMs: number): Promise<void> {
    if ((await this.holdMs(name)) < durationMs) await this.queue(name).rateLimit(Math.ceil(durationMs));
  }

  /** What is left of the queue's hold, in milliseconds; 0 when it has none. */
  holdMs(name: string): Promise<number> {
    return this.queue(name).getRateLimitTtl(holdCount);
  }

  /** Nothing of the queue starts until it is resumed, in later runs too; what is active goes on. */
  async pause(name: string): Promise<void> {
    await this.queue(name).pause();
  }

  async resume(name: string): Promise<void> {
    await this.queue(name).resume();
  }

  isPaused(name: string): Promise<boolean> {
    return this.queue(name).isPaused();
  }

  /** The queue that holds the job, or null when none of those that are open does. */
  async queueHolding(jobId: string): Promise<string | null> {
    for (const [name, queue] of this.#queues) {
      if ((await queue.getJobState(jobId)) !== 'unknown') return name;
    }
    return null;
  }

  /** Those of the queues that hold a job which waits, is delayed or active; one question, however many they are. */
  withJobs = async (names: readonly string[]): Promise<ReadonlySet<string>> => {
    if (names.length === 0) return new Set();
    const keys = names.map((name) => `${this.#options.prefix}:${name}`);
    const reply = await this.#options.redis.eval(withJobsScript, keys.length, ...keys);
    const places = Array.isArray(reply) ? reply.map(Number) : [];
    return new Set(places.flatMap((place) => names[place - 1] ?? []));
  };

  /** Remembers for a day that a job's result was handed on, though the job itself did not end. */
  async markHandedOn(jobId: string): Promise<void> {
    await this.#options.redis.set(this.#handedOnKey(jobId), '1', 'EX', handedOnSeconds);
  }

  async isHandedOn(jobId: string): Promise<boolean> {
    return (await this.#options.redis.exists(this.#handedOnKey(jobId))) === 1;
  }

  #handedOnKey(jobId: string): string {
    return `${this.#options.prefix}:handed_on:${jobId}`;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#events.values(), ...this.#queues.values(), this.#flows].map((each) => each.close()));
  }

  /** BullMQ reports trouble with the connection on each of its objects; the connection itself has said so already. */
  #watched<Emitter extends { on: (event: 'error', listener: (error: Error) => void) => unknown }>(it: Emitter) {
    it.on('error', (error) => this.#options.log.debug({ error: error.message }, 'a queue lost its connection'));
    return it;
  }
}

/** As BullMQ takes it: absent rather than null. */
export function telemetryOf({ telemetry }: { readonly telemetry?: QueueTelemetry }) {
  return telemetry === undefined || telemetry === null ? {} : { telemetry };
}
