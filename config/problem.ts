/**
 * One sentence per problem, all in one grammar: `path: expected …, got …; do …`. Also how a value is shown to a person:
 * short, on one line, and never a secret.
 */
import { distance } from 'fastest-levenshtein';

export interface ProblemParts {
  /** Dotted path of the knob, e.g. `tasks[0].rate_limit_seconds`. */
  readonly path: string;
  readonly expected: string;
  /** What was there, already fit to be shown. */
  readonly got: string;
  /** What the person should do, as a command. */
  readonly remedy: string;
}

/** One line that says what is wrong and what to do. */
export function describeProblem({ path, expected, got, remedy }: ProblemParts): string {
  return `${path}: expected ${expected}, got ${got}; ${remedy}`;
}

/** A value of a configuration as one short line of JSON. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/**
 * The words closest to `word` in spelling, nearest first, letter case ignored: always the nearest, and up to `count`
 * while they are no further off than a third of the word.
 */
export function nearestWords(word: string, words: Iterable<string>, count: number): string[] {
  const target = word.toLowerCase();
  const furthest = Math.max(1, Math.floor(word.length / 3));
  return [...words]
    .map((candidate) => ({ candidate, steps: distance(target, candidate.toLowerCase()) }))
    .sort((one, other) => one.steps - other.steps || one.candidate.localeCompare(other.candidate))
    .slice(0, count)
    .filter(({ steps }, index) => index === 0 || steps <= furthest)
    .map(({ candidate }) => candidate);
}
