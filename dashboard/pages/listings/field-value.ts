/** A value of a listing as people read it, with its unit. */
import type { ListingFieldName } from '../../../src/listings/fields.ts';
import { listingFields } from '../../../src/listings/fields.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { valueNames } from '../../texts/fields.ts';
import { listingTexts } from '../../texts/listing.ts';

/** Text of the value as DuckDB's row has it; null when there is none. Texts of the portal stay as they are. */
export function fieldText(name: ListingFieldName, value: unknown, { format, language }: RequestContext): string | null {
  const texts = listingTexts[language];
  const field = listingFields[name];
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  if (typeof value === 'number') return numberText(value, field.unit);
  if (field.type === 'date' || field.type === 'timestamp') return format.date(String(value));
  if (typeof value !== 'string') return JSON.stringify(value);
  return 'values' in field ? (valueNames[language][value] ?? value) : value;

  function numberText(number: number, unit: string | null): string {
    if (unit === 'year') return String(number);
    // A millionth of a degree is a decimetre.
    if (unit === 'degrees WGS84') return String(Number(number.toFixed(6)));
    if (unit === 'EUR') return format.eur(number, 2);
    if (unit === 'EUR/month') return `${format.eur(number, 2)}${texts.months}`;
    if (unit === 'EUR/year') return `${format.eur(number, 2)}${texts.year}`;
    if (unit === 'EUR/m2') return `${format.eur(number, 2)}/m²`;
    return unit === 'm2' ? `${format.number(number, 1)}\u00A0m²` : format.number(number);
  }
}
