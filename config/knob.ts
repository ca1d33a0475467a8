/**
 * What a knob is, and how a tree of knobs becomes a convict schema, a flat list and a type. A schema is data: it is
 * written in config/schema.ts and config/task-schema.ts, and read here.
 */
import type convict from 'convict';
import type { Kind } from './kinds.ts';

export type Sensitivity = boolean | 'path';

export interface Knob<T> {
  readonly doc: string;
  /** Unit of the number, or what the text is; empty when the value speaks for itself. */
  readonly unit: string;
  /** Null with `isRequired` means there is no default. */
  readonly default: T | null;
  readonly isRequired: boolean;
  /** Name of the environment variable, or null when only the file sets it. */
  readonly env: string | null;
  /** True when the name is read in lower case, too, when it is not set as written: `http_proxy`. */
  readonly isEnvInAnyCase: boolean;
  /** A secret, or a URL that may hold one: never printed as it is. `path`: a URL whose path is one. */
  readonly sensitive: Sensitivity;
  readonly kind: Kind<T>;
}

/** Knobs by name, nested as in the file. */
export interface KnobTree {
  // `never` would refuse every knob: a tree holds knobs of any value type, which only `unknown` positions can say.
  readonly [name: string]: Knob<unknown> | KnobTree;
}

/** The values a tree of knobs gives once it has been read. */
export type ValuesOf<Tree> = {
  readonly [Name in keyof Tree]: Tree[Name] extends Knob<infer T> ? T : ValuesOf<Tree[Name]>;
};

export interface NamedKnob {
  /** Dotted path inside its tree, e.g. `cluster_coordination.redis_url`. */
  readonly path: string;
  readonly knob: Knob<unknown>;
}

interface KnobOptions<T> {
  readonly doc: string;
  readonly kind: Kind<T>;
  readonly unit?: string;
  readonly env?: string;
  readonly isEnvInAnyCase?: boolean;
  readonly sensitive?: Sensitivity;
}

const noOptions = { unit: '', env: null, isEnvInAnyCase: false, sensitive: false } as const;

/** A knob with a default. */
export function knob<T>(defaultValue: NoInfer<T>, options: KnobOptions<T>): Knob<T> {
  return { ...noOptions, ...options, default: defaultValue, isRequired: false };
}

/** A knob that the file must set. */
export function requiredKnob<T>(options: KnobOptions<T>): Knob<T> {
  return { ...noOptions, ...options, default: null, isRequired: true };
}

export function isKnob(node: Knob<unknown> | KnobTree): node is Knob<unknown> {
  return 'kind' in node && 'doc' in node && typeof node.doc === 'string';
}

/** All knobs of a tree with their dotted paths, in the order of the schema. */
export function flattenKnobs(tree: KnobTree, prefix = ''): NamedKnob[] {
  const knobs: NamedKnob[] = [];
  for (const [name, node] of Object.entries(tree)) {
    const path = `${prefix}${name}`;
    if (isKnob(node)) {
      knobs.push({ path, knob: node });
    } else {
      knobs.push(...flattenKnobs(node, `${path}.`));
    }
  }
  return knobs;
}

/** The tree as convict wants it. Environment names are left out: config/read-section.ts reads them, strictly. */
export function toConvictSchema(tree: KnobTree): convict.Schema<Record<string, unknown>> {
  const schema: Record<string, convict.SchemaObj<unknown> | convict.Schema<Record<string, unknown>>> = {};
  for (const [name, node] of Object.entries(tree)) {
    schema[name] = isKnob(node) ? toConvictKnob(node) : toConvictSchema(node);
  }
  return schema;
}

function toConvictKnob(node: Knob<unknown>): convict.SchemaObj<unknown> {
  return {
    doc: node.doc,
    default: node.default,
    sensitive: node.sensitive !== false,
    format: (value: unknown): void => {
      if (!node.kind.accepts(value)) throw new Error(`expected ${node.kind.expected}`);
    },
  };
}
