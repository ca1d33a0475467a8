/**
 * The politeness of a day as a page of plain text that an operator can send to the portal: at most 80 characters wide,
 * numbers as they were recorded, and a word where something cannot be said.
 */
import type { LimitInForce, PolitenessDay, ScopePoliteness } from '../src/storage/politeness-reader.ts';
import { wrapText } from './wrap-text.ts';

const widest = 80;
const labelWidth = 16;
const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const clockTime = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'medium' });

const explanation = [
  'Limit: the smallest time between two requests that was in force when each of them left (from the configuration or',
  'the Crawl-delay of robots.txt, as recorded then).',
  'Worst window: the most requests within any time as long as that, wherever it begins, its end not included; more than',
  '1 is above the limit.',
  'Busiest 60 s: the most requests within any 60 seconds. Per minute: by the minutes of the clock in which anything was',
  'asked. Every request counts: listings, searches, sessions, robots.txt, redirects and repeats, answered or not. Times',
  'are kept to the millisecond, right before the socket.',
].join(' ');

/** The page, newline at the end. @param city the one city asked about, if any @param width of the terminal, or null */
export function renderPoliteness(report: PolitenessDay, city: string | undefined, width: number | null): string {
  const lineLength = Math.min(width ?? widest, widest);
  const { day, scopes } = report;
  const title = `How politely the portal was asked on ${day} (Helsinki time)`;
  if (scopes.length === 0) return page([...wrap(title, lineLength), '', ...wrap(nothingKnown(report), lineLength)]);
  const lines = [...wrap(title, lineLength), '', ...wrap(verdictOf(scopes), lineLength)];
  if (report.detail !== 'requests') lines.push('', ...wrap(addedUp, lineLength));
  for (const scope of scopes) lines.push('', ...scopeLines(scope, lineLength));
  if (city !== undefined && scopes.length === 1) lines.push('', ...wrap(`Nothing was asked for ${city}.`, lineLength));
  return page([...lines, '', ...wrap(explanation, lineLength)]);
}

const addedUp =
  'The single requests of this day are no longer kept; they have been added up per minute. Windows, gaps and pauses ' +
  'can no longer be computed; counts, answers and bytes are exact.';

function nothingKnown({ knownDays }: PolitenessDay): string {
  const known =
    knownDays === null ? 'There are none of any day.' : `There are some from ${knownDays.first} to ${knownDays.last}.`;
  return `No requests were recorded on this day: either nothing was asked, or this database was not used. ${known}`;
}

function verdictOf(scopes: readonly ScopePoliteness[]): string {
  const above = scopes.filter(({ spacing }) => spacing?.isWithinLimit === false);
  if (above.length > 0) return `ABOVE THE LIMIT: ${above.map(nameOf).join(', ')}`;
  const unknown = scopes.filter(({ spacing }) => spacing === null);
  if (unknown.length > 0) return `Cannot be judged in full: ${unknown.map(nameOf).join(', ')}`;
  return 'Within every limit.';
}

function nameOf({ city }: ScopePoliteness): string {
  return city ?? 'the portal as a whole';
}

function scopeLines(scope: ScopePoliteness, width: number): readonly string[] {
  const { requests, perMinute, answers, robots } = scope;
  const rows: readonly (readonly [string, string])[] = [
    ['requests', `${count.format(requests)}, from ${timeOf(scope.firstAtUtc)} to ${timeOf(scope.lastAtUtc)}`],
    ['limit', limitText(scope.limits)],
    ['worst window', windowText(scope)],
    ['smallest gap', smallestGapText(scope)],
    ['busiest 60 s', busiestText(scope)],
    [
      'per minute',
      `at most ${count.format(perMinute.max)}; ${count.format(perMinute.p95)} or fewer in 95 of 100 minutes`,
    ],
    ['longest pause', scope.longestPauseMs === null ? 'not known' : durationText(scope.longestPauseMs)],
    ['slowed down', slowDownText(scope.limits)],
    ['daily budget', budgetText(scope)],
    ['refusals', `429: ${answers.status429}, 403: ${answers.status403}`],
    ['failures', `5xx: ${answers.status5xx}, no answer: ${answers.none}`],
    ['answers', `${bytesText(scope.bodyBytes)}, ${count.format(scope.meanDurationMs)} ms each on average`],
    ['robots.txt', robotsText(robots)],
  ];
  return [
    scope.city ?? 'The portal as a whole',
    ...rows.flatMap(([label, text]) =>
      wrapText(text, ' '.repeat(labelWidth + 2), { firstIndent: `  ${label.padEnd(labelWidth)}`, width }),
    ),
  ];
}

