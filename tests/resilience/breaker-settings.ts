/** Small numbers for breakers under test, so that a few events and little time move them. */
import type { BreakerSettings } from '../../src/resilience/breaker-state.ts';

export const testSettings: BreakerSettings = {
  failureThreshold: 3,
  blockedWeight: 2,
  failureShare: 0.5,
  windowMs: 10_000,
  windowMinimum: 8,
  recoveryTimeoutMs: 50,
  maxRecoveryTimeoutMs: 200,
  successThreshold: 2,
  probeLeaseMs: 40,
  mostPerCity: Number.POSITIVE_INFINITY,
  minCities: 1,
  isolatesNodes: true,
};
