/**
 * Listings as rows, column by column in the order of `listing_versions`, and the hash that tells whether a page says something
 * else than before. Values a column cannot hold become null with an issue on the row; nothing throws.
 */
import { hash } from 'node:crypto';
import type { DuckDBValue } from '@duckdb/node-api';
import type { ListingWrite } from '../jobs/store-writes.ts';
import type { ListingRecord } from '../listings/fields.ts';
import { listingFieldNames } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import type { Report } from './cells.ts';
import { cellOf } from './cells.ts';
import { listingVersionsTable } from './history-tables.ts';
import { fieldColumns } from './listing-columns.ts';
import { columnsOf } from './staging.ts';
import type { ColumnSpec } from './table-spec.ts';
import { flag, number } from './table-spec.ts';

export interface HashedWrite {
  readonly write: ListingWrite;
  readonly contentHash: string;
}

/** A write that makes a version of its listing. */
export interface VersionWrite extends HashedWrite {
  /** The listing was not known. */
  readonly isNew: boolean;
  /** Null, unless it was found to be gone after this page was fetched: then when (ISO 8601 UTC). */
  readonly goneAtUtc: string | null;
}

/** Columns of staged versions: those of the versions, whether the listing itself is new, and the status of its page. */
export const stagedVersionColumns: readonly ColumnSpec[] = [
  ...listingVersionsTable.columns,
  flag('is_new', 'The listing was not known', 'program'),
  number('INTEGER', 'HTTP status', 'status', 'Status of the page', 'response'),
];
const columnsAfterFields = stagedVersionColumns.slice(fieldColumns.length);

/** The cells of the versions, in the order of `stagedVersionColumns`. */
export function versionCells(hashed: readonly VersionWrite[]): readonly (readonly DuckDBValue[])[] {
  const refused = new Map<ListingWrite, Issue[]>();
  const cells = listingFieldNames.map((field, index) => {
    const type = fieldColumns[index]?.type ?? 'VARCHAR';
    let current: ListingWrite | null = null;
    const report: Report = (message) => {
      if (current === null) return;
      const issues = refused.get(current) ?? [];
      refused.set(current, [...issues, { code: 'TEXT_REFUSED', field, message }]);
    };
    return hashed.map(({ write }) => {
      current = write;
      return cellOf(type, write.record[field], report);
    });
  });
  const rest = hashed.map((version) => valuesAfterFields(version, refused.get(version.write) ?? []));
  return [...cells, ...columnsOf(columnsAfterFields, rest)];
}

function valuesAfterFields(
  { write: { issues, dataQualityScore, provenance }, contentHash, isNew, goneAtUtc }: VersionWrite,
  refused: readonly Issue[],
): Readonly<Record<string, unknown>> {
  return {
    valid_from: provenance.fetchedAtUtc,
    valid_to: goneAtUtc,
    end_reason: goneAtUtc === null ? null : 'gone',
    is_new: isNew,
    status: provenance.status,
    data_quality_score: dataQualityScore,
    issues_json: [...issues, ...refused],
    content_hash: contentHash,
    execution_id: provenance.executionId,
    fetched_at: provenance.fetchedAtUtc,
    request_url: provenance.requestUrl,
    response_sha256: provenance.responseSha256,
    parser: provenance.parser,
    node_id: provenance.nodeId,
    etag: provenance.etag,
    last_modified: provenance.lastModified,
    card_hash: provenance.cardHash,
  };
}

/**
 * SHA-256 (hex) over every field but the key, in the order of the field table and with the labels sorted. Fields that
 * are null are left out, so that a column added later changes only the listings that have it.
 */
export function contentHashOf(record: ListingRecord): string {
  let text = '';
  for (const field of listingFieldNames) {
    const value = record[field];
    if (field === 'listingId' || value === null) continue;
    text += `${field}\0${typeof value === 'object' ? sortedText(value) : String(value)}\0`;
  }
  return hash('sha256', text);
}

function sortedText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const label of Object.keys(labels).sort()) text += `${label}\u0001${String(labels[label])}\u0002`;
  return text;
}
