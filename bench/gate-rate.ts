/**
 * How much of a limit the politeness gate uses in real time, and whether any window ever held one request too many, with
 * 1, 5 and 50 requests waiting. Usage: node dist/bench/gate-rate.js
 */
import { systemClock } from '../src/clock.ts';
import { createGate } from '../src/crawl/gate.ts';

const forever = new AbortController().signal;

/** Times, in milliseconds, at which `count` requests were let go. */
async function grantsOf(intervalMs: number, waiting: number, count: number): Promise<readonly number[]> {
  const gate = createGate({ clock: systemClock, portalIntervalMs: 0, cityIntervalMs: () => intervalMs });
  const grants: number[] = [];
  let left = count;
  const walk = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await gate.enter('Helsinki', forever);
      gate.departed('Helsinki');
      grants.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: waiting }, walk));
  return grants;
}

for (const intervalMs of [1000, 500, 100, 40]) {
  for (const waiting of [1, 5, 50]) {
    const grants = await grantsOf(intervalMs, waiting, Math.round(8_000 / intervalMs) + 1);
    const gaps = grants.slice(1).map((at, index) => at - (grants[index] ?? at));
    const spanMs = (grants.at(-1) ?? 0) - (grants[0] ?? 0);
    const used = ((grants.length - 1) * intervalMs) / spanMs;
    process.stdout.write(
      `limit 1 per ${intervalMs} ms, ${waiting} waiting: ${used.toFixed(3)} of it used, smallest gap ${Math.min(...gaps).toFixed(1)} ms\n`,
    );
  }
}
