/**
 * The kinds of value a knob can hold: what is accepted, how it is said to a person, and how the text of an environment
 * variable becomes one. Strict on purpose: "5" in the file is not a number, and "30s" in the environment is not 30.
 */

export interface Kind<T> {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is T;
  /** Reads an environment variable's text; text that cannot be read comes back as it is, and `accepts` refuses it. */
  readonly fromText: (text: string) => unknown;
}

/** A number within [min, max]; NaN and infinities are refused. */
export function numberKind(expected: string, limits: { min?: number; max?: number } = {}): Kind<number> {
  return {
    expected,
    accepts: (value): value is number => typeof value === 'number' && Number.isFinite(value) && isWithin(value, limits),
    fromText: numberFromText,
  };
}

/** A whole number within [min, max]. */
export function wholeNumberKind(expected: string, limits: { min?: number; max?: number } = {}): Kind<number> {
  return {
    expected,
    accepts: (value): value is number => Number.isSafeInteger(value) && isWithin(Number(value), limits),
    fromText: numberFromText,
  };
}

/** Text of at least one character that matches `pattern`. */
export function textKind(expected: string, pattern = /\S/): Kind<string> {
  return {
    expected,
    accepts: (value): value is string => typeof value === 'string' && pattern.test(value),
    fromText: (text) => text,
  };
}

/** A URL that something can be sent to; it may hold a password. */
export const httpUrlKind: Kind<string> = {
  ...textKind('an http or https URL'),
  accepts: (value): value is string => typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value),
};

export const booleanKind: Kind<boolean> = {
  expected: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
  fromText: (text) => ({ true: true, false: false, '1': true, '0': false })[text.trim().toLowerCase()] ?? text,
};

/** One of the listed words, in exactly that spelling. */
export function choiceKind<const T extends string>(choices: readonly T[]): Kind<T> {
  return {
    expected: choices.map((choice) => JSON.stringify(choice)).join(' or '),
    accepts: (value): value is T => choices.some((choice) => choice === value),
    fromText: (text) => text,
  };
}

/** A list of texts; in the environment separated by commas. */
export function textListKind(expected: string, pattern = /\S/): Kind<readonly string[]> {
  return {
    expected,
    accepts: (value): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string' && pattern.test(item)),
    fromText: (text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  };
}

/** The kind, or null; in the environment the word `null`. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return {
    expected: `${kind.expected}, or null`,
    accepts: (value): value is T | null => value === null || kind.accepts(value),
    fromText: (text) => (text.trim() === 'null' ? null : kind.fromText(text)),
  };
}

function isWithin(value: number, limits: { min?: number; max?: number }): boolean {
  return value >= (limits.min ?? Number.NEGATIVE_INFINITY) && value <= (limits.max ?? Number.POSITIVE_INFINITY);
}

function numberFromText(text: string): unknown {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : text;
}
