/**
 * An issue: one recorded problem with a value that was read. Issues travel with the record; they never stop it.
 */

export const issueCodes = [
  /** A value is there but cannot be read as its field's type. */
  'UNREADABLE_VALUE',
  /** A value was read but is not plausible (area 1 m2, 0 rooms); it is kept. */
  'IMPLAUSIBLE_VALUE',
  /** Coordinates lie outside of the city's box; they are kept. */
  'OUTSIDE_BOUNDS',
  /** A field that nearly every page has is null; only in what is stored, with its cost. */
  'MISSING_VALUE',
  /** An enumeration's word is not known; the field is null, the word stays in the labels. */
  'UNKNOWN_WORD',
  /** Two elements of the page disagree. */
  'CONFLICTING_VALUES',
  /** Arithmetic that holds on this site does not hold here. */
  'IDENTITY_VIOLATED',
  /** The same label stands twice with different values; both are kept. */
  'DUPLICATE_LABEL',
  /** An element that every page has is missing. */
  'MISSING_ELEMENT',
  /** Text was refused or cut (NUL bytes, over the size cap). */
  'TEXT_REFUSED',
  /** The page is of another municipality than the task. */
  'FOREIGN_CITY',
  /** A response does not have the shape that is expected. */
  'UNEXPECTED_SHAPE',
] as const;

export type IssueCode = (typeof issueCodes)[number];

export interface Issue {
  readonly code: IssueCode;
  /** Field or element concerned, e.g. `areaM2`; null when it is the whole page. */
  readonly field: string | null;
  /** One sentence: what was expected, what was there. */
  readonly message: string;
  /** The value as printed, cut to 200 characters. */
  readonly rawValue?: string;
  /** What it costs of the record's quality score, 0 to 1; absent until the record is scored. */
  readonly cost?: number;
}

/** A value and what was wrong while reading it. */
export interface Reading<Value> {
  readonly value: Value;
  readonly issues: readonly Issue[];
}
