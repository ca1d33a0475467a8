/**
 * Listings as rows, column by column in the order of `listings`, and the hash that tells whether a page says something
 * else than before. Values a column cannot hold become null with an issue on the row; nothing throws.
 */
import { hash } from 'node:crypto';
import type { DuckDBValue } from '@duckdb/node-api';
import type { ListingWrite } from '../jobs/series-store.ts';
import type { ListingRecord } from '../listings/fields.ts';
import { listingFieldNames } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import type { Report } from './cells.ts';
import { cellOf } from './cells.ts';
import { columnsOf } from './staging.ts';
import { fieldColumns, listingsTable } from './tables.ts';

const columnsAfterFields = listingsTable.columns.slice(fieldColumns.length);

export interface HashedWrite {
  readonly write: ListingWrite;
  readonly contentHash: string;
}

/** The columns of the rows of listings at their first sight. */
export function listingColumns(hashed: readonly HashedWrite[]): readonly (readonly DuckDBValue[])[] {
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
  const rest = hashed.map(({ write, contentHash }) => valuesAfterFields(write, contentHash, refused.get(write) ?? []));
  return [...cells, ...columnsOf(columnsAfterFields, rest)];
}

function valuesAfterFields(
  { issues, dataQualityScore, provenance }: ListingWrite,
  contentHash: string,
  refused: readonly Issue[],
): Readonly<Record<string, unknown>> {
  return {
    first_seen_at: provenance.fetchedAtUtc,
    last_seen_at: provenance.fetchedAtUtc,
    gone_at: null,
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
