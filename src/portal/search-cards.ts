/**
 * One card of a search response -> Card, for the two shapes the portal answers with. Field by field lenient: a bad
 * field costs that field and leaves an issue; only a card without id or deal type is given up.
 */
import { z } from 'zod';
import type { Card } from '../listings/card.ts';
import type { DealType } from '../listings/fields.ts';
import type { Issue, Reading } from '../listings/issue.ts';
import { canonicalListingUrl, dealTypeOf, listingIdOf, listingUrl } from './listing-url.ts';
import { readMonthlyEur, readTotalEur } from './read-amount.ts';
import { readAreaM2 } from './read-area.ts';
import { readInteger, readYear } from './read-count.ts';
import { readInstant } from './read-date.ts';
import type { Reader } from './reading.ts';
import { issueOf, unreadable } from './reading.ts';

const idValue = z.union([z.number().int().nonnegative(), z.string().regex(/^\d{1,12}$/)]).transform(String);
const scalar = z.union([z.string(), z.number()]).transform(String).nullish();
const degrees = z.coerce.number().nullish();
const flag = z.union([z.boolean(), z.literal(0).transform(() => false), z.literal(1).transform(() => true)]).nullish();

const newCardSchema = z.object({
  cardId: idValue,
  cardType: scalar,
  url: z.string().nullish(),
  status: scalar,
  data: z
    .object({
      rooms: scalar,
      roomConfiguration: z.string().nullish(),
      price: scalar,
      size: scalar,
      sizeMin: scalar,
      buildYear: scalar,
      newDevelopment: flag,
    })
    .nullish(),
  location: z
    .object({
      address: z.string().nullish(),
      district: z.string().nullish(),
      city: z.string().nullish(),
      zipCode: scalar,
      latitude: degrees,
      longitude: degrees,
    })
    .nullish(),
  meta: z.object({ published: scalar, priceChanged: scalar, contractType: scalar }).nullish(),
  company: z.object({ companyName: z.string().nullish() }).nullish(),
});

const oldCardSchema = z.object({
  id: idValue,
  cardType: scalar,
  contractType: scalar,
  url: z.string().nullish(),
  status: scalar,
  rooms: scalar,
  roomConfiguration: z.string().nullish(),
  price: scalar,
  size: scalar,
  sizeMin: scalar,
  newDevelopment: flag,
  published: scalar,
  priceChanged: scalar,
  buildingData: z
    .object({
      address: z.string().nullish(),
      district: z.string().nullish(),
      city: z.string().nullish(),
      year: scalar,
    })
    .nullish(),
  coordinates: z.object({ latitude: degrees, longitude: degrees }).nullish(),
  brand: z.object({ name: z.string().nullish() }).nullish(),
});

type Text = string | null | undefined;

/** What both shapes say, in one shape. */
interface RawCard {
  readonly id: string;
  readonly url: Text;
  readonly contractType: Text;
  readonly cardType: Text;
  readonly city: Text;
  readonly district: Text;
  readonly address: Text;
  readonly postalCode: Text;
  readonly latitude: number | null | undefined;
  readonly longitude: number | null | undefined;
  readonly price: Text;
  readonly size: Text;
  readonly sizeMin: Text;
  readonly rooms: Text;
  readonly roomConfiguration: Text;
  readonly yearBuilt: Text;
  readonly newDevelopment: boolean | null | undefined;
  readonly published: Text;
  readonly priceChanged: Text;
  readonly brokerCompany: Text;
  readonly status: Text;
}

/** Reads one card of either shape. Null when it has no usable id or deal type; the issues say why. */
export function readCard(body: unknown, origin: string): Reading<Card | null> {
  const issues: Issue[] = [];
  const raw = isNewShape(body) ? rawOfNew(body, issues) : rawOfOld(body, issues);
  return { value: raw === null ? null : cardOf(raw, origin, issues), issues };
}

/** Whether a card is of the newer `/api/search` shape. */
export function isNewShape(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'cardId' in body;
}

