/**
 * The circuit breakers of a standalone run, put together: states in the state directory, this process alone when that
 * cannot be used.
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
import { createFallbackBreakerStore } from '../src/resilience/fallback-breaker-store.ts';

interface StandaloneBreakersOptions {
  readonly config: Pick<Config, 'breaker' | 'stateDirectory' | 'nodeId' | 'crawler'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly executionId: string;
  readonly audit: AuditSink;
  readonly degradations: Degradations;
}

export function createStandaloneBreakers(options: StandaloneBreakersOptions): BreakerGuard {
  const { config, clock, log, executionId, audit, degradations } = options;
  const file = createFileBreakerStore({
    directory: config.stateDirectory,
    clock,
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
  return createBreakerGuard({
    store,
    limits: config.breaker,
    probeLeaseMs: probeLeaseMsOf(config.crawler.requestTimeoutMs),
    clock,
    nodeId: config.nodeId,
    executionId,
    newToken: randomUUID,
    audit,
  });
}

/** A job is a few requests, each with its wait at the gate: a live trial must not lose its lease. */
function probeLeaseMsOf(requestTimeoutMs: number): number {
  return Math.max(60_000, 4 * requestTimeoutMs);
}
