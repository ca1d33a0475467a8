/**
 * The parts of a listing page -> its record, by the table of labels. The page's labels speak first, then what the page
 * carries beside them (metas, JSON-LD, script object), then the card, which fills only place, time and broker.
 * Never throws and never invents a value: price, rent, area and rooms are not taken from the card, so that a label the
 * portal renames shows as a missing value.
 */
import type { Card } from '../listings/card.ts';
import type { DealType, ListingRecord } from '../listings/fields.ts';
import { listingFieldNames } from '../listings/fields.ts';
import type { Issue, Reading } from '../listings/issue.ts';
import type { PageData, Residence } from './embedded-data.ts';
import { readResidence } from './embedded-data.ts';
import type { LabelRow, RecordDraft } from './listing-labels.ts';
import { listingLabels } from './listing-labels.ts';
import type { ListingPageParts } from './listing-page-events.ts';
import { paragraphText, valueText } from './page-text.ts';
import { maskContacts, maskValue } from './personal-data.ts';
import { postalCodeIn, readLocationText, readTitlePlace } from './place.ts';
import { readInstant } from './read-date.ts';
import { issueOf } from './reading.ts';

export interface RecordInput {
  readonly parts: ListingPageParts;
  readonly pageData: PageData;
  readonly listingId: string;
  readonly url: string;
  readonly dealType: DealType;
  readonly city: string;
  readonly card: Card | null;
  readonly collectsPersonalData: boolean;
}

/** Normalised label -> its first value; and every label as printed. */
interface PageLabels {
  readonly first: ReadonlyMap<string, string>;
  readonly printed: Readonly<Record<string, string>>;
}

/**
 * Every field null. A record is a copy of it with the fields set that the page has: many times faster than making an
 * object of 70 names for every page, and copied fastest when it comes from JSON (V8 then keeps its fields in order).
 */
const emptyDraft = JSON.parse(
  JSON.stringify(Object.fromEntries(listingFieldNames.map((name) => [name, null]))),
) as Readonly<RecordDraft>; // just made of the contract's names

/** Builds the record; the issues are of reading alone (identities and plausibility are checked by the caller). */
export function buildRecord(input: RecordInput): Reading<ListingRecord> {
  const issues: Issue[] = [];
  const labels = readLabels(input, issues);
  const draft = readTypedFields(labels.first, input.dealType, issues);
  fillPlace(draft, input, labels.first);
  fillTimes(draft, input, issues);
  fillTexts(draft, input, issues);
  const { listingId, url, dealType, city } = input;
  Object.assign(draft, priceOf(draft), { listingId, url, dealType, city, otherDetailsJson: labels.printed });
  // All fields of the contract are there, and those that are never null have just been set.
  return { value: draft as ListingRecord, issues };
}

function readLabels({ parts, collectsPersonalData }: RecordInput, issues: Issue[]): PageLabels {
  const first = new Map<string, string>();
  const printed = new Map<string, string>();
  for (const { key, label: rawLabel, value: rawValue } of parts.rows) {
    const fullLabel = printedLabel(valueText(rawLabel, 'label', issues));
    const label = collectsPersonalData ? fullLabel : maskContacts(fullLabel);
    if (key === '') continue;
    const fullValue = valueText(rawValue, label, issues);
    const value = collectsPersonalData ? fullValue : maskValue(key, fullValue);
    if (!first.get(key)) first.set(key, value);
    keepPrinted(printed, label, value, issues);
  }
  return { first, printed: Object.fromEntries(printed) };
}

/** A label on one line, without the colon some pages print behind it. */
function printedLabel(text: string): string {
  const line = text.includes('\n') || text.includes('  ') ? text.replace(/\s+/g, ' ') : text;
  return line.endsWith(':') ? line.slice(0, -1) : line;
}

/** The same label again: nothing when the value is the same, else `Label (2)`. */
function keepPrinted(printed: Map<string, string>, label: string, value: string, issues: Issue[]): void {
  let name = label;
  for (let count = 2; printed.has(name); count += 1) {
    if (printed.get(name) === value) return;
    name = `${label} (${count})`;
  }
  printed.set(name, value);
  if (name === label) return;
  issues.push(
    issueOf('DUPLICATE_LABEL', null, `label "${label}": stands twice with different values; kept as "${name}"`),
  );
}

