/** Quiet hours by the clock on the wall in Helsinki, and the bounds of a day there, on every day of the year. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOfNominalDay, nominalDayOf } from '../../src/clock.ts';
import { createQuietHours } from '../../src/resilience/quiet-hours.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The end of the quiet time at this instant, as ISO text. */
function quietUntil(ranges: readonly string[], at: string): string | null {
  const untilMs = createQuietHours(ranges).quietUntilMs(Date.parse(at));
  return untilMs === null ? null : new Date(untilMs).toISOString();
}

/** Hours and minutes on the wall, asked of the platform in another way than the code does. */
function wallTimeOf(epochMs: number): string {
  const parts = new Intl.DateTimeFormat('fi-FI', {
    timeZone: 'Europe/Helsinki',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(epochMs);
  const partOf = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${partOf('hour')}:${partOf('minute')}`;
}

function isInRange(range: string, time: string): boolean {
  const [from = '', to = ''] = range.split('-');
  return from < to ? time >= from && time < to : time >= from || time < to;
}

const time = fc
  .integer({ min: 0, max: 1439 })
  .map((minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`);
const range = fc
  .tuple(time, time)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => `${from}-${to}`);
/** Any instant, and more often one within a day of a change to or from summer time. */
const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) }),
  fc
    .tuple(
      fc.constantFrom(Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2027, 2, 28, 1)),
      fc.integer({ min: -24 * hourMs, max: 24 * hourMs }),
    )
    .map(([changeMs, offsetMs]) => changeMs + offsetMs),
);

describe('quiet hours', () => {
  it.each([
    ['none are configured', [], '2026-11-22T07:00:00Z', null],
    ['it is another time of day', ['07:00-09:00'], '2026-11-22T04:59:59.999Z', null],
    ['they begin', ['07:00-09:00'], '2026-11-22T05:00:00Z', '2026-11-22T07:00:00.000Z'],
    ['they are about to end', ['07:00-09:00'], '2026-11-22T06:59:59.999Z', '2026-11-22T07:00:00.000Z'],
    ['they have ended', ['07:00-09:00'], '2026-11-22T07:00:00Z', null],
    ['it is before midnight', ['22:30-05:00'], '2026-11-22T21:00:00Z', '2026-11-23T03:00:00.000Z'],
    ['it is after midnight', ['22:30-05:00'], '2026-11-22T22:30:00Z', '2026-11-23T03:00:00.000Z'],
    ['one range follows another', ['07:00-08:00', '08:00-09:30'], '2026-11-22T05:30:00Z', '2026-11-22T07:30:00.000Z'],
    ['summer time begins meanwhile', ['22:00-05:00'], '2026-03-28T20:00:00Z', '2026-03-29T02:00:00.000Z'],
    ['summer time ends meanwhile', ['22:00-05:00'], '2026-10-24T19:00:00Z', '2026-10-25T03:00:00.000Z'],
    ['the hour is left out', ['03:10-03:50'], '2026-03-29T01:10:00Z', null],
    ['the hour comes for the first time', ['03:10-03:50'], '2026-10-25T00:10:00Z', '2026-10-25T00:50:00.000Z'],
    ['the hour comes for the second time', ['03:10-03:50'], '2026-10-25T01:10:00Z', '2026-10-25T01:50:00.000Z'],
  ])('end at the right moment when %s', (_when, ranges, at, expected) => {
    expect(quietUntil(ranges, at)).toBe(expected);
  });

  it('are quiet exactly while the wall says so, and end at the first minute that is not', () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1, maxLength: 3 }), instant, (ranges, atMs) => {
        const isQuiet = (epochMs: number) => ranges.some((each) => isInRange(each, wallTimeOf(epochMs)));

        const untilMs = createQuietHours(ranges).quietUntilMs(atMs);

        expect(untilMs !== null).toBe(isQuiet(atMs));
        if (untilMs === null) return;
        expect(untilMs).toBeGreaterThan(atMs);
        if (untilMs - atMs <= 25 * hourMs) expect(isQuiet(untilMs)).toBe(false);
        expect(isQuiet(untilMs - 1)).toBe(true);
        for (let ms = atMs; ms < untilMs; ms += 17 * minuteMs) expect(isQuiet(ms)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('that cover the whole day are looked at again within some thirty hours, not never', () => {
    const untilMs = createQuietHours(['00:00-12:00', '12:00-00:00']).quietUntilMs(Date.UTC(2026, 10, 22));

    expect(untilMs).toBe(Date.UTC(2026, 10, 23, 2));
  });
});

describe('bounds of a nominal day', () => {
  it('hold exactly the instants of that day, with 23, 24 or 25 hours', () => {
    fc.assert(
      fc.property(instant, (atMs) => {
        const day = nominalDayOf(atMs);

        const { fromMs, toMs } = boundsOfNominalDay(day);

        expect(nominalDayOf(fromMs)).toBe(day);
        expect(nominalDayOf(fromMs - 1)).not.toBe(day);
        expect(nominalDayOf(toMs - 1)).toBe(day);
        expect(nominalDayOf(toMs)).not.toBe(day);
        expect([23, 24, 25]).toContain((toMs - fromMs) / hourMs);
      }),
      { numRuns: 100 },
    );
  });
});
