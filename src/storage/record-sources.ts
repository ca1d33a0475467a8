/**
 * What programs may ask for row by row: each with its columns, its filters and its orders. Names of filters are those of
 * the interface that programs use. Data only.
 */
import { auditLogTable } from './audit-tables.ts';
import { listingVersionsTable, marketTimesView, priceEventsView } from './history-tables.ts';
import { amountEur, hasText, isOfCity } from './listing-expressions.ts';
import { marketTimesOf } from './market-times-of.ts';
import { priceColumns, priceEventsAmong } from './price-changes.ts';
import { quarantinesTable } from './quality-tables.ts';
import type { RecordSource } from './records.ts';
import { number, text } from './table-spec.ts';
import { cityExecutionsTable, executionsTable, listingsTable } from './tables.ts';

const listingCity = text('city', 'City of the task that collected the listing', 'configuration');
const nominalDay = number('DATE', 'day', 'nominal_day', 'Day the run stands for, in Helsinki', 'clock');

/** Days, both included. */
const ofDays = { fromDay: 'nominal_day >= $fromDay::DATE', toDay: 'nominal_day <= $toDay::DATE' } as const;
const ofCity = { city: isOfCity } as const;

const listingFilters = {
  ...ofCity,
  dealType: 'deal_type = $dealType',
  buildingType: 'building_type = $buildingType',
  postalCode: 'postal_code = $postalCode',
  minPriceEur: `${amountEur} >= $minPriceEur`,
  maxPriceEur: `${amountEur} <= $maxPriceEur`,
  minAreaM2: 'area_m2 >= $minAreaM2',
  maxAreaM2: 'area_m2 <= $maxAreaM2',
  minRooms: 'rooms >= $minRooms',
  maxRooms: 'rooms <= $maxRooms',
  fetchedSince: 'fetched_at >= $fetchedSince::TIMESTAMP',
  text: hasText,
} as const;

const provenance = ['execution_id', 'fetched_at', 'request_url', 'response_sha256', 'parser', 'node_id'] as const;
const requiredOfListing = ['url', 'deal_type', 'city', 'other_details_json', ...provenance] as const;
const requiredOfBoth = [...requiredOfListing, 'data_quality_score', 'issues_json', 'content_hash'] as const;

/** @param seenSince column with the time since when a row is known */
function listingOrders(seenSince: string) {
  const newest = `coalesce(published_at, ${seenSince})`;
  return {
    newest: order(newest, 'TIMESTAMP', true, 'published last, first'),
    cheapest: order(amountEur, 'DOUBLE', false, 'lowest price or rent first'),
    dearest: order(amountEur, 'DOUBLE', true, 'highest price or rent first'),
    largest: order('area_m2', 'DOUBLE', true, 'largest living area first'),
    id: order('listing_id', 'VARCHAR', false, 'by id'),
  } as const;
}

function order(expression: string, type: 'VARCHAR' | 'DOUBLE' | 'TIMESTAMP', isDescending: boolean, meaning: string) {
  return { expression, type, isDescending, meaning };
}

/** Every listing ever stored, as it is or was last. */
export const listingRecords = {
  from: 'listings',
  isTable: true,
  columns: listingsTable.columns,
  key: ['listing_id'],
  required: [...requiredOfBoth, 'first_seen_at', 'last_seen_at'],
  filters: { ...listingFilters, listingId: 'listing_id = $listingId', isOffered: '(gone_at IS NULL) = $isOffered' },
  orders: listingOrders('first_seen_at'),
} as const satisfies RecordSource;

/** The listings of an instant, `asOf`, which must be given: those that were offered then, as they were. */
export const listingVersionRecords = {
  from: 'listing_versions',
  isTable: true,
  columns: listingVersionsTable.columns,
  key: ['listing_id'],
  required: [...requiredOfBoth, 'valid_from'],
  filters: {
    ...listingFilters,
    asOf: 'valid_from <= $asOf::TIMESTAMP AND (valid_to IS NULL OR valid_to > $asOf::TIMESTAMP)',
  },
  orders: listingOrders('valid_from'),
} as const satisfies RecordSource;

export const executionRecords = {
  from: 'executions',
  isTable: true,
  columns: executionsTable.columns,
  key: ['execution_id'],
  required: ['nominal_day', 'status'],
  filters: { ...ofDays, status: 'status = $status' },
  orders: { newest: order('coalesce(started_at, nominal_day::TIMESTAMP)', 'TIMESTAMP', true, 'latest begin first') },
} as const satisfies RecordSource;

