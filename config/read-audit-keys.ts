/**
 * Which keys the knobs under `audit` mean. Reads the file of the key; no key is ever repeated in a problem.
 */
import { readFileSync } from 'node:fs';
import { audit, shortestKey } from './audit-schema.ts';
import type { Config } from './config.ts';
import { describeProblem, showValue } from './problem.ts';
import type { EffectiveKnob } from './read-section.ts';
import { acceptedValue } from './read-section.ts';

interface AuditKeyFindings {
  readonly keys: Config['audit'];
  readonly problems: readonly string[];
}

const section = 'global_settings.audit';

/** The keys that are meant, or what is wrong with how they are said. */
export function readAuditKeys(knobs: readonly EffectiveKnob[]): AuditKeyFindings {
  const key = acceptedValue(knobs, `${section}.key`, audit.key);
  const file = acceptedValue(knobs, `${section}.key_file`, audit.key_file);
  const earlier = acceptedValue(knobs, `${section}.earlier_keys`, audit.earlier_keys) ?? [];
  if (file === null) return { keys: { current: key, earlier }, problems: [] };
  const path = `${section}.key_file`;
  const fail = (expected: string, got: string, remedy: string): AuditKeyFindings => ({
    keys: { current: null, earlier },
    problems: [describeProblem({ path, expected, got, remedy })],
  });
  if (key !== null) return fail('null while audit.key is set', showValue(file), 'set one of the two to null');
  try {
    const read = readFileSync(file, 'utf8').trim();
    if (audit.key.kind.accepts(read)) return { keys: { current: read, earlier }, problems: [] };
    const expected = `a file with one word of ${shortestKey} characters or more`;
    return fail(expected, 'something else in it', `write one, e.g. with "openssl rand -hex 32 > ${file}"`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    return fail('a file that can be read', `${showValue(file)} (${code})`, 'correct the path');
  }
}
