/**
 * Stored listings read back as the records they were, a page of rows at a time.
 */
import { z } from 'zod';
import { StorageError } from '../errors.ts';
import type { StoredListing, StoredPlace } from '../jobs/series-store.ts';
import { columnOf, listingFieldNames, listingFields } from '../listings/fields.ts';
import { issueCodes } from '../listings/issue.ts';
import { isListingRecord, problemOfRecord } from '../listings/record-shape.ts';
import type { Session } from './session.ts';

const issueSchema = z.object({
  code: z.enum(issueCodes),
  field: z.string().nullable(),
  message: z.string(),
  rawValue: z.string().exactOptional(),
});

const rowSchema = z.object({
  record: z.string().transform((text): unknown => JSON.parse(text)),
  issues: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(issueSchema)),
  executionId: z.string(),
  fetchedAtUtc: z.string(),
  requestUrl: z.string(),
  responseSha256: z.string(),
  parser: z.string(),
  nodeId: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  cardHash: z.string().nullable(),
});

const timePattern = "'%Y-%m-%dT%H:%M:%S.%gZ'";
const recordFields = listingFieldNames.map((field) => {
  const column = columnOf(field);
  const { type } = listingFields[field];
  const value = type === 'timestamp' ? `strftime(${column}, ${timePattern})` : column;
  return `'${field}', ${value}`;
});

const selectRows = `SELECT json_object(${recordFields.join(', ')})::VARCHAR AS record, issues_json::VARCHAR AS issues,
    execution_id AS executionId, strftime(fetched_at, ${timePattern}) AS fetchedAtUtc, request_url AS requestUrl,
    response_sha256 AS responseSha256, parser, node_id AS nodeId, etag, last_modified AS lastModified,
    card_hash AS cardHash
  FROM listings WHERE fetched_at >= $sinceUtc::TIMESTAMP
    AND (fetched_at, listing_id) > ($fetchedAtUtc::TIMESTAMP, $listingId)
  ORDER BY fetched_at, listing_id LIMIT $limit`;

/** The rows whose page was fetched since an instant, after a place, oldest page first; at most `limit`. */
export async function selectStoredRows(
  session: Session,
  { sinceUtc, after, limit }: { readonly sinceUtc: string; readonly after: StoredPlace | null; readonly limit: number },
): Promise<readonly StoredListing[]> {
  const { fetchedAtUtc, listingId } = after ?? { fetchedAtUtc: '1970-01-01T00:00:00.000Z', listingId: '' };
  const rows = await session.rows(selectRows, { sinceUtc, fetchedAtUtc, listingId, limit });
  return rows.map((row) => readRow(row));
}

function readRow(row: Readonly<Record<string, unknown>>): StoredListing {
  const { record, issues, cardHash, ...provenance } = rowSchema.parse(row);
  if (!isListingRecord(record)) {
    const message = `a row of listings: ${problemOfRecord(record)}; it was written by another program`;
    throw new StorageError('ROW_INVALID', message);
  }
  // Only a page with status 200 becomes a row. A row without the hash of its card is older than that column.
  return { record, issues, provenance: { ...provenance, status: 200, cardHash: cardHash ?? '' } };
}
