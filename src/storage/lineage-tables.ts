/**
 * The table that leads from a row back to what it was made of.
 */
import type { TableSpec } from './table-spec.ts';
import { number, share, text, utc } from './table-spec.ts';

export const dataLineageTable: TableSpec = {
  name: 'data_lineage',
  meaning: 'One row for each change of a row: what was made of which response, by what. Only added to',
  primaryKey: [],
  columns: [
    text('table_name', 'Table of the row', 'program'),
    text('record_id', 'Key of the row; of a listing its id', 'program'),
    text('operation', 'INSERT, UPDATE, or DELETE when a listing was marked gone or its row removed', 'program'),
    text('data_source', 'Host that answered, or what a program of your own names', 'request'),
    text('execution_id', 'Execution that made the change', 'program'),
    text('transformation', 'Parser and its version; of a listing that is gone, delisting/<reason>', 'program'),
    share('quality_score', 'data_quality_score of the row; null when it was not judged', 'program'),
    text('request_url', 'URL that was asked; null when no single request led to it', 'request'),
    number('INTEGER', 'HTTP status', 'status', 'Status of the response', 'response'),
    utc('fetched_at', 'When the response came; of a listing that is gone, since when', 'clock'),
    text('response_sha256', 'SHA-256 of the response body, hex', 'response'),
    text('node_id', 'Node that asked', 'configuration'),
  ],
};
