/**
 * The audit report as text for a terminal.
 */
import type { AuditReport, CityOutcome } from '../src/lineage/audit-report.ts';
import { columnWidths, renderRow } from './text-table.ts';

/** An instant on a clock in Helsinki, `2026-11-22 05:30:00`. @param utc ISO 8601 */
export function helsinkiTime(utc: string): string {
  return helsinki.format(new Date(utc));
}

/** The page. @param width of the terminal in characters; null when nothing needs cutting */
export function renderAuditText(report: AuditReport, width: number | null): string {
  const { executionId, status, startedAtUtc, finishedAtUtc, executionTimeSeconds, missingParts } = report;
  const from = startedAtUtc === null ? 'not started' : helsinkiTime(startedAtUtc);
  const to = finishedAtUtc === null ? '' : ` to ${helsinkiTime(finishedAtUtc)}`;
  const took = executionTimeSeconds === null ? '' : `, ${executionTimeSeconds} s of work`;
  const sections = [
    `${executionId} is ${status}\n${from}${to}${took} (times of Helsinki)\n`,
    ...missingParts.map(({ part, reason }) => `went on without ${part}: ${reason}\n`),
    titled('Listings', changesSentence(report)),
    titled('Cities', citiesTable(report.cities, width)),
    titled('Requests', requestsTable(report, width)),
    titled('Errors', errorsTable(report, width)),
    titled('Timeline', timelineLines(report, width)),
  ];
  return sections.join('');
}

const helsinki = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Helsinki',
  dateStyle: 'short',
  timeStyle: 'medium',
});

function titled(title: string, body: string): string {
  return `\n${title}\n${body === '' ? '  none\n' : body}`;
}

function changesSentence({ dataChanges }: AuditReport): string {
  const { new: added, changed, unchanged, unfetched, removed, goneCandidates, failed } = dataChanges;
  const gone = `${removed} removed, ${goneCandidates} not seen, ${failed} failed`;
  return `  ${added} new, ${changed} changed, ${unchanged} unchanged (${unfetched} of them unfetched), ${gone}\n`;
}

const text = (title: string) => ({ title, isNumber: false });
const number = (title: string) => ({ title, isNumber: true });

function citiesTable(cities: readonly CityOutcome[], width: number | null): string {
  const columns = [
    ...[text('  city'), text('verdict'), number('found'), number('new'), number('changed'), number('failed')],
    ...[number('requests'), number('retries'), number('trips'), text('reason')],
  ];
  const rows = cities.map((city) => [
    `  ${city.city}`,
    city.verdict ?? 'open',
    ...[city.discovered, city.new, city.changed, city.failed, city.requests].map(String),
    ...[city.retries + city.rateLimitHits, city.breakerTrips].map(String),
    city.reason ?? '',
  ]);
  return table(columns, rows, width);
}

function requestsTable({ requests }: AuditReport, width: number | null): string {
  const columns = [
    text('  kind'),
    number('requests'),
    number('failed'),
    number('median'),
    number('95 %'),
    number('longest'),
  ];
  const ms = (value: number | null) => (value === null ? '' : `${Math.round(value)} ms`);
  const rows = requests.map((kind) => [
    `  ${kind.kind}`,
    ...[kind.requests, kind.failed].map(String),
    ...[kind.medianMs, kind.p95Ms, kind.maxMs].map(ms),
  ]);
  return table(columns, rows, width);
}

function errorsTable({ errors }: AuditReport, width: number | null): string {
  const columns = [text('  category'), number('requests'), number('given up')];
  const rows = errors.map(({ category, requests, givenUp }) => [`  ${category}`, String(requests), String(givenUp)]);
  return table(columns, rows, width);
}

function timelineLines({ timeline, eventsLeftOut }: AuditReport, width: number | null): string {
  const columns = [text('  time'), text('event'), text('severity'), text('what')];
  const rows = timeline.map(({ occurredAtUtc, type, severity, message }) => [
    `  ${helsinkiTime(occurredAtUtc)}`,
    type,
    severity,
    message,
  ]);
  const leftOut = eventsLeftOut === 0 ? '' : `  and ${eventsLeftOut} more events in the log\n`;
  return table(columns, rows, width) + leftOut;
}

function table(
  columns: Parameters<typeof columnWidths>[0],
  rows: readonly (readonly string[])[],
  width: number | null,
): string {
  if (rows.length === 0) return '';
  const widths = columnWidths(columns, rows, width);
  return [columns.map(({ title }) => title), ...rows].map((row) => renderRow(columns, row, widths)).join('');
}
