/**
 * How much slower than configured each city, and the portal as a whole, is asked now: it watches every request that is
 * told to the request log and keeps the state of the slow-down per city. It never asks for anything itself.
 */
import type { ObservedRequest, SlowDown } from '../resilience/slow-down.ts';
import { noSlowDown, observeRequest } from '../resilience/slow-down.ts';
import type { RequestLogEntry, RequestSink } from './request-log.ts';

export interface PaceStep {
  /** Null = the portal as a whole. */
  readonly city: string | null;
  /** Times slower than configured, from 1. */
  readonly factor: number;
  /** Why it is above 1; null when it is back at 1. */
  readonly reason: string | null;
}

export interface AdaptivePaceOptions {
  /** Most times slower than configured, 1 or more. */
  readonly maxFactor: number;
  /** Told of each change of a factor, not of each request. */
  readonly onStep: (step: PaceStep) => void;
}

export interface AdaptivePace {
  /** Times slower than configured, from 1, for a city or for the portal (null). */
  readonly factorOf: (city: string | null) => number;
  /** Takes in one request; belongs into the way of the request log. */
  readonly observe: RequestSink;
}

/** Makes a pace that has seen nothing: every factor is 1. */
export function createAdaptivePace({ maxFactor, onStep }: AdaptivePaceOptions): AdaptivePace {
  const states = new Map<string | null, SlowDown>();
  const stateOf = (city: string | null): SlowDown => states.get(city) ?? noSlowDown;

  function observe(city: string | null, request: ObservedRequest): void {
    const before = stateOf(city);
    const after = observeRequest(before, request, { maxFactor });
    states.set(city, after);
    if (after.factor !== before.factor) onStep({ city, factor: after.factor, reason: after.reason });
  }

  return {
    factorOf: (city) => stateOf(city).factor,
    observe: (entry) => {
      const request = toObserved(entry);
      observe(null, request);
      if (entry.city !== null) observe(entry.city, request);
    },
  };
}

function toObserved({ sentAtUtc, durationMs, status, errorCategory }: RequestLogEntry): ObservedRequest {
  const isTrouble = errorCategory === 'TIMEOUT' || status === 429 || (status !== null && status >= 500);
  return { atMs: Date.parse(sentAtUtc) + durationMs, durationMs, isTrouble };
}
