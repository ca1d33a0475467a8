/**
 * What a program may ask with: each parameter with the values it takes, read strictly. A name that is not known, a value that
 * cannot be read, or one given twice is refused with a sentence; nothing is ignored.
 */
import { z } from 'zod';
import { nearestWords } from '../../config/problem.ts';
import { toUtcIso } from '../../src/clock.ts';
import { ApiProblem } from './problem.ts';

export interface Parameter<Value> {
  /** Of the value, for the document. */
  readonly schema: z.ZodType;
  /** In words, e.g. `a number from 0 to 100`. */
  readonly expected: string;
  readonly meaning: string;
  /** Null when the text is no such value. */
  readonly read: (text: string) => Value | null;
}

export type ParameterSet = Readonly<Record<string, Parameter<unknown>>>;
/** What was given; a parameter that was not is undefined. */
export type ValuesOf<Set extends ParameterSet> = {
  readonly [Name in keyof Set]?: Set[Name] extends Parameter<infer Value> ? Value : never;
};

const longestText = 200;
const largestNumber = 1e12;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Text without control characters, of 1 to `longest` characters. */
export function textParameter(meaning: string, longest = longestText): Parameter<string> {
  const expected = `a text of 1 to ${longest} characters`;
  const isText = (text: string) => text.length > 0 && text.length <= longest && !/\p{Cc}/u.test(text);
  return {
    schema: z.string().min(1).max(longest),
    expected,
    meaning,
    read: (text) => (isText(text) ? text : null),
  };
}

export function numberParameter(meaning: string): Parameter<number> {
  return {
    schema: z.number().min(0).max(largestNumber),
    expected: 'a number from 0 on, such as 250000 or 37.5',
    meaning,
    read: (text) => (/^\d{1,13}(\.\d{1,6})?$/.test(text) && Number(text) <= largestNumber ? Number(text) : null),
  };
}

export function wholeNumberParameter(meaning: string, min: number, max: number): Parameter<number> {
  return {
    schema: z.int().min(min).max(max),
    expected: `a whole number from ${min} to ${max}`,
    meaning,
    read: (text) => (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : null),
  };
}

export function flagParameter(meaning: string): Parameter<boolean> {
  return {
    schema: z.boolean(),
    expected: 'true or false',
    meaning,
    read: (text) => (text === 'true' ? true : text === 'false' ? false : null),
  };
}

export function choiceParameter<const Choice extends string>(
  meaning: string,
  choices: readonly Choice[],
): Parameter<Choice> {
  return {
    schema: z.enum(choices),
    expected: choices.join(', '),
    meaning,
    read: (text) => choices.find((choice) => choice === text) ?? null,
  };
}

/** A calendar day in Helsinki. */
export function dayParameter(meaning: string): Parameter<string> {
  return {
    schema: z.string().regex(dayPattern),
    expected: 'a day such as 2026-11-22',
    meaning,
    read: (text) => (dayPattern.test(text) && isCalendarDay(text) ? text : null),
  };
}

/** An instant with its zone; read as ISO 8601 UTC with milliseconds. */
export function instantParameter(meaning: string): Parameter<string> {
  return {
    schema: z.string().regex(instantPattern),
    expected: 'an instant with its zone such as 2026-11-22T05:30:00Z',
    meaning,
    read: (text) => {
      const epochMs = instantPattern.test(text) && isCalendarDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
      return Number.isNaN(epochMs) ? null : toUtcIso(epochMs);
    },
  };
}

/** A 31st of February is none; nor is the year 0, which databases count differently. */
function isCalendarDay(day: string): boolean {
  const epochMs = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(epochMs) && toUtcIso(epochMs).startsWith(day) && day >= '0001-01-02';
}

/**
 * The values of the parameters.
 * @param given as Express has parsed them
 * @throws ApiProblem 400 that names the first parameter which is not known or cannot be read.
 */
export function readParameters<Set extends ParameterSet>(
  set: Set,
  given: Readonly<Record<string, unknown>>,
): ValuesOf<Set> {
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given)) {
    const parameter = Object.hasOwn(set, name) ? set[name] : undefined;
    if (parameter === undefined) throw unknownParameter(name, Object.keys(set));
    if (typeof text !== 'string') {
      throw new ApiProblem('invalid-parameter', `${name}: expected it once, got it ${Object(text).length} times`);
    }
    const value = parameter.read(text);
    if (value === null) {
      throw new ApiProblem('invalid-parameter', `${name}: expected ${parameter.expected}, got ${shown(text)}`);
    }
    values[name] = value;
  }
  // Each value was read by the parameter of its own name, which the compiler cannot follow.
  return values as ValuesOf<Set>;
}

function unknownParameter(name: string, known: readonly string[]): ApiProblem {
  const [nearest] = nearestWords(name.slice(0, longestText), known, 1);
  const remedy = nearest === undefined ? 'leave it out: this answer takes none' : `did you mean ${nearest}?`;
  return new ApiProblem(
    'unknown-parameter',
    `${shown(name)}: expected a known parameter, got an unknown one; ${remedy}`,
  );
}

/** What was sent, short and on one line. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
