/**
 * The circuit breakers in front of the portal: a call goes out when the breaker of its city and the one of the portal
 * both let it, and its outcome is told to both. One guard serves one run: it counts how long a city was held in it.
 */
import type { Clock } from '../clock.ts';
import { ScraperError } from '../errors.ts';
import type { AuditSink } from '../lineage/audit-event.ts';
import type { BreakerPermit } from '../resilience/breaker-reducer.ts';
import type { BreakerLimits } from '../resilience/breaker-settings.ts';
import { citySettings, portalBreaker, portalSettings } from '../resilience/breaker-settings.ts';
import type { BreakerSettings } from '../resilience/breaker-state.ts';
import { streakFailures } from '../resilience/breaker-state.ts';
import type { BreakerStateStore } from '../resilience/breaker-store.ts';
import type { Refusal } from '../resilience/circuit-breaker.ts';
import { CircuitBreaker, refusalError } from '../resilience/circuit-breaker.ts';
import { breakerAuditEvent } from './breaker-audit.ts';
import type { CityGuard } from './city-guard.ts';
import { CityHold } from './city-hold.ts';
import { CityLane } from './city-lane.ts';

export interface BreakerGuardOptions {
  readonly store: BreakerStateStore;
  readonly limits: BreakerLimits & {
    /** Longest time a city of this run is held in all. */
    readonly maxHoldMs: number;
  };
  /** Longer than one job may take from its start to its end. */
  readonly probeLeaseMs: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly nodeId: string;
  readonly executionId: string;
  /** Gives a text no other call has, on any node. */
  readonly newToken: () => string;
  readonly audit: AuditSink;
}

export interface BreakerGuard extends CityGuard {
  /**
   * The same question once more, right before the socket, answered from what this process last saw: a request that waited
   * for its turn while its breaker opened must not leave. @throws ScraperError BREAKER_OPEN
   */
  readonly checkBeforeSending: (city: string) => void;
}

/** A held city looks again at least this often, so that an operator's `close` is soon seen. */
const lookAgainMs = 15_000;
/** A request turned back at the socket goes to its breaker again, which says how long to wait. */
const turnedBackMs = 1_000;

interface GuardedCity {
  readonly city: string;
  readonly breaker: CircuitBreaker;
  readonly lane: CityLane;
  readonly hold: CityHold;
  /** Set once the city is over for this run. */
  stop: ScraperError | null;
}

interface Permits {
  readonly city: BreakerPermit;
  readonly portal: BreakerPermit;
}

/** Makes the guard; it opens nothing. */
export function createBreakerGuard(options: BreakerGuardOptions): BreakerGuard {
  return new StoreBackedGuard(options);
}

class StoreBackedGuard implements BreakerGuard {
  readonly #options: BreakerGuardOptions;
  readonly #portal: CircuitBreaker;
  readonly #cities = new Map<string, GuardedCity>();

  constructor(options: BreakerGuardOptions) {
    this.#options = options;
    this.#portal = this.#breakerNamed(portalBreaker, portalSettings(options.limits, options.probeLeaseMs));
  }

  call = async <Result>(city: string, work: () => Promise<Result>, jobId?: string): Promise<Result> => {
    const guarded = this.#guardedCity(city);
    const permits = await this.#enter(guarded);
    guarded.lane.begin();
    try {
      const result = await work().catch(async (error: unknown) => {
        await guarded.breaker.recordFailure(error, { permit: permits.city, jobId });
        await this.#portal.recordFailure(error, { permit: permits.portal, city, jobId });
        throw error;
      });
      await guarded.breaker.recordSuccess(permits.city, jobId);
      await this.#portal.recordSuccess(permits.portal, jobId);
      return result;
    } finally {
      guarded.lane.end();
    }
  };

