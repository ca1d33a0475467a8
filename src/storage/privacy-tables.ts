/**
 * The tables about what must not be kept.
 */
import type { TableSpec } from './table-spec.ts';
import { text, utc } from './table-spec.ts';

export const forgottenListingsTable: TableSpec = {
  name: 'forgotten_listings',
  meaning:
    'Listings that were forgotten by `oikotie forget`: nothing of their pages is kept, and no later run stores them again',
  primaryKey: ['listing_id'],
  columns: [
    text('listing_id', 'Listing', 'operator'),
    utc('forgotten_at', 'When it was forgotten first', 'clock'),
    text('reason', 'Why, in the words of the operator; null when none were given', 'operator'),
    text('node_id', 'Node on which it was done', 'configuration'),
  ],
};
