/**
 * The audit report as one HTML page that needs nothing else: no script, no font, no image from anywhere. Every text is
 * escaped, for messages quote what a portal answered. It reads on a phone, in light and in dark.
 */
import type { AuditReport, CityOutcome, DataChanges, TimelineEntry } from './audit-report.ts';

interface HtmlOptions {
  /** An instant as people in Helsinki read it, from ISO 8601. */
  readonly showInstant: (utc: string) => string;
}

const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#d8dde3;--back:#fff;--card:#f5f7f9;--ok:#17713a;--warn:#8a5a00;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaee;--soft:#9aa5b1;--line:#363d45;--back:#14171a;--card:#1d2126;--ok:#6fcf8e;--warn:#f0b84a;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;margin:0 0 .25rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0}
.soft{color:var(--soft)}.ok{color:var(--ok)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(8rem,1fr));gap:.5rem;margin:1rem 0;padding:0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}
.figures dt{color:var(--soft);font-size:.85rem}.figures dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.95rem}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
ol{list-style:none;margin:0;padding:0}li{border-bottom:1px solid var(--line);padding:.4rem 0;overflow-wrap:anywhere}
time,code{font-family:ui-monospace,monospace;font-size:.85rem}`;

/** The whole page. */
export function renderAuditHtml(report: AuditReport, { showInstant }: HtmlOptions): string {
  const { executionId, status, nominalDay, startedAtUtc, finishedAtUtc, executionTimeSeconds } = report;
  const span = [startedAtUtc, finishedAtUtc].map((at) => (at === null ? '…' : showInstant(at))).join(' – ');
  const took = executionTimeSeconds === null ? '' : `, ${executionTimeSeconds} s of work`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit report of ${escapeHtml(executionId)}</title><style>${style}</style></head><body>
<h1>Audit report of ${escapeHtml(executionId)}</h1>
<p><strong class="${toneOf(status)}">${escapeHtml(status)}</strong> · ${escapeHtml(nominalDay)} · ${escapeHtml(span)}${took}</p>
<p class="soft">Times are those of Helsinki.</p>
${renderMissing(report)}${renderChanges(report.dataChanges)}${renderCities(report.cities)}${renderRequests(report)}
${renderErrors(report)}${renderTimeline(report, showInstant)}</body></html>
`;
}

function renderMissing({ missingParts }: AuditReport): string {
  const items = missingParts.map(({ part, reason }) => `<li>${escapeHtml(part)}: ${escapeHtml(reason)}</li>`);
  return items.length === 0 ? '' : `<h2>Went on without</h2><ol class="warn">${items.join('')}</ol>`;
}

const changeTitles = {
  new: 'new',
  changed: 'changed',
  unchanged: 'unchanged',
  unfetched: 'of these unfetched',
  removed: 'removed',
  goneCandidates: 'not seen',
  failed: 'failed',
} as const satisfies Record<keyof DataChanges, string>;

function renderChanges(changes: DataChanges): string {
  const figures = Object.entries(changeTitles).map(([name, title]) => {
    const value = Object.entries(changes).find(([key]) => key === name)?.[1] ?? 0;
    return `<div><dt>${title}</dt><dd>${grouped.format(value)}</dd></div>`;
  });
  return `<h2>Listings</h2><dl class="figures">${figures.join('')}</dl>`;
}

function renderCities(cities: readonly CityOutcome[]): string {
  const rows = cities.map((city) => [
    `${escapeHtml(city.city)}${city.reason === null ? '' : `<br><span class="soft">${escapeHtml(city.reason)}</span>`}`,
    `<span class="${toneOf(city.verdict ?? '')}">${escapeHtml(city.verdict ?? 'open')}</span>`,
    ...[city.discovered, city.new, city.changed, city.unchanged, city.failed, city.requests].map(number),
    ...[city.retries, city.rateLimitHits, city.breakerTrips].map(number),
  ]);
  const titles = ['City', 'Verdict', '#Found', '#New', '#Changed', '#Unchanged', '#Failed', '#Requests'];
  return section('Cities', table([...titles, '#Retries', '#Rate limits', '#Breaker trips'], rows), rows.length);
}

function renderRequests({ requests }: AuditReport): string {
  const ms = (value: number | null) => (value === null ? '–' : `${grouped.format(Math.round(value))} ms`);
  const rows = requests.map((kind) => [
    escapeHtml(kind.kind),
    ...[kind.requests, kind.failed].map(number),
    ...[kind.medianMs, kind.p95Ms, kind.maxMs].map(ms),
    `${grouped.format(Math.round(kind.bytes / 1024))} KiB`,
  ]);
  const titles = ['Kind', '#Requests', '#Failed', '#Median', '#95 %', '#Longest', '#Received'];
  return section('Requests', table(titles, rows), rows.length);
}

function renderErrors({ errors }: AuditReport): string {
  const rows = errors.map(({ category, requests, givenUp }) => [
    escapeHtml(category),
    number(requests),
    number(givenUp),
  ]);
  return section('Errors', table(['Category', '#Requests', '#Given up'], rows), rows.length);
}

function renderTimeline({ timeline, eventsLeftOut }: AuditReport, showInstant: HtmlOptions['showInstant']): string {
  const leftOut =
    eventsLeftOut === 0 ? '' : `<p class="soft">${grouped.format(eventsLeftOut)} more events are in the log.</p>`;
  const items = timeline.map((event) => renderEvent(event, showInstant)).join('\n');
  return section('Timeline', `<ol>${items}</ol>${leftOut}`, timeline.length);
}

function renderEvent(
  { occurredAtUtc, type, severity, city, nodeId, message }: TimelineEntry,
  show: (utc: string) => string,
) {
  const where = [city, nodeId].filter((text) => text !== null).join(' · ');
  return (
    `<li><time datetime="${escapeHtml(occurredAtUtc)}">${escapeHtml(show(occurredAtUtc))}</time> ` +
    `<code class="${toneOf(severity)}">${escapeHtml(type)}</code> <span class="soft">${escapeHtml(where)}</span><br>${escapeHtml(message)}</li>`
  );
}

function section(title: string, body: string, entries: number): string {
  return `<h2>${title}</h2>${entries === 0 ? '<p class="soft">None.</p>' : body}`;
}

/** Titles with `#` in front stand over numbers; cells are HTML already. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const classOf = (index: number) => (titles[index]?.startsWith('#') ? ' class="number"' : '');
  const head = titles.map((title, index) => `<th${classOf(index)}>${title.replace(/^#/, '')}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, index) => `<td${classOf(index)}>${cell}</td>`).join('')}</tr>`);
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

function number(value: number): string {
  return grouped.format(value);
}

function toneOf(word: string): string {
  if (['completed', 'complete', 'INFO'].includes(word)) return 'ok';
  return ['failed', 'foreign', 'ERROR', 'CRITICAL'].includes(word) ? 'bad' : 'warn';
}

const escaped: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => escaped[character] ?? '');
}
