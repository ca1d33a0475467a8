/**
 * How much of a limit the politeness gate uses in real time, and whether any window of one interval ever held more than
 * one request, for limits of 1 to 20 a second and 1 to 50 requests waiting. It ends with exit code 1 when less than 0.98
 * of a limit is used or a window is above it; a busy machine uses less, and none may go above. Usage: node dist/bench/gate-rate.js [seconds per line, default 8]
 */
import { paceClockOf, systemClock } from '../src/clock.ts';
import { createGate } from '../src/crawl/gate.ts';

const forever = new AbortController().signal;
const leastUsed = 0.98;

/** Times, in milliseconds, at which `count` requests were let go. */
async function grantsOf(intervalMs: number, waiting: number, count: number): Promise<readonly number[]> {
  const clock = paceClockOf(systemClock);
  const limits = { portalIntervalMs: 0, cityIntervalMs: () => intervalMs, departurePatienceMs: 2_000 };
  const gate = createGate({ clock, ...limits });
  const grants: number[] = [];
  let left = count;
  const walk = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await gate.enter('Helsinki', forever);
      // Before the gate hears of it: a process that is put aside in between must not look impolite.
      grants.push(performance.now());
      gate.departed('Helsinki');
    }
  };
  await Promise.all(Array.from({ length: waiting }, walk));
  return grants;
}

const secondsPerLine = Number(process.argv[2] ?? 8);
for (const perSecond of [1, 2, 10, 20]) {
  for (const waiting of [1, 5, 10, 20, 50]) {
    const intervalMs = 1000 / perSecond;
    const grants = await grantsOf(intervalMs, waiting, secondsPerLine * perSecond + 1);
    const gaps = grants.slice(1).map((at, index) => at - (grants[index] ?? at));
    const spanMs = (grants.at(-1) ?? 0) - (grants[0] ?? 0);
    const used = ((grants.length - 1) * intervalMs) / spanMs;
    const smallestGapMs = Math.min(...gaps);
    if (used < leastUsed || smallestGapMs < intervalMs) process.exitCode = 1;
    process.stdout.write(
      `limit ${perSecond}/s, ${waiting} waiting: ${used.toFixed(3)} of it used, smallest gap ${smallestGapMs.toFixed(1)} of ${intervalMs} ms\n`,
    );
  }
}
