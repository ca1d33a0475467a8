/**
 * The history of a listing as a page of plain text: one paragraph for each thing that happened, oldest first, with the
 * time in Helsinki and what changed from what to what. Texts come from web pages: control characters are never passed on.
 */
import type { ListingHistory } from '../src/storage/history-reader.ts';
import { versionedFields } from '../src/storage/history-reader.ts';
import type { QueryRow } from '../src/storage/query.ts';
import { printable } from './text-table.ts';
import { wrapText } from './wrap-text.ts';

const widest = 100;
/** A longer value is cut; JSON has everything. */
const longestValue = 60;
/** Of these only that they have changed is said. */
const longFields: ReadonlySet<string> = new Set(['description', 'other_details_json']);
const moment = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Helsinki',
  dateStyle: 'short',
  timeStyle: 'short',
});
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const days = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** Something that happened, with its lines. */
interface Event {
  readonly at: string;
  readonly lines: readonly string[];
}

/** The page, newline at the end. @param width of the terminal, or null when it is none */
export function renderHistory(history: ListingHistory, width: number | null): string {
  const lineLength = Math.min(width ?? widest, widest);
  const { listing } = history;
  const place = [listing['address'], listing['district'], listing['city']].filter((part) => part !== null);
  const lines = [
    ...wrapText(`Listing ${history.listingId}: ${place.map(textOf).join(', ')}`, '  ', {
      width: lineLength,
      firstIndent: '',
    }),
    textOf(listing['url']),
    '',
    ...eventsOf(history).flatMap((event) => eventLines(event, lineLength)),
    '',
    ...[marketLine(history), ...linkLines(history)].flatMap((line) =>
      wrapText(line, '  ', { width: lineLength, firstIndent: '' }),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function eventLines({ at, lines }: Event, width: number): readonly string[] {
  const indent = ' '.repeat(18);
  return lines.flatMap((line, index) =>
    wrapText(line, `${indent}  `, { firstIndent: index === 0 ? `${timeOf(at)}  ` : indent, width }),
  );
}

function eventsOf({ versions, listing, priceEvents }: ListingHistory): readonly Event[] {
  const prices = new Map(priceEvents.map((event) => [event['event_at'], event]));
  const events: Event[] = [];
  versions.forEach((version, index) => {
    const before = versions[index - 1];
    const isAgain = before?.['end_reason'] === 'gone';
    const first = before === undefined ? ['first seen'] : isAgain ? ['offered again'] : [];
    const price = priceLine(prices.get(version['valid_from']));
    const changes = before === undefined ? [] : changesBetween(before, version);
    const lines = [...first, ...(price === null ? [] : [price]), ...changes];
    events.push({ at: textOf(version['valid_from']), lines: lines.length === 0 ? ['read anew'] : lines });
    if (version['end_reason'] !== 'gone') return;
    const isLast = index === versions.length - 1;
    const reason = isLast && listing['gone_reason'] !== null ? ` (${textOf(listing['gone_reason'])})` : '';
    events.push({ at: textOf(version['valid_to']), lines: [`gone${reason}`] });
  });
  return events;
}

function priceLine(event: QueryRow | undefined): string | null {
  if (event === undefined) return null;
  const unit = event['deal_type'] === 'rent' ? '€/month' : '€';
  const price = `${shown(event['price_eur'])} ${unit}`;
  if (event['kind'] === 'first') return `first price: ${price}`;
  const sign = Number(event['amount_eur']) > 0 ? '+' : '';
  const step = `${sign}${shown(event['amount_eur'])} ${unit}, ${sign}${shown(event['percent'])} %`;
  return `price ${textOf(event['kind'])}: ${shown(event['before_eur'])} -> ${price} (${step})`;
}

function changesBetween(before: QueryRow, after: QueryRow): readonly string[] {
  const lines: string[] = [];
  for (const field of versionedFields) {
    const [was, is] = [before[field] ?? null, after[field] ?? null];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    if (longFields.has(field)) lines.push(`${field}: ${otherChange(was, is)}`);
    else lines.push(`${field}: ${shown(was)} -> ${shown(is)}`);
  }
  return lines;
}

/** Of labels which ones; of a text only that it is another. */
function otherChange(was: unknown, is: unknown): string {
  if (!isLabels(was) || !isLabels(is)) return 'changed';
  const labels = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((label) => was[label] !== is[label]);
  return labels.map((label) => `${printable(label)}: ${shown(was[label])} -> ${shown(is[label])}`).join('; ');
}

function isLabels(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function marketLine({ marketTimes }: ListingHistory): string {
  const { listed_at: listedAt, gone_at: goneAt, days_on_market: own, home_days_on_market: ofHome } = marketTimes;
  const state = goneAt === null ? 'so far' : `until ${timeOf(textOf(goneAt))}`;
  const alone = `On the market ${days.format(Number(own))} days ${state}, listed ${timeOf(textOf(listedAt))}`;
  const earlier = Number(marketTimes['earlier_listings']);
  if (earlier === 0) return `${alone}.`;
  const noun = earlier === 1 ? 'the earlier listing' : `${earlier} earlier listings`;
  return `${alone}; with ${noun} of its home ${days.format(Number(ofHome))} days.`;
}

function linkLines({ earlier, later }: ListingHistory): readonly string[] {
  const line = (what: string, column: string) => (link: QueryRow) => {
    const reasons = Array.isArray(link['reasons_json']) ? link['reasons_json'] : [];
    const says = reasons.map((reason) => (isLabels(reason) ? textOf(reason['says']) : '')).join(', ');
    return `${what} listing of its home: ${textOf(link[column])} (score ${shown(link['score'])}: ${says})`;
  };
  return [...earlier.map(line('Earlier', 'earlier_listing_id')), ...later.map(line('Later', 'listing_id'))];
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'number') return number.format(value);
  const text = printable(typeof value === 'string' ? value : JSON.stringify(value));
  const characters = [...text];
  return characters.length <= longestValue ? text : `${characters.slice(0, longestValue - 1).join('')}…`;
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : printable(String(value));
}

function timeOf(instant: string): string {
  return moment.format(new Date(instant));
}
