/**
 * The columns that a listing and its versions share: what its page and card say, and where that came from.
 */
import type { FieldType } from '../listings/fields.ts';
import { columnOf, listingFieldNames, listingFields } from '../listings/fields.ts';
import type { ColumnSpec, ColumnType } from './table-spec.ts';
import { text, utc } from './table-spec.ts';

const typeOfField = {
  text: 'VARCHAR',
  integer: 'INTEGER',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  json: 'JSON',
} as const satisfies Record<FieldType, ColumnType>;

/** Columns of `listings` and its versions that come from the page and its card, in the order of the field table. */
export const fieldColumns: readonly ColumnSpec[] = listingFieldNames.map((fieldName) => {
  const field = listingFields[fieldName];
  return {
    name: columnOf(fieldName),
    type: typeOfField[field.type],
    unit: field.unit,
    meaning: 'values' in field ? `${field.meaning}: ${field.values.join(', ')}` : field.meaning,
    source: field.source,
  };
});

/** Columns of `listings` and its versions about where the values came from. */
export const provenanceColumns: readonly ColumnSpec[] = [
  text('execution_id', 'Execution that stored the listing last', 'program'),
  utc('fetched_at', 'When the page was fetched that the values are from', 'clock'),
  text('request_url', 'URL that was asked', 'request'),
  text('response_sha256', 'SHA-256 of the response body, hex', 'response'),
  text('parser', 'Parser and its version', 'program'),
  text('node_id', 'Node that fetched it', 'configuration'),
  text('etag', 'ETag of the page, with which it is asked for again; null when it had none', 'response'),
  text('last_modified', 'Last-Modified of the page as it was sent; null when it had none', 'response'),
  text('card_hash', 'Hash of the card that led to the page; null when an older version stored it', 'program'),
];
