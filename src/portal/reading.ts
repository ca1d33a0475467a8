/**
 * Small makers for readings (a value and its issues), shared by every reader of this room.
 * They never throw and never invent a value: what cannot be read becomes null with an issue.
 */
import type { Issue, IssueCode, Reading } from '../listings/issue.ts';

const maxRawLength = 200;
const noIssues: readonly Issue[] = [];

/** One issue; the raw value is cut to 200 characters. */
export function issueOf(code: IssueCode, field: string | null, message: string, rawValue?: string): Issue {
  if (rawValue === undefined) return { code, field, message };
  return { code, field, message, rawValue: rawValue.slice(0, maxRawLength) };
}

/** A value with nothing to say about it. */
export function readingOf<Value>(value: Value): Reading<Value> {
  return { value, issues: noIssues };
}

/** Null, because the text is there but does not say what is expected. */
export function unreadable(field: string, expected: string, rawValue: string): Reading<null> {
  const message = `${field}: expected ${expected}; the value is left empty`;
  return { value: null, issues: [issueOf('UNREADABLE_VALUE', field, message, rawValue)] };
}

/** Reads one printed text into the value of one field. Never throws. */
export type Reader<Value> = (text: string, field: string) => Reading<Value | null>;
