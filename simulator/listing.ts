/**
 * One advertisement of the simulated portal, and the two things that follow from it: the rows its page prints and the
 * record a correct collector must store. Both come from the same prints, so page and truth cannot drift apart.
 */
import type { ListingRecord } from '../src/listings/fields.ts';
import { listingFieldNames } from '../src/listings/fields.ts';
import type { City } from './cities.ts';
import { visibleText } from './finnish-format.ts';
import type { Home } from './home.ts';
import { basicLabels } from './labels/basic-labels.ts';
import { buildingLabels } from './labels/building-labels.ts';
import type { LabelSpec, Printed, Section } from './labels/label.ts';
import { materialLabels } from './labels/material-labels.ts';
import { priceLabels } from './labels/price-labels.ts';
import { createRandom, hashOf, mixed } from './random.ts';
import type { Description } from './texts.ts';
import { descriptionOf } from './texts.ts';

/** How the portal answers for an advertisement that is no longer there. */
export const removedVariants = ['not_found', 'gone', 'poistunut', 'myyty', 'redirect'] as const;
export type RemovedVariant = (typeof removedVariants)[number];

export interface Listing {
  /** Eight digits, the id in the URL. */
  readonly id: string;
  readonly city: City;
  readonly dealType: 'sale' | 'rent';
  /** Decides the labels and formats of the page. */
  readonly seed: number;
  /** Decides the free text; changes when the advertiser rewrites it. */
  readonly textSeed: number;
  readonly home: Home;
  /** Milliseconds since the epoch, whole seconds. */
  readonly publishedAt: number;
  /** Moves when the advertisement is bumped; decides the order of search results. */
  readonly publishedSortAt: number;
  readonly priceChangedAt: number | null;
  readonly state: 'active' | 'removed' | 'sold';
  readonly goneAs: RemovedVariant;
}

export interface Row {
  readonly section: Section;
  readonly label: string;
  readonly printed: Printed;
}

/** Every label the simulator knows, in page order. @internal Exported for its tests. */
export const allLabels: readonly LabelSpec[] = [...basicLabels, ...priceLabels, ...buildingLabels, ...materialLabels];

/** The rows of the listing's page, in page order; the same listing always gives the same rows. */
export function rowsOf(listing: Listing): readonly Row[] {
  const rows: Row[] = [];
  for (const spec of allLabels) {
    const printed = spec.print(listing.home, createRandom(mixed(listing.seed, spec.hash)));
    if (printed !== null) rows.push({ section: spec.section, label: spec.label, printed });
  }
  return rows;
}

/** The free text of the advertisement. */
export function textOf(listing: Listing): Description {
  return descriptionOf(createRandom(hashOf(listing.textSeed, 'description')));
}

/** Path of the listing's page, e.g. `/myytavat-asunnot/helsinki/23000017`. */
export function pathOf(listing: Listing): string {
  const vertical = listing.dealType === 'sale' ? 'myytavat-asunnot' : 'vuokra-asunnot';
  return `/${vertical}/${listing.city.slug}/${listing.id}`;
}

/** `<title>` of the page: street, district, city as printed. */
export function titleOf(listing: Listing): string {
  const { home } = listing;
  const address = `${home.street} ${home.houseNumber}`;
  return (home.saysDistrict ? [address, home.district.name, cityShown(home)] : [address, cityShown(home)]).join(', ');
}

/** Municipality as title and location print it: without a postal code. */
export function cityShown(home: Home): string {
  return home.cityPrinted.replace(/ \d{5}$/, '');
}

/** The record that a correct collector stores for this listing when contacts are masked. */
export function recordOf(listing: Listing, origin: string): ListingRecord {
  const rows = rowsOf(listing);
  const fields: Partial<ListingRecord> = Object.assign({}, ...rows.map((row) => row.printed.fields ?? {}));
  const labels = Object.fromEntries(
    rows.map(({ label, printed }) => [label, printed.masked ?? visibleText(printed.text)]),
  );
  return {
    ...emptyFields(),
    ...fields,
    ...priceFields(fields),
    listingId: listing.id,
    url: `${origin}${pathOf(listing)}`,
    dealType: listing.dealType,
    city: listing.city.name,
    latitude: listing.home.latitude,
    longitude: listing.home.longitude,
    title: titleOf(listing),
    description: textOf(listing).masked,
    brokerCompany: listing.home.brokerCompany,
    publishedAt: new Date(listing.publishedAt).toISOString(),
    priceChangedAt: listing.priceChangedAt === null ? null : new Date(listing.priceChangedAt).toISOString(),
    otherDetailsJson: labels,
  };
}

function priceFields(fields: Partial<ListingRecord>): Pick<ListingRecord, 'priceEur' | 'priceBasis'> {
  const debtFree = fields.debtFreePriceEur ?? null;
  const priceEur = debtFree ?? fields.salePriceEur ?? null;
  if (priceEur === null) return { priceEur: null, priceBasis: null };
  if (fields.habitationType === 'right_of_occupancy') return { priceEur, priceBasis: 'right_of_occupancy_fee' };
  return { priceEur, priceBasis: debtFree === null ? 'sale_price' : 'debt_free_price' };
}

/** A record in which the page says nothing. */
function emptyFields(): ListingRecord {
  const record: Record<string, unknown> = {};
  for (const name of listingFieldNames) record[name] = null;
  // The required fields are filled by the caller; the type cannot follow a loop over the contract's names.
  return record as ListingRecord;
}
