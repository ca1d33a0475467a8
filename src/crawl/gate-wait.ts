/**
 * A gate that says how long each request stood before it. It changes neither who goes next nor when.
 */
import type { Clock } from '../clock.ts';
import type { Gate } from './gate.ts';

/** Hears how long a request waited for its turn, in milliseconds; not of one that gave up its place. */
export type GateWaitListener = (city: string | null, waitMs: number) => void;

/** The gate with a listener beside it. */
export function listenToGate(gate: Gate, clock: Clock, onWait: GateWaitListener): Gate {
  return {
    ...gate,
    enter: async (city, signal) => {
      const cameAtMs = clock.now();
      await gate.enter(city, signal);
      onWait(city, clock.now() - cameAtMs);
    },
  };
}
