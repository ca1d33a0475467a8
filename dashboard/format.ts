/**
 * How values are written for people: in their language, times on the clock of Helsinki. Null is a dash, never a zero.
 */
import type { Language } from './texts/common.ts';

export interface Format {
  /** At most `digits` decimals, by default none. */
  readonly number: (value: number | null, digits?: number) => string;
  readonly eur: (value: number | null, digits?: number) => string;
  /** A share of 0 to 1. */
  readonly percent: (share: number | null, digits?: number) => string;
  /** `30.11. 12.04` or `30 Nov, 12:04`; of ISO 8601 UTC or epoch milliseconds. */
  readonly instant: (at: string | number | null) => string;
  /** The day of it in Helsinki with its year, `30.11.2026` or `30 Nov 2026`. */
  readonly date: (at: string | number | null) => string;
  /** `12.04` or `12:04`. */
  readonly time: (at: string | number | null) => string;
  /** A nominal day, `YYYY-MM-DD`, with its weekday. */
  readonly day: (day: string | null) => string;
  /** `42 s`, `3 min`, `2 h 10 min`, `3 d`. */
  readonly duration: (ms: number | null) => string;
}

const dash = '–';
const locales = { en: 'en-GB', fi: 'fi-FI' } as const;
const timeZone = 'Europe/Helsinki';

/** One of each language: making the formats of Intl takes a millisecond, so they are made once and handed on. */
export function createFormats(): Readonly<Record<Language, Format>> {
  return { en: make('en'), fi: make('fi') };
}

function make(language: Language): Format {
  const locale = locales[language];
  const instant = new Intl.DateTimeFormat(locale, {
    ...{ timeZone, day: 'numeric', month: language === 'fi' ? 'numeric' : 'short' },
    ...{ hour: '2-digit', minute: '2-digit' },
  });
  const month = language === 'fi' ? 'numeric' : 'short';
  const date = new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month, year: 'numeric' });
  const time = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'numeric' });
  const decimals = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }));
  const number = (value: number | null, digits = 0) =>
    value === null || Number.isNaN(value) ? dash : (decimals[digits] ?? new Intl.NumberFormat(locale)).format(value);
  const shown = (format: Intl.DateTimeFormat) => (at: string | number | null) =>
    at === null ? dash : format.format(typeof at === 'number' ? at : Date.parse(at));
  return {
    number,
    eur: (value, digits = 0) => (value === null ? dash : `${number(value, digits)}\u00A0€`),
    percent: (share, digits = 0) => (share === null ? dash : `${number(share * 100, digits)}\u00A0%`),
    instant: shown(instant),
    date: shown(date),
    time: shown(time),
    day: (text) => (text === null ? dash : day.format(Date.parse(`${text}T12:00:00Z`))),
    duration: (ms) => (ms === null ? dash : durationOf(ms)),
  };
}

function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds}\u00A0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes}\u00A0min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}\u00A0h ${minutes % 60}\u00A0min` : `${Math.round(hours / 24)}\u00A0d`;
}