/** Each interval once, with the time from which it held where there were several. */
function limitText(limits: readonly LimitInForce[]): string {
  const changes = limits.filter(({ intervalMs }, index) => intervalMs !== limits[index - 1]?.intervalMs);
  if (changes.length === 0) return 'none was recorded';
  const texts = changes.map(({ intervalMs, fromUtc }, index) => {
    const since = index === 0 ? '' : `from ${timeOf(fromUtc)} `;
    return since + (intervalMs === 0 ? 'none of its own' : `one request every ${durationText(intervalMs)}`);
  });
  return texts.join(', ');
}

function windowText({ spacing, limits }: ScopePoliteness): string {
  if (spacing === null) return 'cannot be computed';
  if (limits.every(({ intervalMs }) => intervalMs === 0)) return 'no limit to judge it by';
  const { worstWindow, isWithinLimit } = spacing;
  return `${worstWindow} where 1 is allowed: ${isWithinLimit ? 'within the limit' : 'ABOVE THE LIMIT'}`;
}

function smallestGapText({ spacing }: ScopePoliteness): string {
  if (spacing === null) return 'cannot be computed';
  return spacing.smallestGapMs === null ? 'there was one request only' : durationText(spacing.smallestGapMs);
}

function busiestText({ spacing, limits }: ScopePoliteness): string {
  if (spacing === null) return 'cannot be computed';
  const intervals = new Set(limits.map(({ intervalMs }) => intervalMs));
  const [intervalMs = 0] = intervals;
  const allowed =
    intervals.size === 1 && intervalMs > 0 ? ` of ${count.format(Math.ceil(60_000 / intervalMs))} allowed` : '';
  return `${count.format(spacing.busiestMinute)}${allowed}`;
}

function slowDownText(limits: readonly LimitInForce[]): string {
  const most = Math.max(1, ...limits.map(({ slowDown }) => slowDown));
  if (most === 1) return 'no';
  const first = limits.find(({ slowDown }) => slowDown > 1);
  return `up to ${count.format(most)} times, first at ${timeOf(first?.fromUtc ?? '')}`;
}

function budgetText({ requests, limits }: ScopePoliteness): string {
  const budget = limits.at(-1)?.dailyRequestBudget ?? null;
  return budget === null ? 'none' : `${count.format(requests)} of ${count.format(budget)} requests`;
}

function robotsText({ allowed, disallowed, unavailable }: ScopePoliteness['robots']): string {
  if (allowed + disallowed + unavailable === 0) return 'no decision was recorded';
  const unread = unavailable === 0 ? '' : `, not made because it could not be read ${count.format(unavailable)}`;
  return `allowed ${count.format(allowed)}, disallowed and not made ${count.format(disallowed)}${unread}`;
}

function durationText(ms: number): string {
  if (ms < 1000) return `${count.format(ms)} ms`;
  if (ms < 120_000) return `${new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 }).format(ms / 1000)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function bytesText(bytes: number): string {
  return bytes < 1_000_000 ? `${count.format(bytes / 1000)} kB` : `${count.format(bytes / 1_000_000)} MB`;
}

function timeOf(utc: string): string {
  return clockTime.format(Date.parse(utc));
}

function wrap(text: string, width: number): readonly string[] {
  return wrapText(text, '', { width });
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
