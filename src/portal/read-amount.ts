/**
 * Amounts of money: `209 000 €`, `656,67 € / kk`, `67075.84 € / vuosi`, `26,00 € kuukaudessa`, `15,00 EUR/kk`.
 * The period is read with the amount, so that a yearly sum never lands in a monthly field as it stands.
 * Rule for `67.500 €`: euros never have three decimals, so the dot stands between thousands; `1,234 €` is refused.
 */
import type { Reading } from '../listings/issue.ts';
import { numberRunPattern, readNumber } from './read-number.ts';
import { readingOf, unreadable } from './reading.ts';

export type AmountPeriod = 'month' | 'year' | 'none' | 'other';

export interface Amount {
  readonly eur: number;
  /** What the text says after the unit: per month, per year, nothing, or per something else (visit, day, m2). */
  readonly period: AmountPeriod;
}

const currency = String.raw`(?:€|eur(?:oa)?(?![\p{L}])|e(?![\p{L}]))`;
const amountPattern = new RegExp(`(${numberRunPattern})(?:[-–]\\s*)?${currency}`, 'giu');
const bareAmountPattern = new RegExp(`^(${numberRunPattern})[-–]?\\s*((?:/|per)\\s*\\p{L}.*)?$`, 'iu');
const rangeBefore = /\d[\s.,]*(?:€|e|eur)?\s*[-–—]\s*$/iu;
const signBefore = /[-−–]\s?$/u;
const manyDecimals = /,\d{3}$/;
const monthWords = /^[\s/]*(?:per\s+)?(?:(?:henki|hlö|hlo|henkilö)[.\s/]*)?(?:kk|kuukau|mo(?:nth|\b))/iu;
const yearWords = /^[\s/]*(?:per\s+)?(?:vuo|v(?![\p{L}])|year)/iu;
const otherWords = /^\s*(?:\/|per\s)\s*[\p{L}\d]|^\s*(?:kerta|kerralta|päivä|viikko|vrk)/iu;
/** What stands where a fee was left empty: `/ kk`, `€ / kk`, `-`. */
const emptyAmount = /^[\s€\-–/.]*(?:kk|vuosi|v)?\.?$/iu;
/** Longer texts are prose; the amount of a typed field stands within this. */
const maxLength = 500;

/**
 * Reads the one amount of a text. Null without an issue when the field was left empty; null with an issue for a range,
 * several amounts, a negative amount or prose.
 * @internal Exported for its tests.
 */
export function readAmount(text: string, field: string): Reading<Amount | null> {
  const scanned = text.slice(0, maxLength);
  if (emptyAmount.test(scanned)) return readingOf(null);
  const found = [...scanned.matchAll(amountPattern)];
  if (found.length === 0) return readBareAmount(scanned, field);
  const only = found[0];
  if (only === undefined || found.length > 1) return unreadable(field, `one amount, got ${found.length}`, text);
  const before = scanned.slice(0, only.index);
  if (rangeBefore.test(before)) return unreadable(field, 'one amount, got a range', text);
  if (signBefore.test(before)) return unreadable(field, 'an amount that is not negative', text);
  const after = scanned.slice(only.index + only[0].length);
  return amountOf(only[1] ?? '', periodOf(after), text, field);
}

function readBareAmount(text: string, field: string): Reading<Amount | null> {
  const match = bareAmountPattern.exec(text.trim());
  if (match === null) return unreadable(field, 'an amount in euros', text);
  return amountOf(match[1] ?? '', periodOf(match[2] ?? ''), text, field);
}

function amountOf(numberText: string, period: AmountPeriod, text: string, field: string): Reading<Amount | null> {
  const number = readNumber(numberText);
  if (number.kind === 'ambiguous') return readingOf({ eur: number.asThousands, period });
  const isThreeDecimals = manyDecimals.test(numberText.trim()) && !numberText.startsWith('0,');
  if (number.kind === 'not_a_number' || isThreeDecimals) return unreadable(field, 'an amount in euros', text);
  return readingOf({ eur: number.value, period });
}

function periodOf(after: string): AmountPeriod {
  if (monthWords.test(after)) return 'month';
  if (yearWords.test(after)) return 'year';
  return otherWords.test(after) ? 'other' : 'none';
}

/** A sum paid once, in EUR: a price, a deposit, a share of debt. An amount per month or year is refused. */
export function readTotalEur(text: string, field: string): Reading<number | null> {
  const { value, issues } = readAmount(text, field);
  if (value === null) return { value, issues };
  if (value.period !== 'none') return unreadable(field, 'a sum paid once', text);
  return { value: value.eur, issues };
}

/** EUR per month. An amount without a period is monthly, as its label says; a yearly one is divided by 12 to the cent. */
export function readMonthlyEur(text: string, field: string): Reading<number | null> {
  const { value, issues } = readAmount(text, field);
  if (value === null) return { value, issues };
  if (value.period === 'other') return unreadable(field, 'an amount per month', text);
  return { value: value.period === 'year' ? roundToCents(value.eur / 12) : value.eur, issues };
}

/** EUR per year. A monthly amount is multiplied by 12; without a period the amount is refused. */
export function readYearlyEur(text: string, field: string): Reading<number | null> {
  const { value, issues } = readAmount(text, field);
  if (value === null) return { value, issues };
  if (value.period === 'year') return { value: value.eur, issues };
  if (value.period === 'month') return { value: roundToCents(value.eur * 12), issues };
  return unreadable(field, 'an amount per year', text);
}

const perSquareMetre = /(?:\/|per)\s*(?:m²|m2|neliö)/iu;
const monthAfterSquareMetre = /\/\s*(?:kk|v)/iu;

/** EUR per square metre; the unit must be printed, and must not be followed by a period. */
export function readPerM2Eur(text: string, field: string): Reading<number | null> {
  const { value, issues } = readAmount(text, field);
  if (value === null) return { value, issues };
  if (!perSquareMetre.test(text) || monthAfterSquareMetre.test(text)) {
    return unreadable(field, 'an amount per square metre', text);
  }
  return { value: value.eur, issues };
}

function roundToCents(eur: number): number {
  return Math.round(eur * 100) / 100;
}
