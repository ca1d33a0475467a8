/**
 * Quiet hours: times of day in Helsinki in which nothing is asked. It only says until when; it goes by the clock on the
 * wall, so a range over a change to or from summer time is an hour shorter or longer, as a person reading it expects.
 */
import { helsinkiMinuteOf } from '../clock.ts';

export interface QuietHours {
  /** When the quiet time that this instant lies in ends, in epoch milliseconds; null outside of quiet hours. */
  readonly quietUntilMs: (epochMs: number) => number | null;
}

interface MinuteRange {
  /** Minutes of the day; the end is not part of it. An end before its start is on the next day. */
  readonly from: number;
  readonly to: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Quiet for longer than this is quiet for good: then it is looked at again after this time. */
const longestHours = 26;

/**
 * Makes quiet hours of ranges such as `22:30-05:00`, which the configuration has checked; several may overlap, none means
 * never quiet.
 */
export function createQuietHours(ranges: readonly string[]): QuietHours {
  const parsed = ranges.map(parseRange);
  const isQuiet = (minute: number): boolean => parsed.some((range) => covers(range, minute));
  return {
    quietUntilMs: (epochMs) => {
      // The time of day is dear to ask for and is asked for each request: not where there are no quiet hours.
      if (parsed.length === 0 || !isQuiet(helsinkiMinuteOf(epochMs))) return null;
      // Summer time begins and ends on a whole hour of UTC: within one, minutes of the day simply count on.
      let hourStartMs = Math.floor(epochMs / hourMs) * hourMs;
      let minute = Math.floor((epochMs - hourStartMs) / minuteMs) + 1;
      for (let hours = 0; hours < longestHours; hours += 1) {
        const firstMinute = helsinkiMinuteOf(hourStartMs);
        for (; minute < 60; minute += 1) {
          if (!isQuiet(firstMinute + minute)) return hourStartMs + minute * minuteMs;
        }
        minute = 0;
        hourStartMs += hourMs;
      }
      return hourStartMs;
    },
  };
}

function parseRange(text: string): MinuteRange {
  const [from = 0, to = 0] = text.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return { from, to };
}

function covers({ from, to }: MinuteRange, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
