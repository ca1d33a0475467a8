/**
 * The breakers as a person reads them: a line each, what holds a city and until when, and why it came to that. Times are
 * Helsinki's.
 */
import type { BreakerMetrics } from '../src/resilience/circuit-breaker.ts';
import { columnWidths, renderRow } from './text-table.ts';
import { wrapText } from './wrap-text.ts';

const columns = [
  { title: 'breaker', isNumber: false },
  { title: 'state', isNumber: false },
  { title: 'since', isNumber: false },
  { title: 'next trial', isNumber: false },
  { title: 'failures', isNumber: true },
  { title: 'opened', isNumber: true },
] as const;

const helsinkiTime = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Helsinki',
  dateStyle: 'short',
  timeStyle: 'short',
});

/** Lines of a table, then a paragraph for each breaker that is not closed. @param width of the terminal; null = no limit */
export function renderBreakers(breakers: readonly BreakerMetrics[], width: number | null): string {
  const rows = breakers.map(cellsOf);
  const widths = columnWidths(columns, rows, width);
  const table = [columns.map(({ title }) => title), ...rows].map((row) => renderRow(columns, row, widths)).join('');
  return table + breakers.flatMap((breaker) => notesOf(breaker, width ?? 80)).join('');
}

function cellsOf(breaker: BreakerMetrics): readonly string[] {
  const { name, isForced, status, retryAtMs, failures, openings, history } = breaker;
  const last = history.findLast(({ kind }) => kind !== 'node_isolated' && kind !== 'node_returned');
  return [
    name,
    isForced ? 'open, held' : stateWords[status],
    last === undefined ? '' : helsinkiTime.format(last.atMs),
    retryAtMs === null ? '' : helsinkiTime.format(retryAtMs),
    String(failures),
    openings === 0 ? '' : `${openings} ×`,
  ];
}

const stateWords = { CLOSED: 'closed', OPEN: 'open', HALF_OPEN: 'on trial' } as const;

/** Why a breaker is open, and which nodes are kept from asking. */
function notesOf(breaker: BreakerMetrics, width: number): readonly string[] {
  const { name, status, isolatedNodes, history } = breaker;
  const cause = history.findLast(({ kind }) => kind === 'opened' || kind === 'forced_open');
  const notes = status === 'CLOSED' || cause === undefined ? [] : [`${cause.reason} (${cause.nodeId})`];
  for (const { nodeId, untilMs } of isolatedNodes) {
    notes.push(`${nodeId} fails alone and is kept from asking until ${helsinkiTime.format(untilMs)}`);
  }
  return notes.map((note) => `\n${[`${name}:`, ...wrapText(note, '  ', { width })].join('\n')}\n`);
}
