/**
 * A row of the table that earlier collectors of this portal kept -> a record, by the same table of labels that reads pages: what
 * the row's labels say comes first, its own columns fill what they leave out. Never throws and never invents a value.
 */
import type { ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import { checkIdentities } from './identities.ts';
import { keyOfLabel } from './listing-labels.ts';
import type { ListingPageParts } from './listing-page-events.ts';
import { buildRecord } from './listing-record.ts';
import { readListingUrl } from './listing-url.ts';
import { maskContacts } from './personal-data.ts';
import { checkPlausibility } from './plausibility.ts';
import { readBuildingType } from './read-word.ts';

/** Name and version of this reading, stored with every row it made. */
export const oldRowParser = 'old-row/1';

/** The columns that say what the listing is; null where the old table has none. */
export interface OldRow {
  readonly url: string | null;
  readonly city: string | null;
  readonly title: string | null;
  readonly address: string | null;
  readonly postalCode: string | null;
  /** What the old table called the type of the listing: that of its building. */
  readonly listingType: string | null;
  /** Of a rental the rent for a month. */
  readonly priceEur: number | null;
  readonly sizeM2: number | null;
  readonly rooms: number | null;
  readonly yearBuilt: number | null;
  readonly overview: string | null;
  readonly fullDescription: string | null;
  /** An object of labels and values, as JSON. */
  readonly otherDetailsJson: string | null;
}

export type OldReading =
  | { readonly kind: 'listing'; readonly record: ListingRecord; readonly issues: readonly Issue[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** @param collectsPersonalData false masks phones, e-mail addresses and contact persons, as for pages. */
export function readOldRow(row: OldRow, collectsPersonalData: boolean): OldReading {
  const address = readListingUrl(row.url ?? '');
  if (address === null) {
    return unreadable('its url is not that of a listing, such as /myytavat-asunnot/helsinki/20000002');
  }
  const labels = readLabels(row.otherDetailsJson);
  if (labels === null) return unreadable('its other_details_json is not an object of labels');
  const city = row.city?.trim() ?? '';
  const { value: record, issues } = buildRecord({
    ...{ parts: partsOf(row, labels), pageData: noPageData, ...address },
    ...{ city, card: null, collectsPersonalData },
  });
  const whole = withColumns({ ...record, city: city || (record.cityAsPrinted ?? '') }, row, collectsPersonalData);
  if (whole.city === '') return unreadable('it says no city, neither in its column nor among its labels');
  return {
    kind: 'listing',
    record: whole,
    issues: [...issues, ...checkIdentities(whole), ...checkPlausibility(whole)],
  };
}

const noPageData = { cardId: null, published: null, postalCode: null, locationPath: null };

/** The labels with their values; none for a row that has none; null for what is not an object. */
function readLabels(json: string | null): readonly (readonly [string, string])[] | null {
  if (json === null || json.trim() === '') return [];
  const value = parsed(json);
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return null;
  return Object.entries(value).flatMap(([label, text]) =>
    typeof text === 'string' || typeof text === 'number' || typeof text === 'boolean' ? [[label, String(text)]] : [],
  );
}

/** Undefined for what is no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // Told as "something else" by the caller: the row itself is named there.
  }
}

/** The row as if its labels had stood on a page. */
function partsOf(row: OldRow, labels: readonly (readonly [string, string])[]): ListingPageParts {
  return {
    title: row.title ?? '',
    canonicalUrl: null,
    metas: new Map(),
    rows: labels.map(([label, value]) => ({ key: keyOfLabel(label), label, value })),
    description: row.fullDescription ?? row.overview ?? '',
    ...{ brokerCompany: '', breadcrumbs: [], jsonLd: [], pageScript: '', hasEnd: true },
  };
}

function withColumns(record: ListingRecord, row: OldRow, collectsPersonalData: boolean): ListingRecord {
  const kept = (text: string | null) =>
    text === null || text.trim() === '' ? null : masked(text, collectsPersonalData);
  const isRental = record.dealType === 'rent';
  return {
    ...record,
    address: record.address ?? kept(row.address),
    postalCode: record.postalCode ?? (/^\d{5}$/.test(row.postalCode ?? '') ? row.postalCode : null),
    buildingType: record.buildingType ?? readBuildingType(row.listingType ?? '', 'buildingType').value,
    // Of which price it is, the old table does not say: price_basis stays null.
    priceEur: record.priceEur ?? (isRental ? null : positive(row.priceEur)),
    rentEurMonth: record.rentEurMonth ?? (isRental ? positive(row.priceEur) : null),
    areaM2: record.areaM2 ?? positive(row.sizeM2),
    rooms: record.rooms ?? wholePositive(row.rooms),
    yearBuilt: record.yearBuilt ?? wholePositive(row.yearBuilt),
  };
}

function masked(text: string, collectsPersonalData: boolean): string {
  return collectsPersonalData ? text.trim() : maskContacts(text.trim());
}

/** 0 stood for "not known". */
function positive(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && value > 0 ? value : null;
}

function wholePositive(value: number | null): number | null {
  return value !== null && Number.isInteger(value) ? positive(value) : null;
}

function unreadable(reason: string): OldReading {
  return { kind: 'unreadable', reason };
}
