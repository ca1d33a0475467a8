/**
 * Finds keys that mean nothing, anywhere in a section of the file, and says which known key was probably meant. A key
 * that is silently ignored is a setting that somebody believes in.
 */

import type { KnobTree } from './knob.ts';
import { flattenKnobs, isKnob } from './knob.ts';
import { describeProblem, nearestWords } from './problem.ts';

/** One problem for each unknown key below `prefix` (`global_settings.`, `tasks[0].` or empty). */
export function describeUnknownKeys(section: object, tree: KnobTree, prefix: string): string[] {
  return describeLevel(section, tree, prefix, { tree, prefix });
}

function describeLevel(
  level: object,
  tree: KnobTree,
  prefix: string,
  root: { readonly tree: KnobTree; readonly prefix: string },
): string[] {
  const problems: string[] = [];
  for (const [key, value] of Object.entries(level)) {
    const node = Object.hasOwn(tree, key) ? tree[key] : undefined;
    if (node === undefined) {
      problems.push(describeUnknownKey(key, prefix, Object.keys(tree), root));
    } else if (!isKnob(node) && isPlainObject(value)) {
      problems.push(...describeLevel(value, node, `${prefix}${key}.`, root));
    }
  }
  return problems;
}

/** An unknown key with the nearest of `known`, or with its right place when it exists elsewhere in the section. */
function describeUnknownKey(
  key: string,
  prefix: string,
  known: readonly string[],
  root: { readonly tree: KnobTree; readonly prefix: string },
): string {
  const elsewhere = flattenKnobs(root.tree, root.prefix).filter((named) => named.path.endsWith(`.${key}`));
  const nearest = elsewhere[0]?.path ?? nearestWords(key, known, 1)[0] ?? '';
  const remedy = elsewhere.length > 0 ? `move it to "${nearest}"` : `did you mean "${nearest}"? Correct or remove it`;
  return describeProblem({ path: `${prefix}${key}`, expected: 'a known key', got: 'an unknown one', remedy });
}

/** True for what JSON writes in braces. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
