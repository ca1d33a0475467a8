/**
 * Days (`01.07.2025`, `2023-09-29`) and instants of the portal.
 * An instant without a zone (`2026-07-31 11:23:45`) is taken as Finnish local time: an assumption, the portal does not
 * say. A text such as `Heti vapaa` or `Arviolta 12/2027` is not a day and is never turned into one.
 */
import type { Reading } from '../listings/issue.ts';
import { readingOf, unreadable } from './reading.ts';

const dayInText = /(?<!\d)(?:(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2}))(?!\d)/g;
const wholeDay = /^(?:\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2})\.?$/;
const instantPattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?)?$/;
const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The one day a text names, as `YYYY-MM-DD`; null with an issue when it names none or several different ones. */
export function readDay(text: string, field: string): Reading<string | null> {
  const days = daysIn(text);
  const [day] = days;
  if (day !== undefined && days.length === 1) return readingOf(day);
  return unreadable(field, 'one day such as 31.12.2075', text);
}

/** The day when the text is a day and nothing else; null without an issue for words (`Heti vapaa`, `Arviolta 12/2027`). */
export function readDayOrWords(text: string, field: string): Reading<string | null> {
  const trimmed = text.trim();
  if (!wholeDay.test(trimmed)) return readingOf(null);
  return readDay(trimmed, field);
}

/** Every distinct calendar day written in the text; what is no day (31.02.) is left out. */
export function daysIn(text: string): readonly string[] {
  const days = new Set<string>();
  for (const match of text.slice(0, 2_000).matchAll(dayInText)) {
    const [, day, month, year, isoYear, isoMonth, isoDay] = match;
    const iso = isoDayOf(Number(isoYear ?? year), Number(isoMonth ?? month), Number(isoDay ?? day));
    if (iso !== null) days.add(iso);
  }
  return [...days];
}

/**
 * An instant in ISO 8601 UTC. Reads `YYYY-MM-DD HH:MM:SS` (Europe/Helsinki), ISO 8601 with `Z` or an offset, and a bare
 * day (midnight in Helsinki). In the hour that the autumn clock change repeats, the first one is meant.
 */
export function readInstant(text: string, field: string): Reading<string | null> {
  const match = instantPattern.exec(text.trim());
  if (match === null) return unreadable(field, 'a time such as 2026-07-31 11:23:45', text);
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone] = match;
  if (isoDayOf(Number(year), Number(month), Number(day)) === null || Number(hour) > 23 || Number(minute) > 59) {
    return unreadable(field, 'a time that exists', text);
  }
  const asUtcMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const offsetMs = zone === undefined ? helsinkiOffsetMs(asUtcMs) : zoneOffsetMs(zone);
  return readingOf(new Date(asUtcMs - offsetMs).toISOString());
}

function isoDayOf(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : null;
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * hourMs + Number(zone.slice(-2)) * minuteMs);
}

/** Summer time from the last Sunday of March 03:00 to the last Sunday of October 04:00, local; the EU rule since 1996. */
function helsinkiOffsetMs(localMs: number): number {
  const year = new Date(localMs).getUTCFullYear();
  const summerBegins = lastSundayMs(year, 2) + 3 * hourMs;
  const summerEnds = lastSundayMs(year, 9) + 4 * hourMs;
  return localMs >= summerBegins && localMs < summerEnds ? 3 * hourMs : 2 * hourMs;
}

function lastSundayMs(year: number, monthIndex: number): number {
  const lastDay = new Date(Date.UTC(year, monthIndex + 1, 0));
  return lastDay.getTime() - lastDay.getUTCDay() * 24 * hourMs;
}
