/**
 * One piece of work for everybody who asks while it runs. Nothing is kept once it has ended; a caller who leaves never
 * spoils it for the others.
 */
import { onAbort } from './on-abort.ts';

/**
 * Wraps `work` so that callers share the run in progress, which was started with the first caller's subject. Each caller's wait ends with its own signal; the work itself
 * is aborted only when the last caller has left.
 */
export function singleFlight<Subject, Result>(
  work: (subject: Subject, signal: AbortSignal) => Promise<Result>,
): (subject: Subject, signal: AbortSignal) => Promise<Result> {
  let running: { readonly result: Promise<Result>; readonly controller: AbortController; callers: number } | null =
    null;

  function start(subject: Subject): NonNullable<typeof running> {
    const controller = new AbortController();
    const mine = { result: work(subject, controller.signal), controller, callers: 0 };
    const clear = (): void => {
      if (running === mine) running = null;
    };
    // The outcome belongs to the callers; here it only ends the sharing.
    mine.result.then(clear, clear);
    return mine;
  }

  return async (subject, signal) => {
    signal.throwIfAborted();
    running ??= start(subject);
    const mine = running;
    mine.callers += 1;
    let stopListening = (): void => undefined;
    const left = new Promise<never>((_resolve, reject) => {
      stopListening = onAbort(signal, () => {
        mine.callers -= 1;
        if (mine.callers === 0) {
          if (running === mine) running = null;
          mine.controller.abort(signal.reason);
        }
        reject(signal.reason);
      });
    });
    try {
      return await Promise.race([mine.result, left]);
    } finally {
      stopListening();
    }
  };
}
