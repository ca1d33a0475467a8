/**
 * Counts, years, floors and yes/no. Plausibility is looked at elsewhere: these only say what is printed.
 */
import type { Reading } from '../listings/issue.ts';
import { issueOf, readingOf, unreadable } from './reading.ts';

const countPattern = /^(\d{1,3}(?:\s\d{3})+|\d{1,9})\s*(?:kpl|huonetta|huone|asuntoa|asunto|h|krs)?\.?$/iu;
const yearPattern = /^(\d{4})(?!\d|\s*[-–/]\s*\d)/;
const floorPattern = /^(-?\d{1,3})?(?:\s*\.?\s*(?:krs|kerros)\.?)?\s*(?:\/\s*(\d{1,3})\s*(?:krs|kerros|\.)?)?$/iu;
const yesNoPattern = /^(kyllä|on|ei)(?=$|\s*[.,;:(–-])/iu;

/** A count without decimals: `3`, `1 024`, `324 kpl`. */
export function readInteger(text: string, field: string): Reading<number | null> {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '-') return readingOf(null);
  const match = countPattern.exec(trimmed);
  if (match === null) return unreadable(field, 'a whole number', text);
  return readingOf(Number((match[1] ?? '').replace(/\s/g, '')));
}

/** A year of four digits at the beginning; words behind it are passed over, `1986-1987` is refused. */
export function readYear(text: string, field: string): Reading<number | null> {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '-') return readingOf(null);
  const match = yearPattern.exec(trimmed);
  return match === null ? unreadable(field, 'one year', text) : readingOf(Number(match[1]));
}

export interface FloorPair {
  readonly floor: number | null;
  readonly floorCount: number | null;
}

/** `1 / 2` is floor 1 of 2, a bare `3` is floor 3. A floor above the top floor is kept and flagged. */
export function readFloor(text: string, field: string): Reading<FloorPair | null> {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '-') return readingOf(null);
  const match = trimmed.length > 40 ? null : floorPattern.exec(trimmed);
  if (match === null || (match[1] === undefined && match[2] === undefined))
    return unreadable(field, 'a floor such as 2 / 5', text);
  const floor = match[1] === undefined ? null : Number(match[1]);
  const floorCount = match[2] === undefined ? null : Number(match[2]);
  const isAboveTop = floor !== null && floorCount !== null && floor > floorCount;
  const issues = isAboveTop
    ? [
        issueOf(
          'IMPLAUSIBLE_VALUE',
          field,
          `${field}: expected a floor of the building, got ${floor} of ${floorCount}`,
          text,
        ),
      ]
    : [];
  return { value: { floor, floorCount }, issues };
}

/** Kyllä / Ei, alone or followed by a remark (`Kyllä, lasitettu`). `Ei tietoa` is neither. */
export function readYesNo(text: string, field: string): Reading<boolean | null> {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '-') return readingOf(null);
  const word = yesNoPattern.exec(trimmed)?.[1];
  if (word !== undefined) return readingOf(word.toLowerCase() !== 'ei');
  const message = `${field}: expected Kyllä or Ei; the value is left empty`;
  return { value: null, issues: [issueOf('UNKNOWN_WORD', field, message, text)] };
}
