/**
 * The tables about the quality of the series: pages that were read again, what the pages of a run had, and what is in
 * quarantine.
 */
import { listingVersionsTable } from './history-tables.ts';
import type { TableSpec } from './table-spec.ts';
import { count, ids, json, text, utc } from './table-spec.ts';

const executionId = text('execution_id', 'Execution (one run of the collector)', 'program');
const city = text('city', 'City of the task', 'configuration');

export const rereadPagesTable: TableSpec = {
  name: 'reread_pages',
  meaning: 'Search pages that were read again because the list had shifted while it was read',
  primaryKey: ['execution_id', 'city', 'pass', 'page'],
  columns: [
    executionId,
    city,
    count('pass', 'Which reading of the list: 2 is the second', 'program'),
    count('page', 'Number of the page, from 1', 'request'),
    count('portal_total', "The portal's own total; null when the page does not print it", 'search response'),
    ids('listing_ids', 'Listings of the city on the page, in order', 'search response'),
    ids('foreign_listing_ids', 'Listings of other municipalities', 'search response'),
    utc('fetched_at', 'When the page was fetched', 'clock'),
    text('fetch_mode', 'http when the JSON search was asked, browser when the page was shown in one', 'program'),
  ],
};

const fieldCoverageTable: TableSpec = {
  name: 'field_coverage',
  meaning: 'How many of the listing pages that a run fetched of a city had each field: what a drift is seen by',
  primaryKey: ['execution_id', 'city', 'deal_type', 'field'],
  columns: [
    executionId,
    city,
    text('deal_type', 'sale or rent', 'URL path'),
    text('field', 'Column of `listings`', 'program'),
    count('rows', 'Listing pages fetched', 'counted'),
    count('present', 'Those of them that had the field', 'counted'),
  ],
};

export const quarantinesTable: TableSpec = {
  name: 'quarantines',
  meaning: 'Runs of a city whose changes were taken back because its pages or their number had drifted',
  primaryKey: ['execution_id', 'city'],
  columns: [
    executionId,
    city,
    text('state', 'open, released (the changes were accepted) or discarded', 'program'),
    text('reason', 'What fell from what to what', 'program'),
    json('drifts_json', 'The same in numbers: kind, dealType, field, usual, now, pages, runs', 'program'),
    count('listings', 'Listings whose changes were taken back', 'counted'),
    utc('opened_at', 'When they were', 'clock'),
    utc('closed_at', 'When an operator released or discarded them; null while it is open', 'clock'),
    count('released', 'Listings whose changes were applied after all; null while it is open', 'counted'),
  ],
};

const quarantinedVersionsTable: TableSpec = {
  name: 'quarantined_versions',
  meaning:
    'The versions that are in quarantine, as they were in `listing_versions`; `execution_id` says whose they are',
  primaryKey: [],
  columns: listingVersionsTable.columns,
};

/** The tables of what is measured and what is in quarantine, in the order they are documented. */
export const qualityTables: readonly TableSpec[] = [fieldCoverageTable, quarantinesTable, quarantinedVersionsTable];
