/**
 * `oikotie listings`: a look at the stored listings, newest first. It only reads.
 */
import { nominalDayOf, toUtcIso } from '../src/clock.ts';
import type { DealType } from '../src/listings/fields.ts';
import type { QueryRow } from '../src/storage/query.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';
import { columnWidths, renderRow, widthOf } from './text-table.ts';

export interface ListingsOptions {
  readonly databasePath: string;
  readonly city?: string;
  readonly deal?: DealType;
  /** As they were at this instant (ISO 8601), or at the end of this day in Helsinki (`YYYY-MM-DD`); now by default. */
  readonly asOf?: number;
  /** Rows at most. */
  readonly limit: number;
  readonly json: boolean;
}

const narrowSpace = '\u202f';
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** `from`: narrowest terminal, in characters, that a column is shown in. */
const allColumns = [
  { title: 'id', from: 0, isNumber: false, cellOf: (row: QueryRow) => textOf(row['listing_id']) },
  { title: 'address', from: 0, isNumber: false, cellOf: (row: QueryRow) => textOf(row['address']) },
  { title: 'district', from: 72, isNumber: false, cellOf: (row: QueryRow) => textOf(row['district']) },
  { title: 'city', from: 56, isNumber: false, cellOf: (row: QueryRow) => textOf(row['city']) },
  { title: 'price', from: 0, isNumber: true, cellOf: priceOf },
  { title: 'm²', from: 0, isNumber: true, cellOf: (row: QueryRow) => numberOf(row['area_m2']) },
  { title: 'rooms', from: 90, isNumber: true, cellOf: (row: QueryRow) => numberOf(row['rooms']) },
  { title: '€/m²', from: 48, isNumber: true, cellOf: pricePerM2Of },
  { title: 'year', from: 80, isNumber: true, cellOf: (row: QueryRow) => textOf(row['year_built']) },
  {
    title: 'last seen',
    from: 100,
    isNumber: false,
    cellOf: (row: QueryRow) => dayOf(textOf(row['last_seen_at'] ?? row['fetched_at'])),
  },
] as const;

/** Prints the listings as a table or as JSON and gives back the exit code: 3 when the database cannot be read. */
export function runListings(options: ListingsOptions, io: CommandIo): Promise<number> {
  const asOfUtc = options.asOf === undefined ? null : toUtcIso(options.asOf);
  return reportStorageErrors(io, async () => {
    return readData(options.databasePath, io, async (reader) => {
      const { total, rows } = await reader.listings({
        limit: options.limit,
        ...(options.city === undefined ? {} : { city: options.city }),
        ...(options.deal === undefined ? {} : { dealType: options.deal }),
        ...(asOfUtc === null ? {} : { asOfUtc }),
      });
      io.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : renderListings(rows, widthOf(io.stdout)));
      const then = asOfUtc === null ? '' : `, as of ${asOfUtc}`;
      if (!options.json)
        io.stderr.write(`${grouped.format(rows.length)} of ${grouped.format(total)} listings${then}\n`);
      return exitCodes.ok;
    });
  });
}

/** A day stands for its end in Helsinki. */
function renderListings(rows: readonly QueryRow[], width: number | null): string {
  if (rows.length === 0) return '';
  const columns = allColumns.filter(({ from }) => width === null || width >= from);
  const cells = rows.map((row) => columns.map(({ cellOf }) => cellOf(row)));
  const widths = columnWidths(columns, cells, width);
  const titles = columns.map(({ title }) => title);
  return [titles, ...cells].map((row) => renderRow(columns, row, widths)).join('');
}

function priceOf(row: QueryRow): string {
  if (row['deal_type'] !== 'rent') return withUnit(numberOf(row['price_eur']), '€');
  return withUnit(numberOf(row['rent_eur_month']), '€/kk');
}

function pricePerM2Of(row: QueryRow): string {
  const printed = row['price_per_m2_eur'];
  if (typeof printed === 'number') return numberOf(Math.round(printed));
  const [amount, area] = [row['price_eur'] ?? row['rent_eur_month'], row['area_m2']];
  const isKnown = typeof amount === 'number' && typeof area === 'number' && area > 0;
  return isKnown ? numberOf(row['deal_type'] === 'rent' ? amount / area : Math.round(amount / area)) : '';
}

function withUnit(number: string, unit: string): string {
  return number === '' ? '' : `${number} ${unit}`;
}

function numberOf(value: unknown): string {
  return typeof value === 'number' ? grouped.format(value).replaceAll(',', narrowSpace) : '';
}

/** The day in Helsinki. */
function dayOf(instant: string): string {
  return instant === '' ? '' : nominalDayOf(Date.parse(instant));
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
