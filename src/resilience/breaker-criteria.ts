/**
 * When a breaker opens, and for whom: the site is sick when it fails for several (nodes where several are alive, cities
 * where the portal is judged), a node is sick when it fails alone. Pure judging of a state.
 */
import type { BreakerSettings, BreakerState, StreakPart } from './breaker-state.ts';
import { streakFailures } from './breaker-state.ts';
import { countByNode, isShareTooHigh, sumCounts } from './breaker-window.ts';

/** Wait of the nth opening in a row, from 1: doubles up to the cap. */
export function recoveryTimeoutMs(openings: number, settings: BreakerSettings): number {
  const { recoveryTimeoutMs: firstMs, maxRecoveryTimeoutMs: capMs } = settings;
  return Math.min(Math.max(firstMs, capMs), firstMs * 2 ** (openings - 1));
}

/** Why a closed breaker must open now, in words; null when it need not. @param liveNodes nodes that reported lately */
export function reasonToOpen(
  state: BreakerState,
  liveNodes: number,
  nowMs: number,
  settings: BreakerSettings,
): string | null {
  const failures = streakFailures(state.streak, settings.mostPerCity);
  if (failures >= settings.failureThreshold && isSeenByEnough(state.streak, liveNodes, settings)) {
    return `${failures} failures in a row`;
  }
  const counts = countByNode(state.window, nowMs, settings);
  const all = sumCounts(counts.values());
  if (!isShareTooHigh(all, settings, settings.windowMinimum)) return null;
  const seenBy = [...counts.values()].filter((count) => count.failures > 0 && isShareTooHigh(count, settings, 1));
  if (seenBy.length < neededNodes(liveNodes)) return null;
  return `${all.failures} of ${all.calls} calls failed within ${settings.windowMs / 1000} s`;
}

/** Whether a failed trial opens it again. */
export function reopens(state: BreakerState, liveNodes: number, settings: BreakerSettings): boolean {
  return isSeenByEnough(state.streak, liveNodes, settings);
}

/** Whether this node's own failures would open the breaker if it were the only node. */
export function isOnlyThisNode(state: BreakerState, nodeId: string, nowMs: number, settings: BreakerSettings): boolean {
  if ((state.nodes[nodeId]?.failures ?? 0) >= settings.failureThreshold) return true;
  const mine = countByNode(state.window, nowMs, settings).get(nodeId);
  return mine !== undefined && isShareTooHigh(mine, settings, settings.windowMinimum);
}

function isSeenByEnough(streak: readonly StreakPart[], liveNodes: number, settings: BreakerSettings): boolean {
  const nodes = new Set(streak.map(({ nodeId }) => nodeId));
  const cities = new Set(streak.map(({ city }) => city));
  return nodes.size >= neededNodes(liveNodes) && cities.size >= settings.minCities;
}

function neededNodes(liveNodes: number): number {
  return liveNodes > 1 ? 2 : 1;
}
