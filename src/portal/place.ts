/**
 * Where a home is, as text: the value of Sijainti, the page's title, and whether two printed municipalities are one.
 */

export interface PrintedPlace {
  readonly address: string | null;
  readonly postalCode: string | null;
  readonly city: string | null;
}

const postalCodePattern = /(?<!\d)\d{5}(?!\d)/;
/** Addresses and titles are shorter; a longer text is prose. */
const maxLength = 500;
const edgeCommas = /^[\s,]+|[\s,]+$/g;
const siteName = / [-–|] Oikotie.*$/i;

/** Reads `Kuusitie\n12 A,\n00999\nHelsinki`: street and number, postal code, city. */
export function readLocationText(text: string): PrintedPlace {
  const flat = text.replace(/\s+/g, ' ').trim().slice(0, maxLength);
  const match = postalCodePattern.exec(flat);
  if (match !== null) {
    const before = flat.slice(0, match.index).replace(edgeCommas, '');
    const after = flat.slice(match.index + match[0].length).replace(edgeCommas, '');
    return { address: emptyToNull(before), postalCode: match[0], city: emptyToNull(after) };
  }
  const parts = flat
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length < 2) return { address: emptyToNull(flat), postalCode: null, city: null };
  return { address: parts.slice(0, -1).join(', '), postalCode: null, city: parts.at(-1) ?? null };
}

export interface TitlePlace {
  readonly address: string | null;
  readonly district: string | null;
  readonly city: string | null;
}

/** Reads the title `street, district, city`; with two parts there is no district. */
export function readTitlePlace(title: string): TitlePlace {
  const parts = title
    .replace(/\s+/g, ' ')
    .slice(0, maxLength)
    .replace(siteName, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length < 2) return { address: null, district: null, city: null };
  const district = parts.length >= 3 ? (parts.at(-2) ?? null) : null;
  return { address: parts[0] ?? null, district, city: parts.at(-1) ?? null };
}

/** Whether a printed municipality (`HELSINKI`, `Helsinki 00720`, `Helsinki `) is the city of a task. */
export function isSameMunicipality(printed: string, city: string): boolean {
  const name = municipalityName(printed);
  const wanted = municipalityName(city);
  return name === wanted || name.startsWith(`${wanted} `) || name.startsWith(`${wanted},`);
}

/** The postal code in a text; null when there is none. */
export function postalCodeIn(text: string): string | null {
  return postalCodePattern.exec(text)?.[0] ?? null;
}

function municipalityName(text: string): string {
  const short = text.slice(0, maxLength);
  return short.replace(/\d{5}/g, ' ').replace(/\s+/g, ' ').replace(edgeCommas, '').toLowerCase();
}

function emptyToNull(text: string): string | null {
  return text === '' ? null : text;
}
