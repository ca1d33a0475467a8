/** When a schedule comes true: on ordinary days, and on those two on which the clock of Helsinki is put. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueTimes, helsinkiCalendar, nextDays, nextTime } from '../../queues/cron-times.ts';
import { nominalDayOf } from '../../src/clock.ts';

const timezone = 'Europe/Helsinki';
const daily = { pattern: '30 5 * * *', timezone };
const atNight = { pattern: '30 3 * * *', timezone };

/** The clock on the wall in Helsinki, by Intl alone. */
const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
const dayMs = 86_400_000;

function times(definition: typeof daily, afterUtc: string, count: number): readonly string[] {
  return nextDays(definition, { afterMs: Date.parse(afterUtc), count }).map((timeMs) => new Date(timeMs).toISOString());
}

describe('the times of a schedule', () => {
  it('keep to the wall clock when summer time begins', () => {
    expect(times(daily, '2026-03-27T20:00:00Z', 3)).toEqual([
      '2026-03-28T03:30:00.000Z',
      '2026-03-29T02:30:00.000Z',
      '2026-03-30T02:30:00.000Z',
    ]);
  });

  it('keep to the wall clock when summer time ends', () => {
    expect(times(daily, '2026-10-23T21:00:00Z', 3)).toEqual([
      '2026-10-24T02:30:00.000Z',
      '2026-10-25T03:30:00.000Z',
      '2026-10-26T03:30:00.000Z',
    ]);
  });

  it('come once, an hour later on the wall, on a day that does not have them: 03:30 on 29 March', () => {
    expect(times(atNight, '2026-03-28T12:00:00Z', 2)).toEqual(['2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z']);
    expect(wall.format(Date.parse('2026-03-29T01:30:00Z'))).toBe('2026-03-29 04:30');
  });

  it('come once, the first time, on a day that has them twice: 03:30 on 25 October', () => {
    const firstMs = Date.parse('2026-10-25T00:30:00Z');

    expect(nextTime(atNight, Date.parse('2026-10-24T12:00:00Z'))).toBe(firstMs);
    expect(nextTime(atNight, firstMs)).toBe(Date.parse('2026-10-26T01:30:00Z'));
    expect(wall.format(firstMs)).toBe(wall.format(firstMs + 3_600_000));
  });

  it('are those of Intl on every ordinary time of day, once a day for years', () => {
    const firstMs = Date.parse('2024-01-01T12:00:00Z');
    const wallTimes = fc.tuple(fc.integer({ min: 4, max: 23 }), fc.integer({ min: 0, max: 59 }));

    fc.assert(
      fc.property(wallTimes, fc.integer({ min: 0, max: 1_500 }), ([hour, minute], days) => {
        const afterMs = firstMs + days * dayMs;
        const found = nextDays({ pattern: `${minute} ${hour} * * *`, timezone }, { afterMs, count: 3 });

        const clock = [hour, minute].map((each) => String(each).padStart(2, '0')).join(':');
        expect(found.map((timeMs) => wall.format(timeMs).slice(11))).toEqual([clock, clock, clock]);
        expect(new Set(found.map(nominalDayOf)).size).toBe(3);
        // Midnight and 04:00 of Helsinki are never left out, so no day lies between two of them.
        expect(found.map((timeMs) => Math.round((timeMs - (found[0] ?? 0)) / dayMs))).toEqual([0, 1, 2]);
        expect((found[0] ?? 0) - afterMs).toBeLessThanOrEqual(25 * 3_600_000);
      }),
    );
  });

  it('count once a day, the first one, when a pattern names many', () => {
    const often = { pattern: '*/20 6-8 * * *', timezone };

    expect(times(often, '2026-11-24T22:00:00Z', 2)).toEqual(['2026-11-25T04:00:00.000Z', '2026-11-26T04:00:00.000Z']);
  });

  it('that are due are the first ones of each day between two instants', () => {
    const due = dueTimes(daily, {
      afterMs: Date.parse('2026-11-20T03:30:00Z'),
      untilMs: Date.parse('2026-11-23T03:30:00Z'),
    });

    expect(due.map(helsinkiCalendar.dayOf)).toEqual(['2026-11-21', '2026-11-22', '2026-11-23']);
  });

  it('are refused with a sentence when BullMQ cannot read them', () => {
    expect(() => nextTime({ pattern: '30 25 * * *', timezone }, 0)).toThrow(
      /^schedule: expected a pattern and a time zone that can be read, got "30 25 \* \* \*" in Europe\/Helsinki/,
    );
  });
});
