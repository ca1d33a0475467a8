/**
 * A card as rendered into a search page: a link and the lines of text in it. Lines are told apart by what they look
 * like (an amount, an area, a list of street, district and city), because the classes change every year.
 */
import type { Card } from '../listings/card.ts';
import type { Issue, Reading } from '../listings/issue.ts';
import { readListingUrl } from './listing-url.ts';
import { readMonthlyEur, readTotalEur } from './read-amount.ts';
import { readAreaM2 } from './read-area.ts';

const amountLine = /^\d[\d\s.,]*(?:€|eur)/i;
const areaLine = /^\d[\d\s.,/]*m(?:²|2)/i;
const layoutLine = /^\d+\s*(?:-\s*\d+\s*)?h(?:\b|\s*\+|,)/i;
const yearLine = /^(?:1[6-9]|20)\d{2}$/;
const badges: ReadonlySet<string> = new Set(['Plus', 'Uusi', 'Uutuus', 'Nostettu', 'Korostus']);

/** Reads a rendered card; null when the link is no listing. What the lines do not show is null. */
export function cardFromLines(href: string, lines: readonly string[], origin: string): Reading<Card | null> {
  const address = readListingUrl(href, origin);
  if (address === null) return { value: null, issues: [] };
  const { dealType } = address;
  const issues: Issue[] = [];
  const texts = lines.filter((line) => !badges.has(line));
  const amount = texts.find((line) => amountLine.test(line));
  const price = amount === undefined ? null : readPrice(amount, dealType === 'rent', issues);
  const area = texts.find((line) => areaLine.test(line));
  const year = texts.find((line) => yearLine.test(line));
  const place = placeOf(texts);
  const card: Card = {
    ...address,
    ...place,
    postalCode: null,
    latitude: null,
    longitude: null,
    priceEur: dealType === 'sale' ? price : null,
    rentEurMonth: dealType === 'rent' ? price : null,
    areaM2: area === undefined ? null : readAreaM2(area, 'areaM2').value,
    rooms: null,
    roomConfiguration: texts.find((line) => layoutLine.test(line)) ?? null,
    yearBuilt: year === undefined ? null : Number(year),
    newDevelopment: null,
    publishedAt: null,
    priceChangedAt: null,
    brokerCompany: null,
    status: null,
  };
  return { value: card, issues };
}

function readPrice(text: string, isRent: boolean, issues: Issue[]): number | null {
  const reading = isRent ? readMonthlyEur(text, 'rentEurMonth') : readTotalEur(text, 'priceEur');
  issues.push(...reading.issues);
  return reading.value;
}

/** `Kuusitie 12 A, Metsärinne, Helsinki`: the last part is the city, the one before it the district. */
function placeOf(texts: readonly string[]): Pick<Card, 'address' | 'district' | 'cityAsPrinted'> {
  const line = texts.find((text) => /^\p{L}/u.test(text) && text.split(',').length >= 2 && text.length < 120);
  const parts = line?.split(',').map((part) => part.trim()) ?? [];
  const cityAsPrinted = parts.at(-1) ?? null;
  return { address: parts[0] ?? null, district: parts.length >= 3 ? (parts.at(-2) ?? null) : null, cityAsPrinted };
}