function rawOfNew(body: unknown, issues: Issue[]): RawCard | null {
  const card = parseLeniently(newCardSchema, body, issues);
  if (card === null) return null;
  const { data, location, meta } = card;
  return {
    id: card.cardId,
    url: card.url,
    cardType: card.cardType,
    contractType: meta?.contractType,
    city: location?.city,
    district: location?.district,
    address: location?.address,
    postalCode: location?.zipCode,
    latitude: location?.latitude,
    longitude: location?.longitude,
    price: data?.price,
    size: data?.size,
    sizeMin: data?.sizeMin,
    rooms: data?.rooms,
    roomConfiguration: data?.roomConfiguration,
    yearBuilt: data?.buildYear,
    newDevelopment: data?.newDevelopment,
    published: meta?.published,
    priceChanged: meta?.priceChanged,
    brokerCompany: card.company?.companyName,
    status: card.status,
  };
}

function rawOfOld(body: unknown, issues: Issue[]): RawCard | null {
  const card = parseLeniently(oldCardSchema, body, issues);
  if (card === null) return null;
  const { buildingData, coordinates } = card;
  return {
    id: card.id,
    url: card.url,
    cardType: card.cardType,
    contractType: card.contractType,
    price: card.price,
    size: card.size,
    sizeMin: card.sizeMin,
    rooms: card.rooms,
    roomConfiguration: card.roomConfiguration,
    newDevelopment: card.newDevelopment,
    published: card.published,
    priceChanged: card.priceChanged,
    status: card.status,
    city: buildingData?.city,
    district: buildingData?.district,
    address: buildingData?.address,
    postalCode: null,
    latitude: coordinates?.latitude,
    longitude: coordinates?.longitude,
    yearBuilt: buildingData?.year,
    brokerCompany: card.brand?.name,
  };
}

function cardOf(raw: RawCard, origin: string, issues: Issue[]): Card | null {
  const dealType = cardDealType(raw);
  if (dealType === null) {
    issues.push(
      issueOf('UNEXPECTED_SHAPE', 'dealType', `card ${raw.id}: neither for sale nor for rent`, raw.url ?? ''),
    );
    return null;
  }
  const read = <Value>(reader: Reader<Value>, text: Text, field: string): Value | null => {
    if (text === null || text === undefined || text.trim() === '') return null;
    const reading = reader(text, field);
    issues.push(...reading.issues);
    return reading.value;
  };
  const city = trimmed(raw.city);
  const url = (raw.url ? canonicalListingUrl(raw.url, origin) : null) ?? listingUrl(origin, dealType, city, raw.id);
  const listingId = listingIdOf(url) ?? raw.id;
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
    latitude: raw.latitude ?? null,
    longitude: raw.longitude ?? null,
    priceEur: dealType === 'sale' ? read(notZero(readTotalEur), raw.price, 'priceEur') : null,
    rentEurMonth: dealType === 'rent' ? read(notZero(readMonthlyEur), raw.price, 'rentEurMonth') : null,
    areaM2: read(readAreaM2, isPositive(raw.sizeMin) ? raw.sizeMin : raw.size, 'areaM2') || null,
    rooms: read(readInteger, raw.rooms, 'rooms'),
    roomConfiguration: trimmed(raw.roomConfiguration),
    yearBuilt: read(notZero(readYear), raw.yearBuilt, 'yearBuilt'),
    newDevelopment: raw.newDevelopment ?? null,
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

function isPositive(text: Text): text is string {
  return text !== null && text !== undefined && Number(text.replace(',', '.')) > 0;
}

function trimmed(text: Text): string | null {
  const value = text?.replaceAll('\u00A0', ' ').trim();
  return value === undefined || value === '' ? null : value;
}

/** Parses; a field that does not fit is set to null with an issue and the rest is parsed again. */
function parseLeniently<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  issues: Issue[],
): z.output<Schema> | null {
  const first = schema.safeParse(body);
  if (first.success) return first.data;
  for (const { path } of first.error.issues) {
    const field = path.join('.');
    issues.push(
      issueOf('UNREADABLE_VALUE', field === '' ? null : field, `card field ${field}: has another type than expected`),
    );
  }
  const repaired = first.error.issues.reduce<unknown>((value, { path }) => withoutPath(value, path), body);
  const second = schema.safeParse(repaired);
  return second.success ? second.data : null;
}

function withoutPath(value: unknown, path: readonly PropertyKey[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return null;
  if (typeof value !== 'object' || value === null) return value;
  const inner: unknown = Reflect.get(value, key);
  return { ...value, [key]: rest.length === 0 ? null : withoutPath(inner, rest) };
}