export const receiptRecords = {
  from: '(SELECT c.*, e.nominal_day FROM city_executions c JOIN executions e USING (execution_id)) AS receipts',
  isTable: false,
  columns: [nominalDay, ...cityExecutionsTable.columns],
  key: ['execution_id', 'city'],
  required: ['nominal_day'],
  filters: { ...ofCity, ...ofDays, verdict: 'verdict = $verdict', executionId: 'execution_id = $executionId' },
  orders: { newest: order('coalesce(started_at, nominal_day::TIMESTAMP)', 'TIMESTAMP', true, 'latest begin first') },
} as const satisfies RecordSource;

export const auditEventRecords = {
  from: 'audit_log',
  isTable: true,
  columns: auditLogTable.columns,
  key: ['event_id'],
  required: ['occurred_at', 'type', 'severity', 'node_id', 'message', 'details_json'],
  filters: {
    ...ofCity,
    type: 'type = $type',
    severity: 'severity = $severity',
    executionId: 'execution_id = $executionId',
    nodeId: 'node_id = $nodeId',
    correlationId: 'correlation_id = $correlationId',
    since: 'occurred_at >= $since::TIMESTAMP',
    until: 'occurred_at < $until::TIMESTAMP',
  },
  orders: {
    newest: order('occurred_at', 'TIMESTAMP', true, 'latest first'),
    oldest: order('occurred_at', 'TIMESTAMP', false, 'earliest first'),
  },
} as const satisfies RecordSource;

/** The ids of the listings that the conditions let through, and their versions as `priceEventsAmong` takes them. */
const listingsOf = (conditions: string) => `SELECT listing_id FROM listings WHERE ${conditions}`;
const versionsOf = (conditions: string) =>
  `(SELECT ${priceColumns} FROM listing_versions WHERE listing_id IN (${listingsOf(conditions)}))`;

export const priceEventRecords = {
  from: '(SELECT p.*, l.city FROM price_events p JOIN listings l USING (listing_id)) AS events',
  narrowed: {
    filters: ['city', 'listingId'],
    from: (conditions) =>
      `(SELECT p.*, l.city FROM (${priceEventsAmong(versionsOf(conditions))}) p JOIN listings l USING (listing_id)) AS events`,
  },
  isTable: false,
  columns: [...priceEventsView.columns, listingCity],
  key: ['listing_id', 'event_at'],
  required: ['deal_type', 'kind', 'price_eur', 'city'],
  filters: {
    ...ofCity,
    dealType: 'deal_type = $dealType',
    kind: 'kind = $kind',
    listingId: 'listing_id = $listingId',
    since: 'event_at >= $since::TIMESTAMP',
    until: 'event_at < $until::TIMESTAMP',
  },
  orders: { newest: order('event_at', 'TIMESTAMP', true, 'latest first') },
} as const satisfies RecordSource;

/** Times on the market until `asOf`, which must be given. */
export const marketTimeRecords = {
  from: '(SELECT m.*, l.city, l.deal_type FROM market_times_as_of($asOf::TIMESTAMP) m JOIN listings l USING (listing_id)) AS times',
  narrowed: {
    filters: ['city', 'dealType', 'listingId'],
    from: (conditions) =>
      `(SELECT m.*, l.city, l.deal_type FROM (${marketTimesOf('$asOf', listingsOf(conditions))}) m JOIN listings l USING (listing_id)) AS times`,
  },
  isTable: false,
  columns: [...marketTimesView.columns, listingCity, text('deal_type', 'sale or rent', 'URL path')],
  key: ['listing_id'],
  required: [
    'listed_at',
    'days_on_market',
    'earlier_listings',
    'home_listed_at',
    'home_days_on_market',
    'city',
    'deal_type',
  ],
  filters: {
    ...ofCity,
    asOf: null,
    dealType: 'deal_type = $dealType',
    listingId: 'listing_id = $listingId',
    isOffered: '(gone_at IS NULL) = $isOffered',
  },
  orders: {
    longest: order('days_on_market', 'DOUBLE', true, 'longest on the market first'),
    shortest: order('days_on_market', 'DOUBLE', false, 'shortest on the market first'),
    id: order('listing_id', 'VARCHAR', false, 'by id'),
  },
} as const satisfies RecordSource;

export const quarantineRecords = {
  from: 'quarantines',
  isTable: true,
  columns: quarantinesTable.columns,
  key: ['execution_id', 'city'],
  required: ['state', 'reason', 'drifts_json', 'listings', 'opened_at'],
  filters: { ...ofCity, state: 'state = $state' },
  orders: { newest: order('opened_at', 'TIMESTAMP', true, 'opened last, first') },
} as const satisfies RecordSource;