function readTypedFields(labels: ReadonlyMap<string, string>, dealType: DealType, issues: Issue[]): RecordDraft {
  const draft: RecordDraft = { ...emptyDraft };
  for (const row of listingLabels) {
    if (row.dealType !== null && row.dealType !== dealType) continue;
    for (const key of row.keys) {
      const text = labels.get(key);
      if (text === undefined) continue;
      const reading = row.read(text, row.field);
      issues.push(...reading.issues);
      if (reading.value !== null) setField(draft, row, reading.value, issues);
    }
  }
  return draft;
}

function setField(draft: RecordDraft, { field }: LabelRow, value: string | number | boolean, issues: Issue[]): void {
  const known = draft[field];
  if (known === undefined || known === null) {
    // The table's row() has matched reader and field; a loop over rows cannot carry that pairing in its type.
    (draft as Record<string, unknown>)[field] = value;
    return;
  }
  if (typeof value !== 'number' || known === value) return;
  issues.push(
    issueOf('CONFLICTING_VALUES', field, `${field}: the page says ${String(known)} and ${value}; the first is kept`),
  );
}

function fillPlace(
  draft: RecordDraft,
  { parts, pageData, card }: RecordInput,
  labels: ReadonlyMap<string, string>,
): void {
  const { metas } = parts;
  const residence: Residence | null = readResidence(parts.jsonLd);
  const title = readTitlePlace(parts.title.replaceAll('\u00A0', ' '));
  const location = readLocationText(labels.get('sijainti') ?? '');
  const pathParts = pageData.locationPath?.split('/') ?? [];
  draft.cityAsPrinted ??=
    location.city ?? residence?.locality ?? title.city ?? textOrNull(pathParts[0]) ?? card?.cityAsPrinted ?? null;
  draft.address ??= residence?.street ?? meta(metas, 'og:street-address') ?? title.address ?? card?.address ?? null;
  draft.district ??= title.district ?? card?.district ?? null;
  const besides = [residence?.postalCode, meta(metas, 'og:postal_code'), pageData.postalCode, draft.cityAsPrinted];
  draft.postalCode ??= firstPostalCode(besides) ?? card?.postalCode ?? null;
  draft.rooms ??= residence?.rooms ?? null;
  const latitude = degrees(meta(metas, 'place:location:latitude')) ?? residence?.latitude ?? card?.latitude;
  const longitude = degrees(meta(metas, 'place:location:longitude')) ?? residence?.longitude ?? card?.longitude;
  draft.latitude = latitude ?? null;
  draft.longitude = longitude ?? null;
}

/** The page's own time when it says one to the second; a bare day only when the card says nothing. */
function fillTimes(draft: RecordDraft, { pageData, card }: RecordInput, issues: Issue[]): void {
  const { published } = pageData;
  const reading = published === null ? null : readInstant(published, 'publishedAt');
  if (reading !== null) issues.push(...reading.issues);
  const isExact = published?.includes(':') ?? false;
  const ofPage = reading?.value ?? null;
  draft.publishedAt = (isExact ? ofPage : null) ?? card?.publishedAt ?? ofPage;
  draft.priceChangedAt = card?.priceChangedAt ?? null;
}

function fillTexts(draft: RecordDraft, { parts, card, collectsPersonalData }: RecordInput, issues: Issue[]): void {
  const kept = (text: string | null) => textOrNull(text === null || collectsPersonalData ? text : maskContacts(text));
  draft.description = kept(paragraphText(parts.description, 'description', issues));
  draft.title = kept(valueText(parts.title, 'title', issues));
  draft.brokerCompany =
    kept(valueText(parts.brokerCompany, 'brokerCompany', issues)) ?? kept(card?.brokerCompany ?? null);
}

/** Debt-free price, else sale price; a right-of-occupancy fee is marked as what it is, whatever its size. */
function priceOf(draft: RecordDraft): Pick<ListingRecord, 'priceEur' | 'priceBasis'> {
  const debtFree = draft.debtFreePriceEur ?? null;
  const priceEur = debtFree ?? draft.salePriceEur ?? null;
  if (priceEur === null) return { priceEur: null, priceBasis: null };
  if (draft.habitationType === 'right_of_occupancy') return { priceEur, priceBasis: 'right_of_occupancy_fee' };
  return { priceEur, priceBasis: debtFree === null ? 'sale_price' : 'debt_free_price' };
}

function meta(metas: ReadonlyMap<string, string>, name: string): string | null {
  return textOrNull(metas.get(name)?.trim());
}

function degrees(text: string | null): number | null {
  const value = text === null ? Number.NaN : Number(text.replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}

function firstPostalCode(texts: readonly (string | null | undefined)[]): string | null {
  for (const text of texts) {
    const code = text ? postalCodeIn(text) : null;
    if (code !== null) return code;
  }
  return null;
}

function textOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}
