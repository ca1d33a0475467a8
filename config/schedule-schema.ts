/**
 * The knobs under `schedule`: when the scheduler of a cluster starts the day's run.
 */
import { isCronPattern } from './cron-pattern.ts';
import type { Kind } from './kinds.ts';
import { booleanKind } from './kinds.ts';
import { knob } from './knob.ts';

const patternKind: Kind<string> = {
  expected: 'a cron pattern of 5 fields such as "30 5 * * *" (minute hour day month weekday), or 6 with seconds first',
  accepts: (value): value is string => typeof value === 'string' && isCronPattern(value),
  fromText: (text) => text.trim(),
};

const timezoneKind: Kind<string> = {
  expected: 'a time zone such as "Europe/Helsinki" or "UTC"',
  accepts: (value): value is string => typeof value === 'string' && isTimezone(value),
  fromText: (text) => text.trim(),
};

export const schedule = {
  enabled: knob(true, {
    doc: 'Start the run of each day by `oikotie scheduler`; false lets it only watch.',
    env: 'SCRAPER_SCHEDULE_ENABLED',
    kind: booleanKind,
  }),
  pattern: knob('30 5 * * *', {
    doc: 'When the run of a day starts. A day has one run, also when the pattern names several times of it; then the first counts.',
    unit: 'cron pattern: minute hour day month weekday',
    env: 'SCRAPER_SCHEDULE_PATTERN',
    kind: patternKind,
  }),
  timezone: knob('Europe/Helsinki', {
    doc: 'Zone of the clock the pattern is read by. Which day a run stands for is always told in Helsinki.',
    unit: 'IANA time zone',
    env: 'SCRAPER_SCHEDULE_TIMEZONE',
    kind: timezoneKind,
  }),
};

function isTimezone(name: string): boolean {
  // An offset such as +02:00 would be right for half a year.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
