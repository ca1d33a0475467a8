/**
 * What a run can do without: each part that is missing is said once, with why and what to do, and ends in the result. A
 * missing part makes the run `degraded` and nothing worse: no listing depends on it.
 */
import type { MissingPart } from './city-receipt.ts';

export interface Degradations {
  /** Says that a part is missing; a part that was said to be missing before is not said again. Never throws. */
  readonly report: (missing: MissingPart) => void;
  /** The missing parts so far, in the order they were noticed. */
  readonly list: () => readonly MissingPart[];
}

/** Collects missing parts; `onMissing` hears of each once. */
export function createDegradations(onMissing: (missing: MissingPart) => void): Degradations {
  const missingParts = new Map<string, MissingPart>();
  return {
    report: (missing) => {
      if (missingParts.has(missing.part)) return;
      missingParts.set(missing.part, missing);
      onMissing(missing);
    },
    list: () => [...missingParts.values()],
  };
}

/** The parts of both lists, each once; of a part that is in both, what the earlier one says. */
export function joinMissingParts(
  earlier: readonly MissingPart[],
  later: readonly MissingPart[],
): readonly MissingPart[] {
  const known = new Set(earlier.map(({ part }) => part));
  return [...earlier, ...later.filter(({ part }) => !known.has(part))];
}
