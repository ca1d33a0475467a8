/**
 * The knobs under `alerts`: who is told when something is wrong, and from when on it is.
 */
import { booleanKind, httpUrlKind, nullable, numberKind, textKind, textListKind } from './kinds.ts';
import { knob } from './knob.ts';
import { describeProblem } from './problem.ts';
import type { EffectiveKnob } from './read-section.ts';
import { acceptedValue } from './read-section.ts';

const positiveNumber = numberKind('a number above 0', { min: Number.MIN_VALUE });
const address = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

export const alerts = {
  enabled: knob(true, {
    doc: 'Judge runs and the cluster, and tell what is wrong; false does neither.',
    env: 'SCRAPER_ALERTS_ENABLED',
    kind: booleanKind,
  }),
  webhook_url: knob(null, {
    doc: 'URL that alerts are posted to as JSON; its `text` is what Slack and Mattermost show. Null posts none.',
    unit: 'URL',
    env: 'SCRAPER_ALERT_WEBHOOK_URL',
    kind: nullable(httpUrlKind),
    sensitive: 'path',
  }),
  ntfy_url: knob(null, {
    doc: 'Topic of an ntfy server that alerts are sent to; null sends none.',
    unit: 'URL such as https://ntfy.sh/my-topic',
    env: 'SCRAPER_ALERT_NTFY_URL',
    kind: nullable(httpUrlKind),
    sensitive: 'path',
  }),
  ntfy_token: knob(null, {
    doc: 'Access token of that server; null when it asks for none.',
    env: 'SCRAPER_ALERT_NTFY_TOKEN',
    kind: nullable(textKind('a token without blanks', /^\S+$/)),
    sensitive: true,
  }),
  smtp_url: knob(null, {
    doc: 'Mail server that sends alerts, with user and password; null sends no mail. Needs email_from and email_to.',
    unit: 'smtp://user:password@host:587 or smtps://…',
    env: 'SCRAPER_ALERT_SMTP_URL',
    kind: nullable({
      ...textKind('an smtp or smtps URL'),
      accepts: (value): value is string =>
        typeof value === 'string' && /^smtps?:\/\//i.test(value) && URL.canParse(value),
    }),
    sensitive: true,
  }),
  email_from: knob(null, {
    doc: 'Sender of the mails.',
    unit: 'mail address',
    env: 'SCRAPER_ALERT_EMAIL_FROM',
    kind: nullable(textKind('a mail address', address)),
  }),
  email_to: knob([], {
    doc: 'Who gets the mails.',
    unit: 'mail addresses, in the environment separated by commas',
    env: 'SCRAPER_ALERT_EMAIL_TO',
    kind: textListKind('a list of mail addresses such as ["me@example.org"]', address),
  }),
  dead_man_url: knob(null, {
    doc: 'URL that is asked (GET) after each run that ends as `completed`, so that a service outside can miss it; null asks none.',
    unit: 'URL',
    env: 'SCRAPER_DEAD_MAN_URL',
    kind: nullable(httpUrlKind),
    sensitive: 'path',
  }),
  run_deadline_hours: knob(6, {
    doc: "Time after its planned start by which the day's run of a cluster must have ended; then it counts as missing.",
    unit: 'h',
    env: 'SCRAPER_ALERT_RUN_DEADLINE_HOURS',
    kind: positiveNumber,
  }),
  breaker_open_minutes: knob(30, {
    doc: 'A breaker that has not been closed for so long is told.',
    unit: 'min',
    env: 'SCRAPER_ALERT_BREAKER_OPEN_MINUTES',
    kind: positiveNumber,
  }),
  queue_stuck_minutes: knob(15, {
    doc: 'A queue of a cluster that has jobs and ends none for so long is told.',
    unit: 'min',
    env: 'SCRAPER_ALERT_QUEUE_STUCK_MINUTES',
    kind: positiveNumber,
  }),
};

/** A mail needs a sender and somebody who gets it. */
export function checkAlerts(knobs: readonly EffectiveKnob[]): readonly string[] {
  const prefix = 'global_settings.alerts.';
  if (acceptedValue(knobs, `${prefix}smtp_url`, alerts.smtp_url) === null) return [];
  const problems: string[] = [];
  const need = (name: string, expected: string, got: string): void => {
    const remedy = `set alerts.${name}, or alerts.smtp_url to null`;
    problems.push(describeProblem({ path: `${prefix}${name}`, expected, got, remedy }));
  };
  const to = acceptedValue(knobs, `${prefix}email_to`, alerts.email_to);
  if (acceptedValue(knobs, `${prefix}email_from`, alerts.email_from) === null) {
    need('email_from', 'the sender of the mails while smtp_url is set', 'null');
  }
  if (to !== null && to.length === 0) need('email_to', 'at least one address while smtp_url is set', '[]');
  return problems;
}
