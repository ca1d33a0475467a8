/**
 * The tables about the quality of the series: pages that were read again.
 */
import type { TableSpec } from './table-spec.ts';
import { count, ids, text, utc } from './table-spec.ts';

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
