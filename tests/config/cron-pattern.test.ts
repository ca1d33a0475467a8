/** Which cron patterns the configuration takes, and that BullMQ understands whatever it takes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCronPattern } from '../../config/cron-pattern.ts';
import { nextTime } from '../../queues/cron-times.ts';

const timezone = 'Europe/Helsinki';
const start = Date.parse('2026-11-25T10:00:00Z');

describe('a cron pattern', () => {
  it.each([
    '30 5 * * *',
    '*/20 3 * * *',
    '0,30 6-8 1,15 * MON-FRI',
    '0 4 29 2 *',
    '0 4 31 2 1',
    '*/2 * * * * *',
    ' 30  5 * * sun ',
    '0 5 * JAN,jul 7',
  ])('%s is taken', (pattern) => {
    expect(isCronPattern(pattern)).toBe(true);
  });

  it.each([
    ['', 'nothing in it'],
    ['30 5 * *', 'four fields'],
    ['0 30 5 * * * *', 'seven fields'],
    ['60 5 * * *', 'a minute that does not exist'],
    ['30 24 * * *', 'an hour that does not exist'],
    ['30 5 0 * *', 'a day that does not exist'],
    ['30 5 30 2 *', 'a day that February does not have'],
    ['30 5 31 4,6 *', 'a day that none of its months has'],
    ['*/0 5 * * *', 'a step of nothing'],
    ['30 8-6 * * *', 'a range that goes back'],
    ['30 5 * * FOO', 'a weekday that does not exist'],
    ['@daily', 'a word'],
    ['30 5 L * *', 'a letter of other crons'],
    ['5:30', 'a time'],
    ['30 5 1-2-3 * *', 'a range of three'],
    ['30, 5 * * *', 'a comma too many'],
    ['0-30,15 5 * * *', 'a minute named twice'],
  ])('%j is refused: %s', (pattern) => {
    expect(isCronPattern(pattern)).toBe(false);
  });

  it('that is taken is one that BullMQ understands and that comes true', () => {
    const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
    const field = (min: number, max: number) => {
      const range = fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`);
      const base = fc.oneof(fc.constant('*'), number(min, max), range);
      const stepped = fc.tuple(base, fc.integer({ min: 1, max: 40 })).map(([text, step]) => `${text}/${step}`);
      return fc.array(fc.oneof(base, stepped), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
    };
    const patterns = fc
      .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
      .map((fields) => fields.join(' '));

    fc.assert(
      fc.property(patterns, (pattern) => {
        fc.pre(isCronPattern(pattern));
        expect(nextTime({ pattern, timezone }, start)).toBeGreaterThan(start);
      }),
    );
  });
});
