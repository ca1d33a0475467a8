/**
 * One card of a search response -> Card, for the two shapes the portal answers with. Field by field lenient: a bad
 * field costs that field and leaves an issue; only a card without id or deal type is given up.
 */
import type { Card } from '../listings/card.ts';
import type { DealType } from '../listings/fields.ts';
import type { Issue, Reading } from '../listings/issue.ts';
import { dealTypeOf, listingUrl, readListingUrl } from './listing-url.ts';
import type { RawCard } from './raw-card.ts';
import { readRawCard } from './raw-card.ts';
import { readMonthlyEur, readTotalEur } from './read-amount.ts';
import { readAreaM2 } from './read-area.ts';
import { readInteger, readYear } from './read-count.ts';
import { readInstant } from './read-date.ts';
import type { Reader } from './reading.ts';
import { issueOf, unreadable } from './reading.ts';

/** Reads one card of either shape. Null when it has no usable id or deal type; the issues say why. */
export function readCard(body: unknown, origin: string): Reading<Card | null> {
  const issues: Issue[] = [];
  const raw = readRawCard(body, issues);
  return { value: raw === null ? null : cardOf(raw, origin, issues), issues };
}

function cardOf(raw: RawCard, origin: string, issues: Issue[]): Card | null {
  const linked = raw.url ? readListingUrl(raw.url, origin) : null;
  const dealType = linked?.dealType ?? cardDealType(raw);
  if (dealType === null) {
    issues.push(
      issueOf('UNEXPECTED_SHAPE', 'dealType', `card ${raw.id}: neither for sale nor for rent`, raw.url ?? ''),
    );
    return null;
  }
  const read = <Value>(reader: Reader<Value>, text: string | null, field: string): Value | null => {
    if (text === null || text.trim() === '') return null;
    const reading = reader(text, field);
    issues.push(...reading.issues);
    return reading.value;
  };
  const city = trimmed(raw.city);
  const url = linked?.url ?? listingUrl(origin, dealType, city, raw.id);
  const listingId = linked?.listingId ?? raw.id;
  if (listingId !== raw.id) {
    issues.push(
      issueOf('CONFLICTING_VALUES', 'listingId', `card ${raw.id}: its URL names ${listingId}, which is used`, url),
    );
  }
  return {
    listingId,
    url,
    dealType,
    cityAsPrinted: city,
    district: trimmed(raw.district),
    address: trimmed(raw.address),
    postalCode: read(readPostalCode, raw.postalCode, 'postalCode'),
    latitude: raw.latitude,
    longitude: raw.longitude,
    priceEur: dealType === 'sale' ? read(notZero(readTotalEur), raw.price, 'priceEur') : null,
    rentEurMonth: dealType === 'rent' ? read(notZero(readMonthlyEur), raw.price, 'rentEurMonth') : null,
    areaM2: read(readAreaM2, isPositive(raw.sizeMin) ? raw.sizeMin : raw.size, 'areaM2') || null,
    rooms: read(readInteger, raw.rooms, 'rooms'),
    roomConfiguration: trimmed(raw.roomConfiguration),
    yearBuilt: read(notZero(readYear), raw.yearBuilt, 'yearBuilt'),
    newDevelopment: raw.newDevelopment,
    publishedAt: read(readInstant, raw.published, 'publishedAt'),
    priceChangedAt: read(readInstant, raw.priceChanged, 'priceChangedAt'),
    brokerCompany: trimmed(raw.brokerCompany),
    status: trimmed(raw.status),
  };
}

/** The URL's path says it; cards without URL say it by contract type (1 sale, 2 rent) or card type (101 homes for rent). */
function cardDealType(raw: RawCard): DealType | null {
  const byUrl = raw.url ? dealTypeOf(raw.url) : null;
  if (byUrl !== null) return byUrl;
  if (raw.contractType === '1') return 'sale';
  if (raw.contractType === '2' || raw.cardType === '101') return 'rent';
  return raw.cardType === '100' ? 'sale' : null;
}

/** On cards a price or year of 0 means "not said" (new developments, private sellers). */
function notZero(reader: Reader<number>): Reader<number> {
  return (text, field) => (/^0+$/.test(text.trim()) ? { value: null, issues: [] } : zeroToNull(reader(text, field)));
}

function zeroToNull(reading: Reading<number | null>): Reading<number | null> {
  return { value: reading.value === 0 ? null : reading.value, issues: reading.issues };
}

function readPostalCode(text: string, field: string): Reading<string | null> {
  const code = text.trim();
  return /^\d{5}$/.test(code) ? { value: code, issues: [] } : unreadable(field, 'five digits', text);
}

function isPositive(text: string | null): text is string {
  return text !== null && Number(text.replace(',', '.')) > 0;
}

function trimmed(text: string | null): string | null {
  const value = text?.replaceAll('\u00A0', ' ').trim();
  return value === undefined || value === '' ? null : value;
}
