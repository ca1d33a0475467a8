/**
 * A listing as a row: its cells in the order of the staging table, and the hash that tells whether its page says
 * something else than before. Values a column cannot hold become null with an issue on the row; nothing throws.
 */
import { createHash } from 'node:crypto';
import type { DuckDBValue } from '@duckdb/node-api';
import type { ListingWrite } from '../jobs/series-store.ts';
import type { ListingFieldName, ListingRecord } from '../listings/fields.ts';
import { listingFieldNames } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import { cellOf } from './cells.ts';
import type { StagingTable } from './staging.ts';
import { fieldColumns, provenanceColumns } from './tables.ts';

export const stagedListings: StagingTable = {
  name: 'staged_listings',
  columns: [
    ...fieldColumns,
    { name: 'data_quality_score', type: 'DOUBLE' },
    { name: 'issues_json', type: 'JSON' },
    { name: 'content_hash', type: 'VARCHAR' },
    ...provenanceColumns,
    { name: 'is_last_of_batch', type: 'BOOLEAN' },
  ],
};

const ignore = () => undefined;

/** The staged row of a listing. `isLastOfBatch`: no later write of the batch has the same listing. */
export function listingRow(write: ListingWrite, isLastOfBatch: boolean): readonly DuckDBValue[] {
  const { record, provenance } = write;
  const issues: Issue[] = [...write.issues];
  const cells = listingFieldNames.map((field, index) =>
    cellOf(fieldColumns[index]?.type ?? 'VARCHAR', record[field], (problem) => {
      issues.push({ code: 'TEXT_REFUSED', field, message: problem });
    }),
  );
  return [
    ...cells,
    cellOf('DOUBLE', write.dataQualityScore, ignore) ?? 0,
    cellOf('JSON', issues, ignore),
    contentHashOf(record),
    cellOf('VARCHAR', provenance.executionId, ignore),
    cellOf('TIMESTAMP', provenance.fetchedAtUtc, ignore),
    cellOf('VARCHAR', provenance.requestUrl, ignore),
    cellOf('VARCHAR', provenance.responseSha256, ignore),
    cellOf('VARCHAR', provenance.parser, ignore),
    cellOf('VARCHAR', provenance.nodeId, ignore),
    isLastOfBatch,
  ];
}

/**
 * SHA-256 (hex) over every field but the key, in the order of the field table and with the labels sorted. Fields that
 * are null are left out, so that a column added later changes only the listings that have it.
 */
export function contentHashOf(record: ListingRecord): string {
  const parts: string[] = [];
  for (const field of listingFieldNames) {
    const value = record[field];
    if (field === 'listingId' || value === null) continue;
    parts.push(field, typeof value === 'object' ? sortedText(value) : String(value));
  }
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

function sortedText(labels: Readonly<Record<string, string>>): string {
  const keys = Object.keys(labels).sort();
  return keys.map((key) => `${key}\u0001${String(labels[key])}`).join('\u0002');
}

/** Field names whose columns a changed page replaces: all but the key. */
export const replacedFields: readonly ListingFieldName[] = listingFieldNames.filter((field) => field !== 'listingId');