  checkBeforeSending = (city: string): void => {
    const own = [city, this.#guardedCity(city).breaker] as const;
    for (const [name, breaker] of [own, [portalBreaker, this.#portal] as const]) {
      if (breaker.lastKnown.status !== 'OPEN') continue;
      const turnedBack = { kind: 'refused', why: 'open', retryAtMs: null, retryAfterMs: turnedBackMs } as const;
      throw refusalError(name, this.#options.nodeId, turnedBack);
    }
  };

  #breakerNamed(name: string, settings: BreakerSettings): CircuitBreaker {
    const { store, nodeId, newToken, audit, executionId } = this.#options;
    return new CircuitBreaker({
      ...{ name, store, settings, nodeId, newToken },
      onChange: (change, jobId) => audit(breakerAuditEvent(name, change, executionId, jobId)),
    });
  }

  #guardedCity(city: string): GuardedCity {
    const known = this.#cities.get(city);
    if (known !== undefined) return known;
    const { limits, probeLeaseMs } = this.#options;
    const breaker = this.#breakerNamed(city, citySettings(limits, probeLeaseMs));
    const guarded = { city, breaker, lane: new CityLane(), hold: new CityHold(limits.maxHoldMs), stop: null };
    this.#cities.set(city, guarded);
    return guarded;
  }

  /** Leave to make one call; waits while as many are under way as may still fail. */
  async #enter(guarded: GuardedCity): Promise<Permits> {
    const { clock, limits } = this.#options;
    for (;;) {
      if (guarded.stop !== null) throw guarded.stop;
      const permits = await this.#acquire(guarded);
      const isTrial = permits.city.kind !== 'normal' || permits.portal.kind !== 'normal';
      if (!isTrial) guarded.hold.passed(clock.now());
      const failures = streakFailures(guarded.breaker.lastKnown.streak, Number.POSITIVE_INFINITY);
      if (isTrial || guarded.lane.hasRoom(failures, limits.failureThreshold)) return permits;
      await guarded.lane.nextEnd();
    }
  }

  /** Leave of both breakers. The portal is asked last, so that a city that waits takes no trial of the portal away. */
  async #acquire(guarded: GuardedCity): Promise<Permits> {
    const city = await guarded.breaker.acquire();
    if (city.kind === 'refused') throw this.#refused(guarded, guarded.breaker, guarded.city, city);
    const above = await this.#portal.acquire();
    if (above.kind === 'pass') return { city: city.permit, portal: above.permit };
    await guarded.breaker.release(city.permit);
    throw this.#refused(guarded, this.#portal, portalBreaker, above);
  }

  #refused(guarded: GuardedCity, by: CircuitBreaker, name: string, refusal: Refusal): ScraperError {
    const { clock, limits, nodeId } = this.#options;
    const retryAfterMs = Math.min(refusal.retryAfterMs ?? lookAgainMs, lookAgainMs);
    // One node that is kept from asking says nothing of the city: others go on with it.
    if (refusal.why === 'isolated') return refusalError(name, nodeId, { ...refusal, retryAfterMs });
    const leftMs = guarded.hold.refused(clock.now());
    if (leftMs > 0) return refusalError(name, nodeId, { ...refusal, retryAfterMs: Math.min(retryAfterMs, leftMs) });
    guarded.stop = heldTooLong(guarded.city, name, by, limits.maxHoldMs);
    return guarded.stop;
  }
}

function heldTooLong(city: string, name: string, by: CircuitBreaker, maxHoldMs: number): ScraperError {
  const cause = by.lastKnown.history.findLast(({ kind }) => kind === 'opened' || kind === 'forced_open');
  const why = cause === undefined ? '' : ` It opened: ${cause.reason}`;
  const message =
    `${city} was held by the circuit breaker of ${name} for ${Math.round(maxHoldMs / 1000)} s in all, the most that ` +
    `circuit_breaker.max_hold_seconds allows, and is not asked again in this run.${why}`;
  return new ScraperError('BREAKER_HELD_TOO_LONG', message, { category: 'UNKNOWN', details: {} });
}
