/**
 * A reading that is made at most once in a while and shared by all who ask, so that a scrape costs what it looks at
 * nothing, however often it comes. What fails or takes long leaves the reading before it in force.
 */
import type { Clock } from '../clock.ts';

export interface KeptReading<Value> {
  /** Reads again when what is kept is too old, and waits for that as long as `patienceMs`. Never rejects. */
  readonly refresh: (patienceMs: number) => Promise<void>;
  /** What was read last; null before the first time. */
  readonly value: () => Value | null;
  /** False when the last reading failed, or has not come for so long that it was given up waiting for. */
  readonly isUp: () => boolean;
}

/** @param keptMs how old a reading may be, in milliseconds */
export function keepReading<Value>(
  read: () => Promise<Value>,
  keptMs: number,
  clock: Pick<Clock, 'now' | 'after'>,
): KeptReading<Value> {
  let value: Value | null = null;
  let isUp = true;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function readNow(): Promise<void> {
    try {
      value = await read();
      isUp = true;
    } catch {
      isUp = false; // Told by oikotie_metrics_source_up: a scrape that fails would take the other metrics with it.
    } finally {
      readAtMs = clock.now();
      reading = null;
    }
  }

  return {
    refresh: async (patienceMs) => {
      if (reading === null && clock.now() - readAtMs < keptMs) return;
      reading ??= readNow();
      let callOff = () => {};
      const late = new Promise<boolean>((resolve) => {
        callOff = clock.after(patienceMs, () => resolve(true));
      });
      const isLate = await Promise.race([reading.then(() => false), late]);
      callOff();
      if (isLate) isUp = false;
    },
    value: () => value,
    isUp: () => isUp,
  };
}
