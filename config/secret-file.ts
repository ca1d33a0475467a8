/**
 * Secrets from files: each secret that an environment variable sets (`REDIS_PASSWORD`) can be in a file instead, which
 * `<variable>_FILE` names, as Docker and Kubernetes hand secrets to a container. Nothing of such a file is ever repeated
 * in a problem.
 */
import { readFileSync } from 'node:fs';
import type { Knob } from './knob.ts';
import { describeProblem, showValue } from './problem.ts';

/** Far above any password, far below a file that was named by mistake. */
const maxCharacters = 65_536;

/** The variable that names the file of a secret; null for a knob that is none, or that no variable sets. */
export function secretFileVariable({ sensitive, env }: Pick<Knob<unknown>, 'sensitive' | 'env'>): string | null {
  return sensitive === false || env === null ? null : `${env}_FILE`;
}

interface SecretFile {
  /** Full path of the knob. */
  readonly path: string;
  readonly variable: string;
  /** Path of the file. */
  readonly file: string;
  /** The variable that sets the secret itself, too; undefined when none does. */
  readonly besides: string | undefined;
}

type ReadSecret = { readonly text: string; readonly problem: null } | { readonly text: null; readonly problem: string };

/** The secret without the line end after it, or what is wrong: two places, no file, an empty or a huge one. */
export function readSecretFile({ path, variable, file, besides }: SecretFile): ReadSecret {
  const fail = (expected: string, got: string, remedy: string): ReadSecret => {
    return { text: null, problem: describeProblem({ path, expected, got, remedy }) };
  };
  if (besides !== undefined) {
    return fail(`one of ${besides} and ${variable}`, 'both', 'remove one of the two from the environment');
  }
  const correct = `correct ${variable}, or what it names`;
  try {
    const text = readFileSync(file, 'utf8').replace(/\s+$/, '');
    if (text === '') return fail('a file with the secret in it', `${showValue(file)}, which is empty`, correct);
    if (text.length <= maxCharacters) return { text, problem: null };
    return fail(`a file of at most ${maxCharacters} characters`, `${showValue(file)}, which has more`, correct);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    return fail('a file that can be read', `${showValue(file)} (${code})`, correct);
  }
}
