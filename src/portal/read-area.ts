/**
 * Areas in square metres: `72,5 m²`, `1 158 m²`, `3,35 ha`, `58 m² / 80 m²` and `125/162 m²` (living area first, total
 * area second). It never guesses: `67.500 m²` and a range are left empty with an issue.
 */
import type { Reading } from '../listings/issue.ts';
import { numberRunPattern, readNumber } from './read-number.ts';
import { readingOf, unreadable } from './reading.ts';

export interface AreaPair {
  readonly areaM2: number;
  /** The second number of `58 m² / 80 m²`; null when there is one number. */
  readonly totalAreaM2: number | null;
}

const unit = String.raw`(?:m²|m2|m\^2|neliö\p{L}*|ha(?![\p{L}])|hehtaari\p{L}*)`;
const areaPattern = new RegExp(
  `^(?:n\\.?|noin)?\\s*(${numberRunPattern})(${unit})?(?:\\s*/\\s*(${numberRunPattern})(${unit})?)?(.*)$`,
  'isu',
);
const rangeAfter = /^\s*[-–—]\s*\d/;
const emptyArea = /^[\s\-–/]*(?:m²|m2|ha)?$/iu;
const squareMetresPerHectare = 10_000;

/** Reads `58 m² / 80 m²` as living and total area, `72,5 m²` as living area alone. A bare number is square metres. @internal Exported for its tests. */
export function readAreaPair(text: string, field: string): Reading<AreaPair | null> {
  const scanned = text.trim().slice(0, 500);
  if (emptyArea.test(scanned)) return readingOf(null);
  const match = areaPattern.exec(scanned);
  const rest = match?.[5] ?? '';
  if (match === null || rangeAfter.test(rest) || /^\d/.test(rest))
    return unreadable(field, 'one area in m2 or ha', text);
  const [, first, firstUnit, second, secondUnit] = match;
  if (firstUnit === undefined && secondUnit === undefined && rest.trim() !== '') {
    return unreadable(field, 'an area with its unit', text);
  }
  const areaM2 = squareMetresOf(first ?? '', firstUnit ?? secondUnit);
  const totalAreaM2 = second === undefined ? null : squareMetresOf(second, secondUnit ?? firstUnit);
  if (areaM2 === null || (second !== undefined && totalAreaM2 === null)) {
    return unreadable(field, 'one area in m2 or ha', text);
  }
  return readingOf({ areaM2, totalAreaM2 });
}

/** Reads an area in m2; of two areas (`58 m² / 80 m²`) it is the first, the living area. */
export function readAreaM2(text: string, field: string): Reading<number | null> {
  const { value, issues } = readAreaPair(text, field);
  return { value: value === null ? null : value.areaM2, issues };
}

function squareMetresOf(numberText: string, unitText: string | undefined): number | null {
  const number = readNumber(numberText);
  if (number.kind !== 'number') return null;
  const isHectares = unitText !== undefined && /^h/iu.test(unitText);
  return isHectares ? Math.round(number.value * squareMetresPerHectare * 100) / 100 : number.value;
}
