/**
 * Reads breaker states back from where they were kept: what comes from a file or from Redis is unknown until it has been
 * read here.
 */
import { z } from 'zod';
import type { BreakerState } from '../src/resilience/breaker-state.ts';
import { breakerChangeKinds, breakerStatuses } from '../src/resilience/breaker-state.ts';

const count = z.number().int().nonnegative();
const timeMs = z.number();
const lease = z.object({ token: z.string(), expiresAtMs: timeMs }).nullable();
const isolation = z.object({ untilMs: timeMs, times: count, lease }).nullable();
const change = z.object({
  number: count,
  atMs: timeMs,
  kind: z.enum(breakerChangeKinds),
  from: z.enum(breakerStatuses),
  to: z.enum(breakerStatuses),
  nodeId: z.string(),
  reason: z.string(),
});

export const breakerStateSchema: z.ZodType<BreakerState> = z.object({
  status: z.enum(breakerStatuses),
  isForced: z.boolean(),
  generation: count,
  openings: count,
  retryAtMs: timeMs.nullable(),
  successes: count,
  lease,
  streak: z.array(z.object({ nodeId: z.string(), city: z.string(), failures: count })),
  nodes: z.record(z.string(), z.object({ failures: count, isolation })),
  window: z.array(z.object({ startMs: timeMs, nodeId: z.string(), calls: count, failures: count })),
  changeCount: count,
  history: z.array(change),
});
