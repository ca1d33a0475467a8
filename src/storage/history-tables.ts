/**
 * The tables of the history: what each listing was, and when.
 */
import { fieldColumns, provenanceColumns } from './listing-columns.ts';
import type { TableSpec } from './table-spec.ts';
import { json, share, text, utc } from './table-spec.ts';

export const listingVersionsTable: TableSpec = {
  name: 'listing_versions',
  meaning:
    'What each listing was, and when: a row for each time it changed; `listings_as_of(time)` gives those of a time. ' +
    'One listing has no two versions with the same begin, and none that overlap',
  primaryKey: [],
  columns: [
    ...fieldColumns,
    utc('valid_from', 'When the page was fetched that first said so, or when the listing was seen again', 'clock'),
    utc('valid_to', 'When it ceased to hold: the begin of the next version, or gone; null while it holds', 'program'),
    text('end_reason', 'changed, or gone; null while it holds', 'program'),
    share('data_quality_score', 'Share of the expected fields that were read without an issue', 'program'),
    json('issues_json', 'Issues recorded while the page was read and stored', 'parser'),
    text('content_hash', 'SHA-256 of the field values', 'program'),
    ...provenanceColumns,
  ],
};
