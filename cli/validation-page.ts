/**
 * The report of a validation as text for a terminal of any width: per city what was read, the weakest core fields, the
 * identities, the rate, and why it has not passed. Everything else is in the JSON.
 */
import type { ValidationLimits, ValidationStep } from '../src/quality/judge-validation.ts';
import type { CityValidation, ValidationReport } from '../workers/validation.ts';
import { wrapText } from './wrap-text.ts';

const widest = 80;
const labelWidth = 14;
/** Core fields that are shown, those of the fewest pages first. */
const shownFields = 3;
const count = new Intl.NumberFormat('en-US');

interface PageOptions {
  readonly limits: ValidationLimits;
  /** As they were asked for; null = the enabled ones. */
  readonly cities: readonly string[] | null;
  /** Of the terminal; null when it is none. */
  readonly width: number | null;
}

/** The page, newline at the end. */
export function renderValidation(report: ValidationReport, { limits, cities, width }: PageOptions): string {
  const lineLength = Math.min(width ?? widest, widest);
  const wrap = (text: string) => wrapText(text, '', { width: lineLength });
  const { step, isPassed, isForced, portalRate, databasePath } = report;
  const title = `Validation step ${step}${isForced ? ', forced' : ''}: ${isPassed ? 'passed' : 'NOT PASSED'}`;
  const end = isPassed
    ? step === 3
      ? wrap('The next run may collect everything: oikotie run')
      : nextStep(step, cities)
    : [];
  return `${[
    ...wrap(title),
    '',
    ...report.cities.flatMap((city) => [...cityLines(city, limits, lineLength), '']),
    ...wrap(`The portal as a whole: ${rateText(portalRate)}`),
    ...end,
    ...(databasePath === null ? [] : collectedAt(databasePath)),
  ].join('\n')}\n`;
}

/** The command of a step, as it is to be typed. */
export function validateCommand(step: ValidationStep, cities: readonly string[] | null): string {
  const names = (cities ?? []).map((city) => (/\s/.test(city) ? `"${city}"` : city));
  return ['oikotie validate --step', step, ...(names.length === 0 ? [] : ['--city', ...names])].join(' ');
}

/** Commands stay on a line of their own, so that they can be copied. */
function nextStep(step: ValidationStep, cities: readonly string[] | null): readonly string[] {
  return ['Next:', `  ${validateCommand(step === 1 ? 2 : 3, cities)}`];
}

function collectedAt(databasePath: string): readonly string[] {
  return [
    'What was collected, until the next validation:',
    `  oikotie sql "from failed_listings" --database ${databasePath}`,
  ];
}

function cityLines(city: CityValidation, limits: ValidationLimits, width: number): readonly string[] {
  const { tried, stored, parsedShare } = city;
  const rows: readonly (readonly [string, string])[] = [
    [
      'read',
      `${count.format(stored)} of ${count.format(tried)} listings${shareText(parsedShare, limits.minParsedShare)}`,
    ],
    ['core fields', fieldsText(city, limits.minFieldCoverage)],
    ['identities', identitiesText(city, limits.minIdentityShare)],
    ['requests', rateText(city.rate)],
    ...city.reasons.map((reason): readonly [string, string] => ['NOT PASSED', reason]),
  ];
  return [
    ...wrapText(`${city.city}: ${city.isPassed ? 'passed' : 'NOT PASSED'}`, '  ', { firstIndent: '', width }),
    ...rows.flatMap(([label, text]) =>
      wrapText(text, ' '.repeat(labelWidth), { firstIndent: `  ${label.padEnd(labelWidth - 2)}`, width }),
    ),
  ];
}

function fieldsText({ coverage }: CityValidation, minShare: number): string {
  if (coverage.length === 0) return 'no page was read';
  const ranked = [...coverage].sort((left, right) => left.present / left.pages - right.present / right.pages);
  const shown = ranked.slice(0, shownFields).map(({ field, present, pages }) => `${field} ${percent(present / pages)}`);
  return `${shown.join(', ')}; the other ${ranked.length - shown.length} more (${percent(minShare)} expected of each)`;
}

function identitiesText({ identityShare, identities }: CityValidation, minShare: number): string {
  if (identityShare === null) return 'no record was stored';
  return `hold on ${percent(identityShare)} of ${count.format(identities.records)} records (${percent(minShare)} expected)`;
}

function shareText(share: number | null, minShare: number): string {
  return share === null ? '' : `: ${percent(share)} (${percent(minShare)} expected)`;
}

function rateText({ requests, worstWindow }: CityValidation['rate']): string {
  const asked = `${count.format(requests)} request${requests === 1 ? '' : 's'}`;
  if (requests === 0) return asked;
  if (worstWindow === null) return `${asked}; how close together cannot be told`;
  return `${asked}; at most ${worstWindow} within the time of one: ${worstWindow <= 1 ? 'within the limit' : 'ABOVE THE LIMIT'}`;
}

function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10}%`;
}
