/**
 * Explicit locks on work ids for those who bring their own loop: `<prefix>:lock:<workId>` holds the owner's token and ends
 * with its time to live. It guards nothing by itself: whoever wants to be alone asks for it first.
 */
import type { RedisConnection } from './redis-connection.ts';

export interface WorkLocksOptions {
  readonly redis: RedisConnection;
  /** Before every key. */
  readonly prefix: string;
  /** Life of a lock whose owner does not release it. */
  readonly ttlMs: number;
  /** A token that nobody else has. */
  readonly newToken: () => string;
}

/** Deletes the lock when the token is still in it: after its time another owner may have it. */
const releaseScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

export class WorkLocks {
  readonly #options: WorkLocksOptions;
  readonly #tokens = new Map<string, string>();

  constructor(options: WorkLocksOptions) {
    this.#options = options;
  }

  /** True when the lock is ours now; false when somebody has it, this process included. */
  async acquire(workId: string): Promise<boolean> {
    const { redis, ttlMs, newToken } = this.#options;
    const token = newToken();
    if ((await redis.set(this.#keyOf(workId), token, 'PX', ttlMs, 'NX')) !== 'OK') return false;
    this.#tokens.set(workId, token);
    return true;
  }

  /** True when it was ours and is free now; false when it never was ours or its time was over. */
  async release(workId: string): Promise<boolean> {
    const token = this.#tokens.get(workId);
    if (token === undefined) return false;
    const released = await this.#options.redis.eval(releaseScript, 1, this.#keyOf(workId), token);
    // A lock that was taken anew meanwhile has another token, which stays.
    if (this.#tokens.get(workId) === token) this.#tokens.delete(workId);
    return released === 1;
  }

  /** Frees what this process has; gives back how many were still its own. */
  async releaseAll(): Promise<number> {
    const released = await Promise.all([...this.#tokens.keys()].map((workId) => this.release(workId)));
    return released.filter(Boolean).length;
  }

  #keyOf(workId: string): string {
    return `${this.#options.prefix}:lock:${workId}`;
  }
}
