/**
 * The two kinds of breaker there are, from the configured numbers: one per city, and one for the portal above them.
 */
import type { BreakerSettings } from './breaker-state.ts';

/** Name of the portal's breaker; no municipality is called so. */
export const portalBreaker = 'portal';

/** What is configured; the same shape as BreakerConfig of the configuration. */
export interface BreakerLimits
  extends Pick<
    BreakerSettings,
    | 'failureThreshold'
    | 'blockedWeight'
    | 'failureShare'
    | 'windowMs'
    | 'windowMinimum'
    | 'recoveryTimeoutMs'
    | 'maxRecoveryTimeoutMs'
    | 'successThreshold'
  > {
  /** Consecutive failures over all cities that open the portal's breaker. */
  readonly portalFailureThreshold: number;
}

/** The breaker of one city: any failures count, and a node that fails alone is isolated. */
export function citySettings(limits: BreakerLimits, probeLeaseMs: number): BreakerSettings {
  return { ...limits, probeLeaseMs, mostPerCity: Number.POSITIVE_INFINITY, minCities: 1, isolatesNodes: true };
}

/**
 * The breaker of the portal. A city adds at most what opens its own breaker, and at least two must fail: with the
 * defaults three cities fail five times each before the portal is taken to be down, and one sick city never opens it.
 * A success of any city begins the count anew. The share of failures is the cities' business.
 */
export function portalSettings(limits: BreakerLimits, probeLeaseMs: number): BreakerSettings {
  return {
    ...limits,
    failureThreshold: limits.portalFailureThreshold,
    failureShare: null,
    probeLeaseMs,
    mostPerCity: limits.failureThreshold,
    minCities: 2,
    isolatesNodes: false,
  };
}
