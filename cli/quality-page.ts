/**
 * The quality of the series as text for a terminal of any width: per city a few lines in words, then the fields whose
 * share of pages has fallen most. Everything else is in the JSON.
 */
import { nominalDayOf } from '../src/clock.ts';
import type { FieldCoverage } from '../src/quality/judge-drift.ts';
import type { CityQuality, QualityReport, Quarantine } from '../src/storage/quality-reader.ts';
import type { Cells } from './text-table.ts';
import { columnWidths, renderRow } from './text-table.ts';
import { wrapText } from './wrap-text.ts';

const widest = 80;
const labelWidth = 12;
/** Fields of a city that are shown; the JSON has all. */
const shownFields = 10;
const count = new Intl.NumberFormat('en-US');

/** The page, newline at the end; `width` is the terminal's, null when it is none. */
export function renderQuality(report: QualityReport, width: number | null): string {
  const lineLength = Math.min(width ?? widest, widest);
  const lines = report.cities.flatMap((city) => [...cityLines(city, lineLength), '']);
  if (report.cities.length === 0) lines.push('Nothing is stored yet.', '');
  const open = report.openQuarantines.flatMap((each) => quarantineLines(each, lineLength));
  if (open.length === 0) open.push(...wrapText('Nothing is in quarantine.', '', { width: lineLength }));
  return `${[...lines, ...open].join('\n')}\n`;
}

/** What is, or was, in quarantine and why; `width` is that of a line. */
export function quarantineLines(quarantine: Quarantine, width: number): readonly string[] {
  const { executionId, city, state, listings, released, reason, openedAtUtc } = quarantine;
  const what = `${city} in ${executionId}: ${listingsText(listings)} ${statesText(state, released)}, since ${nominalDayOf(Date.parse(openedAtUtc))}`;
  return [...wrapText(what, '  ', { firstIndent: '', width }), ...wrapText(reason, '  ', { width })];
}

function statesText(state: Quarantine['state'], released: number | null): string {
  if (state === 'open') return 'in quarantine';
  return state === 'discarded' ? 'discarded' : `released (${count.format(released ?? 0)} applied)`;
}

function cityLines({ city, run, scores, flags }: CityQuality, width: number): readonly string[] {
  const label = (name: string, text: string) =>
    wrapText(text, ' '.repeat(labelWidth), { firstIndent: `  ${name.padEnd(labelWidth - 2)}`, width });
  const title =
    run === null ? city : `${city}: ${run.executionId}, ${run.verdict}${run.isQuarantined ? ', in quarantine' : ''}`;
  return [
    ...wrapText(title, '  ', { firstIndent: '', width }),
    ...(run === null ? [] : label('history', run.drift ?? 'not compared')),
    ...label('scores', scoresText(scores)),
    ...label('flagged', flagsText(flags)),
    ...(run === null ? [] : coverageLines(run.coverage, width)),
  ];
}

function scoresText({ listings, mean, lowest, low }: CityQuality['scores']): string {
  if (mean === null || lowest === null) return 'no listing is on offer';
  return `${mean.toFixed(2)} on average over ${listingsText(listings)} on offer, lowest ${lowest.toFixed(2)}; ${count.format(low)} below 0.80`;
}

/** By kind of issue, most listings first; a field that is merely missing is told by the coverage. */
function flagsText(flags: CityQuality['flags']): string {
  const ofCode = new Map<string, number>();
  for (const { code, listings } of flags) {
    if (code !== 'MISSING_VALUE') ofCode.set(code, (ofCode.get(code) ?? 0) + listings);
  }
  if (ofCode.size === 0) return 'nothing';
  return [...ofCode].map(([code, times]) => `${code} ${count.format(times)}`).join(', ');
}

const columns = [
  { title: 'field', isNumber: false },
  { title: 'now', isNumber: true },
  { title: 'usual', isNumber: true },
  { title: 'pages', isNumber: true },
  { title: 'runs', isNumber: true },
] as const;

/** The fields that have fallen most against their history, or, without one, those that are missing most. */
function coverageLines(coverage: readonly FieldCoverage[], width: number): readonly string[] {
  if (coverage.length === 0) return [];
  const dealTypes = new Set(coverage.map(({ dealType }) => dealType));
  const nameOf = ({ dealType, field }: FieldCoverage) => (dealTypes.size > 1 ? `${field} (${dealType})` : field);
  const ranked = [...coverage].sort((left, right) => fallOf(right) - fallOf(left)).slice(0, shownFields);
  const rows: readonly Cells[] = ranked.map((each) => [
    nameOf(each),
    percent(each.present / each.pages),
    each.usualShare === null ? 'unknown' : percent(each.usualShare),
    count.format(each.pages),
    count.format(each.runs),
  ]);
  const widths = columnWidths(columns, rows, width - 2);
  const table = [columns.map(({ title }) => title), ...rows].map(
    (row) => `  ${renderRow(columns, row, widths).trimEnd()}`,
  );
  const more = coverage.length - ranked.length;
  const rest = more > 0 ? wrapText(`${more} more fields: --json`, '  ', { width }) : [];
  return [...table, ...rest];
}

function fallOf({ present, pages, usualShare }: FieldCoverage): number {
  return usualShare === null ? -1 - present / pages : usualShare - present / pages;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function listingsText(listings: number): string {
  return `${count.format(listings)} listing${listings === 1 ? '' : 's'}`;
}
