/**
 * The limits of the cities as a person reads them: a line each, what is configured, what is in force, and who set it when.
 */
import { describeRate, perSecond } from '../workers/limits-event.ts';
import type { LimitsOfCity } from '../workers/operator/city-limits.ts';
import { columnWidths, renderRow } from './text-table.ts';
import { wrapText } from './wrap-text.ts';

const columns = [
  { title: 'city', isNumber: false },
  { title: 'requests/s', isNumber: true },
  { title: 'configured', isNumber: true },
  { title: 'workers', isNumber: true },
  { title: 'configured', isNumber: true },
  { title: 'set', isNumber: false },
] as const;

const helsinkiTime = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Helsinki',
  dateStyle: 'short',
  timeStyle: 'short',
});

/** @param portalIntervalMs of the portal as a whole; 0 = no limit @param width of the terminal; null = no limit */
export function renderCities(cities: readonly LimitsOfCity[], portalIntervalMs: number, width: number | null): string {
  const rows = cities.map(cellsOf);
  const widths = columnWidths(columns, rows, width);
  const table = [columns.map(({ title }) => title), ...rows].map((row) => renderRow(columns, row, widths)).join('');
  if (portalIntervalMs === 0) return table;
  const note = `All cities together: at most ${describeRate(portalIntervalMs)} (crawler.max_requests_per_second).`;
  return `${table}\n${wrapText(note, '', { width: width ?? 80 }).join('\n')}\n`;
}

function cellsOf({ city, configured, inForce, set }: LimitsOfCity): readonly string[] {
  return [
    city,
    rateCell(inForce.requestIntervalMs),
    rateCell(configured.requestIntervalMs),
    String(inForce.maxDetailWorkers),
    String(configured.maxDetailWorkers),
    set === null ? '' : `${helsinkiTime.format(Date.parse(set.setAtUtc))} on ${set.by}`,
  ];
}

function rateCell(intervalMs: number): string {
  return intervalMs === 0 ? 'no limit' : String(perSecond(intervalMs));
}
