/** Counts requests in a sliding window, as a limit counts them. */

/** The most of these moments, oldest first, that lie in any window of that length, its end excluded. */
export function worstWindow(times: readonly number[], windowMs: number): number {
  if (windowMs === 0) return 0;
  let most = 0;
  let first = 0;
  for (const [last, at] of times.entries()) {
    while ((times[first] ?? at) <= at - windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/**
 * On arrival the network and a busy machine may bring two requests this much closer together than they left, in
 * milliseconds.
 */
export const arrivalJitterMs = 50;
