/**
 * Alerts of the runs whose books a store has closed. Telling them does not hold up the next job: it goes on beside, and the
 * store waits for it when it ends.
 */
import type { Config } from '../config/config.ts';
import { createRedisAlertBook } from '../queues/redis-alert-book.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { judgeRun } from '../src/alerts/judge-run.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { Metrics } from '../src/metrics/metrics.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import type { SeriesHealth } from '../src/quality/series-health.ts';
import { createAlertDesk } from './alert-desk.ts';
import { clusterPrefix } from './cluster.ts';

export interface StoreAlerts {
  /** Begins to tell what the run shows; never throws. */
  readonly runEnded: (result: ExecutionResult) => void;
  /** Waits for what is being told, a while at most. */
  readonly close: () => Promise<void>;
}

interface StoreAlertsOptions {
  readonly config: Pick<Config, 'alerts' | 'nodeId'>;
  readonly redis: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the store is to end. */
  readonly signal: AbortSignal;
  readonly metrics: Metrics | null;
  readonly readSeries: () => Promise<SeriesHealth>;
}

/** How long a store that ends waits for a channel; what is not told by then stays in Redis. */
const patienceMs = 3_000;

export function openStoreAlerts(options: StoreAlertsOptions): StoreAlerts {
  const { config, redis, clock, log, metrics, readSeries } = options;
  if (!config.alerts.isEnabled) return { runEnded: () => undefined, close: () => Promise.resolve() };
  const book = createRedisAlertBook({ redis, prefix: clusterPrefix });
  const desk = createAlertDesk({ ...options, book, recorder: metrics });
  const telling = new Set<Promise<void>>();
  metrics?.show({ openAlerts: async () => (await book.open()).map(({ kind }) => kind) });

  async function tell(result: ExecutionResult): Promise<void> {
    try {
      const judgement = judgeRun(result, await readSeries());
      if (judgement !== null) await desk.settle(judgement);
      await desk.pingAfter(result);
    } catch (error) {
      log.warn({ executionId: result.executionId, error: messageOf(error) }, 'alerts of a run could not be judged');
    }
  }

  return {
    runEnded: (result) => {
      const told = tell(result).finally(() => telling.delete(told));
      telling.add(told);
    },
    close: async () => {
      const late = new AbortController();
      const patience = clock.sleep(patienceMs, late.signal).catch(() => undefined);
      await Promise.race([Promise.all(telling), patience]);
      late.abort();
    },
  };
}
