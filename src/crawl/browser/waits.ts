/**
 * Waiting for a browser that may never answer: with a limit, and with a signal. What is waited for goes on by itself.
 */
import type { Clock } from '../../clock.ts';
import { onAbort } from '../on-abort.ts';

/** Gives back whether the work settled, well or badly, within `limitMs`. */
export async function isDoneWithin(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let callOff = (): void => undefined;
  const late = new Promise<false>((resolve) => {
    callOff = clock.after(limitMs, () => resolve(false));
  });
  const isDone = (): true => true;
  try {
    return await Promise.race([work.then(isDone, isDone), late]);
  } finally {
    callOff();
  }
}

/** The result of the work. @throws the signal's reason when it aborts first; whatever the work throws. */
export async function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  let stopListening = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stopListening = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}
