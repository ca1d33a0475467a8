/**
 * A listing as a row: its cells in the order of `listings`, and the hash that tells whether its page says something
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
import { fieldColumns, listingsTable } from './tables.ts';

const columnsAfterFields = listingsTable.columns.slice(fieldColumns.length);
const ignore: Report = () => undefined;

/** The row of a listing at its first sight, in the order of `listings`. */
export function listingRow(write: ListingWrite, contentHash: string): readonly DuckDBValue[] {
  const { record, provenance } = write;
  const issues: Issue[] = [...write.issues];
  const cells: DuckDBValue[] = [];
  let field: string | null = null;
  const report: Report = (problem) => {
    issues.push({ code: 'TEXT_REFUSED', field, message: problem });
  };
  for (const [index, name] of listingFieldNames.entries()) {
    field = name;
    cells.push(cellOf(fieldColumns[index]?.type ?? 'VARCHAR', record[name], report));
  }
  const rest: Readonly<Record<string, unknown>> = {
    first_seen_at: provenance.fetchedAtUtc,
    last_seen_at: provenance.fetchedAtUtc,
    gone_at: null,
    data_quality_score: write.dataQualityScore,
    issues_json: issues,
    content_hash: contentHash,
    execution_id: provenance.executionId,
    fetched_at: provenance.fetchedAtUtc,
    request_url: provenance.requestUrl,
    response_sha256: provenance.responseSha256,
    parser: provenance.parser,
    node_id: provenance.nodeId,
  };
  for (const { name, type } of columnsAfterFields) cells.push(cellOf(type, rest[name], ignore));
  return cells;
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
