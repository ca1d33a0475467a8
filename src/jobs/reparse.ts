/**
 * What today's parser reads otherwise than the one that wrote a row, from the same page. What only a card had said (place,
 * times, broker) is taken from the row, because cards are not kept by listing. Pure.
 */
import type { Card } from '../listings/card.ts';
import type { ListingFieldName, ListingRecord } from '../listings/fields.ts';
import { listingFieldNames } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import type { ListingPageContext, ListingPageReading } from '../portal/listing-page.ts';
import { listingPageParser } from '../portal/listing-page.ts';
import type { CoordinateBounds } from '../quality/check-coordinates.ts';
import { judgeRecord } from '../quality/quality-score.ts';
import type { StoredListing } from './series-store.ts';
import type { ListingWrite } from './store-writes.ts';

interface ReparseContext {
  /** Execution that stores what is read otherwise. */
  readonly executionId: string;
  readonly nodeId: string;
  readonly collectsPersonalData: boolean;
  /** The box that the listings of a city lie in; null when it has none. */
  readonly boundsOf: (city: string) => CoordinateBounds | null;
}

export interface FieldDifference {
  readonly field: ListingFieldName;
  readonly from: unknown;
  readonly to: unknown;
}

export type Reparsed =
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly differences: readonly FieldDifference[]; readonly write: ListingWrite }
  /** The page is no listing to today's parser; `reason` says what it is. The row stays as it is. */
  | { readonly kind: 'unreadable'; readonly reason: string };

const parserPattern = /^listing-page\/(\d+)(\+personal-data)?$/;

/** True for a row that a newer parser than ours wrote, or one that we do not know: it knows better. */
export function isNewerParser(parser: string): boolean {
  const [, version] = parserPattern.exec(parser) ?? [];
  const [, ours] = parserPattern.exec(listingPageParser) ?? [];
  return version === undefined || Number(version) > Number(ours);
}

/** What the page of a stored row is to be read with. */
export function pageContextOf({ record }: StoredListing, collectsPersonalData: boolean): ListingPageContext {
  return { url: record.url, city: record.city, card: cardOfRow(record), collectsPersonalData };
}

/** Compares what is read of the page now with the row. */
export function compareReading(reading: ListingPageReading, stored: StoredListing, context: ReparseContext): Reparsed {
  const { collectsPersonalData, executionId, nodeId } = context;
  const { record: before, provenance } = stored;
  if (reading.kind !== 'listing') return { kind: 'unreadable', reason: `it reads as ${reading.kind}` };
  const { record } = reading;
  const differences = differencesOf(before, record);
  if (differences.length === 0) return { kind: 'same' };
  const readingIssues = [...reading.issues, ...stored.issues.filter(isFromCard)];
  const { issues, score } = judgeRecord(record, readingIssues, context.boundsOf(record.city));
  const parser = collectsPersonalData ? `${listingPageParser}+personal-data` : listingPageParser;
  const write: ListingWrite = {
    record,
    issues,
    dataQualityScore: score,
    provenance: { ...provenance, executionId, nodeId, parser },
  };
  return { kind: 'differs', differences, write };
}

/** The fields in which two records differ, in the order of the field table. */
function differencesOf(before: ListingRecord, after: ListingRecord): readonly FieldDifference[] {
  return listingFieldNames
    .map((field) => ({ field, from: before[field], to: after[field] }))
    .filter(({ from, to }) => canonical(from) !== canonical(to));
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** That page and card disagreed can be said only by who has seen the card. */
function isFromCard({ code, message }: Issue): boolean {
  return code === 'CONFLICTING_VALUES' && message.includes('the card says');
}

function cardOfRow(record: ListingRecord): Card {
  const { listingId, url, dealType, cityAsPrinted, district, address, postalCode, latitude, longitude } = record;
  return {
    ...{ listingId, url, dealType, cityAsPrinted, district, address, postalCode, latitude, longitude },
    ...{ priceEur: null, rentEurMonth: null, areaM2: null, rooms: null, roomConfiguration: null, yearBuilt: null },
    newDevelopment: null,
    publishedAt: record.publishedAt,
    priceChangedAt: record.priceChangedAt,
    brokerCompany: record.brokerCompany,
    status: null,
  };
}
