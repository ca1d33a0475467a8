/**
 * A clock for whole runs with real connections, files and databases: time stands still while any of them is at work, and
 * jumps to the next sleeper when none is. So hours of a run take seconds, and nothing is late because the clock ran ahead
 * of the machine. An endless sleep is never woken.
 */
import { createHook } from 'node:async_hooks';
import { setTimeout as breath, setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';

export interface IdleClock extends Clock {
  /** Lets time pass whenever the process is idle, until the work has ended. */
  readonly during: <Result>(work: Promise<Result>) => Promise<Result>;
}

/** Turns of the event loop without work before the process counts as idle: what came in has been dealt with. */
const quietTurns = 10;

/** How Node names what its thread pool does: native add-ons (DuckDB) and files. */
const threadPoolTypes: ReadonlySet<string> = new Set([
  'generic',
  'FSREQPROMISE',
  'FSREQCALLBACK',
  'FILEHANDLECLOSEREQ',
]);

/** Counts what the thread pool is doing. */
function watchThreadPool() {
  const pending = new Set<number>();
  const done = (id: number) => pending.delete(id);
  const hook = createHook({
    init: (id, type) => void (threadPoolTypes.has(type) && pending.add(id)),
    after: done,
    destroy: done,
  });
  hook.enable();
  return { isBusy: () => pending.size > 0, end: () => hook.disable() };
}

/**
 * Makes a clock that starts where the fake clock does. A deadline of `requestTimeoutMs` is a request under way; no other
 * may be so long.
 */
export function createIdleClock(requestTimeoutMs: number): IdleClock {
  const clock = createFakeClock();
  /** Deadlines set: each is a request under way. */
  let deadlines = 0;

  async function letTimePass(isOver: () => boolean, isBusy: () => boolean): Promise<void> {
    while (!isOver()) {
      for (let quiet = 0; quiet < quietTurns; quiet += 1) {
        await turn();
        for (; deadlines > 0 || isBusy(); quiet = 0) await breath(1);
      }
      const nextMs = clock.nextWakeMs();
      if (Number.isFinite(nextMs)) await clock.advance(Math.max(0, nextMs - clock.now()));
    }
  }

  return {
    now: clock.now,
    sleep: clock.sleep,
    after: (durationMs, action) => {
      if (durationMs !== requestTimeoutMs) return clock.after(durationMs, action);
      deadlines += 1;
      let isSet = true;
      return () => {
        if (isSet) deadlines -= 1;
        isSet = false;
      };
    },
    during: async (work) => {
      const threadPool = watchThreadPool();
      let isOver = false;
      const done = () => {
        isOver = true;
      };
      work.then(done, done);
      try {
        await letTimePass(() => isOver, threadPool.isBusy);
        return await work;
      } finally {
        threadPool.end();
      }
    },
  };
}
