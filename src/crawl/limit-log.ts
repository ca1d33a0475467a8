/**
 * Tells the ledger which limits are in force: all of them at the start, and each again when it changes. A day can then
 * be judged by what held at the time.
 */
import type { Clock } from '../clock.ts';
import { toUtcIso } from '../clock.ts';
import type { LimitRecord } from './request-log.ts';

type Limit = Pick<LimitRecord, 'intervalMs' | 'slowDown' | 'dailyRequestBudget'>;

export interface LimitLogOptions {
  readonly clock: Clock;
  readonly executionId: string;
  readonly record: (record: LimitRecord) => void;
  /** The configured limits by city; null is the portal as a whole. */
  readonly configured: ReadonlyMap<string | null, Omit<Limit, 'slowDown'>>;
}

export interface LimitLog {
  /** The Crawl-delay of robots.txt, in milliseconds: the configured interval is never undercut. */
  readonly widened: (city: string | null, intervalMs: number) => void;
  /** Asked that many times slower now, from 1. */
  readonly slowedDown: (city: string | null, factor: number) => void;
  /** An operator has set another interval, in milliseconds, that holds since then; a longer Crawl-delay stays. */
  readonly reset: (city: string, intervalMs: number, sinceMs: number) => void;
}

/** Records the configured limits, and gives back what records the changes. */
export function createLimitLog({ clock, executionId, record, configured }: LimitLogOptions): LimitLog {
  const limits = new Map<string | null, Limit>();
  const wanted = new Map([...configured].map(([city, { intervalMs }]) => [city, intervalMs]));
  const crawlDelays = new Map<string | null, number>();
  const startMs = clock.now();

  function set(city: string | null, limit: Limit, fromMs = clock.now()): void {
    const before = limits.get(city);
    if (before?.intervalMs === limit.intervalMs && before.slowDown === limit.slowDown) return;
    limits.set(city, limit);
    record({ ...limit, fromUtc: toUtcIso(fromMs), executionId, city });
  }

  for (const [city, limit] of configured) set(city, { ...limit, slowDown: 1 });
  const limitOf = (city: string | null): Limit =>
    limits.get(city) ?? { intervalMs: 0, dailyRequestBudget: null, slowDown: 1 };
  const intervalOf = (city: string | null): number => Math.max(wanted.get(city) ?? 0, crawlDelays.get(city) ?? 0);
  return {
    widened: (city, intervalMs) => {
      crawlDelays.set(city, intervalMs);
      set(city, { ...limitOf(city), intervalMs: intervalOf(city) });
    },
    slowedDown: (city, factor) => set(city, { ...limitOf(city), slowDown: factor }),
    reset: (city, intervalMs, sinceMs) => {
      wanted.set(city, intervalMs);
      const limit = { ...limitOf(city), intervalMs: intervalOf(city) };
      // What was on its way when the limit became stricter left under the one before.
      const isFaster = limit.intervalMs < limitOf(city).intervalMs;
      set(city, limit, isFaster ? Math.max(startMs, Math.min(sinceMs, clock.now())) : clock.now());
    },
  };
}
