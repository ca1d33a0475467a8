/**
 * The circuit breakers of an execution, put together: states in the state directory of a standalone run, in this process
 * alone when that cannot be used. Those of a cluster are in cluster-breakers.ts: a run of one process loads no Redis.
 */
import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { createFileBreakerStore } from '../queues/file-breaker-store.ts';
import type { Clock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { BreakerGuard } from '../src/jobs/breaker-guard.ts';
import { createBreakerGuard } from '../src/jobs/breaker-guard.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { Log } from '../src/log.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import type { BreakerStateStore } from '../src/resilience/breaker-store.ts';
import { createFallbackBreakerStore } from '../src/resilience/fallback-breaker-store.ts';
import { logAuditEvent } from './log-audit-event.ts';

export interface BreakerOptions {
  readonly config: Pick<Config, 'breaker' | 'stateDirectory' | 'nodeId' | 'crawler'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly executionId: string;
  readonly audit: AuditSink;
}

interface StandaloneBreakersOptions extends BreakerOptions {
  readonly degradations: Degradations;
}

/**
 * What an operator writes into the file is seen at the next request after this time, in milliseconds: looking at the
 * file four times for each page took a tenth of the time of a run.
 */
const fileTrustMs = 500;

export function createStandaloneBreakers(options: StandaloneBreakersOptions): BreakerGuard {
  const { config, clock, log, degradations } = options;
  const file = createFileBreakerStore({
    directory: config.stateDirectory,
    clock,
    trustMs: fileTrustMs,
    onProblem: (message) => log.warn({ error: message }, 'breaker states have a problem'),
  });
  const store = createFallbackBreakerStore({
    store: file,
    clock,
    onAway: (error) =>
      degradations.report({
        part: 'breaker states',
        reason: messageOf(error),
        remedy: 'free that folder or set state_directory to another; this run counts for itself until then',
      }),
    onBack: () => log.info({}, 'breaker states can be kept again'),
  });
  return guardOver(store, options);
}

/** The breakers over a store of their states. */
export function guardOver(store: BreakerStateStore, options: BreakerOptions): BreakerGuard {
  const { config, clock, log, executionId, audit } = options;
  return createBreakerGuard({
    store,
    limits: config.breaker,
    probeLeaseMs: probeLeaseMsOf(config.crawler.requestTimeoutMs),
    clock,
    nodeId: config.nodeId,
    executionId,
    newToken: randomUUID,
    audit: (event) => {
      audit(event);
      logAuditEvent(log, event);
    },
  });
}

/** A job is a few requests, each with its wait at the gate: a live trial must not lose its lease. */
function probeLeaseMsOf(requestTimeoutMs: number): number {
  return Math.max(60_000, 4 * requestTimeoutMs);
}
