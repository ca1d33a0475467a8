/**
 * Reads one section of the configuration (the global settings, or one task) from its sources. Later sources win:
 * default, file, environment, option. Every value is checked before convict merges them, because convict itself would
 * read "5abc" as 5.
 */
import convict from 'convict';
import type { Knob, KnobTree, NamedKnob, ValuesOf } from './knob.ts';
import { flattenKnobs, isKnob, toConvictSchema } from './knob.ts';
import { maskSecret } from './mask-secret.ts';
import { describeProblem, showValue } from './problem.ts';
import { readSecretFile, secretFileVariable } from './secret-file.ts';
import { describeUnknownKeys, isPlainObject } from './unknown-keys.ts';

export type KnobSource = 'default' | 'file' | 'environment' | 'option';

/** One knob as it is in force. */
export interface EffectiveKnob {
  /** Full path, e.g. `tasks[0].url`. */
  readonly path: string;
  readonly value: unknown;
  readonly source: KnobSource;
  /** Environment variable it came from, as it is written there; null for other sources. */
  readonly variable: string | null;
  readonly knob: Knob<unknown>;
}

export interface SectionSources {
  /** Full path of the section with a final dot, e.g. `tasks[0].`. */
  readonly prefix: string;
  readonly filePath: string;
  /** What the file holds for the section. */
  readonly file: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values by full path; undefined counts as not given. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

export interface Section<Tree> {
  /** Null when there is any problem. */
  readonly values: ValuesOf<Tree> | null;
  /** Those that were accepted. */
  readonly knobs: readonly EffectiveKnob[];
  readonly problems: readonly string[];
}

interface Candidate {
  readonly value: unknown;
  readonly source: KnobSource;
  readonly variable: string | null;
  readonly remedy: string;
  /** What is wrong with where it comes from, whatever it is. */
  readonly problem?: string;
}

/** The section's values with the source of each, or every problem there is in it. */
export function readSection<Tree extends KnobTree>(tree: Tree, sources: SectionSources): Section<Tree> {
  const file = sources.file === undefined ? {} : sources.file;
  if (!isPlainObject(file))
    return { values: null, knobs: [], problems: [describeNotObject(sources.prefix, file, sources)] };
  const problems = [...describeUnknownKeys(file, tree, sources.prefix), ...describeWrongGroups(file, tree, sources)];
  const knobs: EffectiveKnob[] = [];
  for (const named of flattenKnobs(tree)) {
    const candidate = findCandidate(named, file, sources);
    const problem = describeBadValue(named, candidate, sources);
    if (problem === null) {
      knobs.push({
        path: sources.prefix + named.path,
        value: candidate.value,
        source: candidate.source,
        variable: candidate.variable,
        knob: named.knob,
      });
    } else {
      problems.push(problem);
    }
  }
  return { values: problems.length > 0 ? null : mergeValues(tree, knobs, sources.prefix), knobs, problems };
}

/** The value of one knob among those that were accepted; null when it was not, or is null. */
export function acceptedValue<T>(knobs: readonly EffectiveKnob[], path: string, knob: Knob<T>): T | null {
  const value = knobs.find((candidate) => candidate.path === path)?.value;
  return knob.kind.accepts(value) ? value : null;
}

/** The last source that says something about the knob. An empty environment variable says nothing. */
function findCandidate({ path, knob }: NamedKnob, file: object, sources: SectionSources): Candidate {
  const fullPath = sources.prefix + path;
  const option = Object.hasOwn(sources.overrides, fullPath) ? sources.overrides[fullPath] : undefined;
  if (option !== undefined) return { value: option, source: 'option', variable: null, remedy: 'correct the option' };
  const fromFile = findInSecretFile(fullPath, knob, sources);
  if (fromFile !== null) return fromFile;
  for (const name of environmentNames(knob)) {
    const text = sources.environment[name];
    if (text === undefined || text.trim() === '') continue;
    const remedy = `correct ${name} in the environment`;
    return { value: knob.kind.fromText(text), source: 'environment', variable: name, remedy };
  }
  const inFile = valueAt(file, path);
  const remedy = `correct it in ${sources.filePath}`;
  if (inFile !== undefined) return { value: inFile, source: 'file', variable: null, remedy };
  return { value: knob.default, source: 'default', variable: null, remedy: `add it to ${sources.filePath}` };
}

/** The value in the file that the environment names for a secret (`REDIS_PASSWORD_FILE`); null when it names none. */
function findInSecretFile(path: string, knob: Knob<unknown>, { environment }: SectionSources): Candidate | null {
  const variable = secretFileVariable(knob);
  const file = variable === null ? undefined : environment[variable]?.trim();
  if (variable === null || file === undefined || file === '') return null;
  const besides = environmentNames(knob).find((name) => (environment[name] ?? '').trim() !== '');
  const { text, problem } = readSecretFile({ path, variable, file, besides });
  const remedy = `correct the file that ${variable} names`;
  const candidate = { source: 'environment', variable, remedy } as const;
  if (problem !== null) return { value: null, ...candidate, problem };
  const value = knob.kind.fromText(text);
  if (knob.kind.accepts(value)) return { value, ...candidate };
  const { expected } = knob.kind;
  return { value, ...candidate, problem: describeProblem({ path, expected, got: 'another text', remedy }) };
}

/** The variables that may set the knob, the one that wins first. */
function environmentNames({ env, isEnvInAnyCase }: Knob<unknown>): readonly string[] {
  if (env === null) return [];
  return isEnvInAnyCase ? [env, env.toLowerCase()] : [env];
}

function describeBadValue({ path, knob }: NamedKnob, candidate: Candidate, sources: SectionSources): string | null {
  if (candidate.problem !== undefined) return candidate.problem;
  if (knob.kind.accepts(candidate.value)) return null;
  const isMissing = candidate.source === 'default';
  return describeProblem({
    path: sources.prefix + path,
    expected: knob.kind.expected,
    got: isMissing
      ? 'nothing'
      : showValue(knob.sensitive ? maskSecret(candidate.value, knob.sensitive) : candidate.value),
    remedy: candidate.remedy,
  });
}

/** A problem for each group of knobs (e.g. `data_governance`) that is not an object. */
function describeWrongGroups(file: object, tree: KnobTree, sources: SectionSources, parent = ''): string[] {
  const problems: string[] = [];
  for (const [name, node] of Object.entries(tree)) {
    const path = `${parent}${name}`;
    const value = valueAt(file, path);
    if (isKnob(node) || value === undefined) continue;
    if (isPlainObject(value)) {
      problems.push(...describeWrongGroups(file, node, sources, `${path}.`));
    } else {
      problems.push(describeNotObject(`${sources.prefix}${path}.`, value, sources));
    }
  }
  return problems;
}

function describeNotObject(prefix: string, value: unknown, sources: SectionSources): string {
  const remedy = `correct it in ${sources.filePath}`;
  return describeProblem({ path: prefix.replace(/\.$/, ''), expected: 'an object', got: showValue(value), remedy });
}

function valueAt(section: object, path: string): unknown {
  let value: unknown = section;
  for (const name of path.split('.')) {
    if (!isPlainObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function mergeValues<Tree extends KnobTree>(
  tree: Tree,
  knobs: readonly EffectiveKnob[],
  prefix: string,
): ValuesOf<Tree> {
  const merged = convict(toConvictSchema(tree), { env: {}, args: [] });
  for (const { path, value, source } of knobs) {
    if (source !== 'default') merged.set(path.slice(prefix.length), value);
  }
  merged.validate({ allowed: 'strict' });
  // Each value was accepted by its knob's kind, which is where ValuesOf takes its type from; convict only knows `unknown`.
  return merged.getProperties() as ValuesOf<Tree>;
}
