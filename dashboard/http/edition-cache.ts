/**
 * Answers that take long to compute, kept as long as the same snapshot is read: they cannot change before the next one.
 */
import type { Edition } from '../../src/storage/published-series.ts';

/** Answers kept at most; the one asked for longest ago goes first. */
const keptAnswers = 200;

export interface EditionCache {
  /** The answer under this key of this edition, computed at most once; a failure is not kept. */
  readonly answer: <Answer>(edition: Edition, key: string, compute: () => Promise<Answer>) => Promise<Answer>;
}

export function createEditionCache(): EditionCache {
  let version: string | null = null;
  const answers = new Map<string, Promise<unknown>>();
  return {
    answer: async <Answer>(edition: Edition, key: string, compute: () => Promise<Answer>) => {
      if (edition.version !== version) answers.clear();
      version = edition.version;
      const known = answers.get(key);
      answers.delete(key);
      const [oldest] = answers.keys();
      if (answers.size >= keptAnswers && oldest !== undefined) answers.delete(oldest);
      // What a key holds is what its own `compute` gave: the caller names both.
      const answer = (known as Promise<Answer> | undefined) ?? compute();
      answers.set(key, answer);
      answer.catch(() => answers.delete(key));
      return answer;
    },
  };
}
