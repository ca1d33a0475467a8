/**
 * Whether a text is a cron pattern: five fields (minute hour day month weekday), or six with seconds first. What is
 * accepted here BullMQ's own reader (cron-parser) understands; `L`, `#`, `?` and `@daily` it would understand, too, but
 * a pattern is to be read by people.
 */

interface Field {
  readonly min: number;
  readonly max: number;
  /** The number that stands for `min` once more, and is left out of `*`. */
  readonly again?: number;
  /** Words for the numbers from `min` on. */
  readonly names?: readonly string[];
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const daysOfMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const second: Field = { min: 0, max: 59 };
const minute: Field = { min: 0, max: 59 };
const hour: Field = { min: 0, max: 23 };
const day: Field = { min: 1, max: 31 };
const month: Field = { min: 1, max: 12, names: months };
const weekday: Field = { min: 0, max: 7, again: 7, names: weekdays };

const fieldsOf: Readonly<Record<number, readonly Field[]>> = {
  5: [minute, hour, day, month, weekday],
  6: [second, minute, hour, day, month, weekday],
};

/** True for a pattern that comes true at some time. */
export function isCronPattern(text: string): boolean {
  const parts = text.trim().split(/\s+/);
  const fields = fieldsOf[parts.length];
  if (fields === undefined) return false;
  const values = parts.map((part, index) => valuesOf(part, fields[index] ?? minute));
  const [daysAsked, monthsAsked] = values.slice(-3);
  if (values.some((each) => each === null) || daysAsked == null || monthsAsked == null) return false;
  const isAnyWeekday = parts.at(-1) === '*';
  return !isAnyWeekday || monthsAsked.some((each) => Math.min(...daysAsked) <= (daysOfMonths[each - 1] ?? 0));
}

/** The numbers that a field names, `1-5,10` or `*` with a step; null when it cannot be read. */
function valuesOf(text: string, field: Field): readonly number[] | null {
  const values: number[] = [];
  for (const part of text.split(',')) {
    const range = rangeOf(part, field);
    if (range === null) return null;
    for (let value = range.from; value <= range.to; value += range.step) {
      values.push(value === field.again ? field.min : value);
    }
  }
  // Who names a value twice meant another one.
  return new Set(values).size === values.length ? values : null;
}

function rangeOf(part: string, field: Field): { from: number; to: number; step: number } | null {
  const [, fromText = '', toText, stepText] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step < 1) return null;
  if (fromText === '*') {
    const to = field.again === undefined ? field.max : field.again - 1;
    return toText === undefined ? { from: field.min, to, step } : null;
  }
  const from = numberOf(fromText, field);
  // A step after a single number goes on to the end: `10/20` is 10, 30, 50.
  const to = toText === undefined ? (stepText === undefined ? from : field.max) : numberOf(toText, field);
  return from === null || to === null || from > to ? null : { from, to, step };
}

function numberOf(text: string, { min, max, names = [] }: Field): number | null {
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : null;
}
