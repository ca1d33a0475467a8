/**
 * The sliding window of a breaker: calls and failures per node in tenths of the window. Pure counting.
 */
import type { BreakerSettings, WindowBucket } from './breaker-state.ts';

const bucketsPerWindow = 10;

export interface WindowCount {
  readonly calls: number;
  readonly failures: number;
}

type WindowSettings = Pick<BreakerSettings, 'windowMs' | 'windowMinimum' | 'failureShare'>;

/** The window with one more call, without what has slid out of it. Unchanged when no share is looked at. */
export function addToWindow(
  window: readonly WindowBucket[],
  call: { readonly nodeId: string; readonly isFailure: boolean; readonly nowMs: number },
  settings: WindowSettings,
): readonly WindowBucket[] {
  if (settings.failureShare === null) return window;
  const { nodeId, isFailure, nowMs } = call;
  const widthMs = settings.windowMs / bucketsPerWindow;
  const startMs = Math.floor(nowMs / widthMs) * widthMs;
  const kept = within(window, nowMs, settings);
  const mine = kept.find((bucket) => bucket.nodeId === nodeId && bucket.startMs === startMs);
  const before = mine ?? { startMs, nodeId, calls: 0, failures: 0 };
  const added = { ...before, calls: before.calls + 1, failures: before.failures + (isFailure ? 1 : 0) };
  return [...kept.filter((bucket) => bucket !== mine), added];
}

/** Calls and failures per node within the window. */
export function countByNode(
  window: readonly WindowBucket[],
  nowMs: number,
  settings: WindowSettings,
): ReadonlyMap<string, WindowCount> {
  const counts = new Map<string, WindowCount>();
  for (const { nodeId, calls, failures } of within(window, nowMs, settings)) {
    const before = counts.get(nodeId) ?? { calls: 0, failures: 0 };
    counts.set(nodeId, { calls: before.calls + calls, failures: before.failures + failures });
  }
  return counts;
}

/** Calls and failures of all nodes together. */
export function sumCounts(counts: Iterable<WindowCount>): WindowCount {
  let [calls, failures] = [0, 0];
  for (const count of counts) {
    calls += count.calls;
    failures += count.failures;
  }
  return { calls, failures };
}

/** Whether the share of failures is too high; false while there are fewer calls than `minimum`. */
export function isShareTooHigh(count: WindowCount, settings: WindowSettings, minimum: number): boolean {
  if (settings.failureShare === null || count.calls < minimum) return false;
  return count.failures >= settings.failureShare * count.calls;
}

function within(window: readonly WindowBucket[], nowMs: number, settings: WindowSettings): readonly WindowBucket[] {
  return window.filter(({ startMs }) => startMs > nowMs - settings.windowMs && startMs <= nowMs);
}
