/**
 * Where a listing's row came from, put together from the tables: its execution, its request, its versions, its lineage. It
 * changes nothing.
 */

import { z } from 'zod';
import { StorageError } from '../errors.ts';
import { instant } from './instant.ts';
import type { Session } from './session.ts';

const originRow = z.object({
  listingId: z.string(),
  url: z.string(),
  city: z.string(),
  address: z.string().nullable(),
  executionId: z.string(),
  requestUrl: z.string(),
  fetchedAtUtc: instant,
  firstSeenAtUtc: instant,
  lastSeenAtUtc: instant,
  goneAtUtc: instant.nullable(),
  goneReason: z.string().nullable(),
  responseSha256: z.string(),
  parser: z.string(),
  nodeId: z.string(),
  dataQualityScore: z.number(),
  executionStatus: z.string().nullable(),
  nominalDay: z.string().nullable(),
  verdict: z.string().nullable(),
  outcome: z.string().nullable(),
});

const requestRow = z.object({
  sentAtUtc: instant,
  status: z.number().nullable(),
  durationMs: z.number(),
  bodyBytes: z.bigint().transform(Number),
  nodeId: z.string(),
});

const versionRow = z.object({
  validFromUtc: instant,
  validToUtc: instant.nullable(),
  endReason: z.string().nullable(),
  executionId: z.string(),
  responseSha256: z.string(),
  parser: z.string(),
  priceEur: z.number().nullable(),
  rentEurMonth: z.number().nullable(),
});

const lineageRow = z.object({
  operation: z.enum(['INSERT', 'UPDATE', 'DELETE']),
  executionId: z.string(),
  transformation: z.string(),
  dataSource: z.string(),
  status: z.number().nullable(),
  fetchedAtUtc: instant.nullable(),
  responseSha256: z.string().nullable(),
});

/** The way from a row back to the response it was read from. */
export interface ListingOrigin {
  readonly origin: z.infer<typeof originRow>;
  /** The entry of the request log; null when single requests of that day are no longer kept. */
  readonly request: z.infer<typeof requestRow> | null;
  /** Oldest first. */
  readonly versions: readonly z.infer<typeof versionRow>[];
  /** Changes of the row in the order they were made. */
  readonly lineage: readonly z.infer<typeof lineageRow>[];
}

const selectOrigin = `SELECT l.listing_id AS listingId, l.url, l.city, l.address, l.execution_id AS executionId,
    l.request_url AS requestUrl, epoch_ms(l.fetched_at)::DOUBLE AS fetchedAtUtc,
    epoch_ms(l.first_seen_at)::DOUBLE AS firstSeenAtUtc, epoch_ms(l.last_seen_at)::DOUBLE AS lastSeenAtUtc,
    epoch_ms(l.gone_at)::DOUBLE AS goneAtUtc, l.gone_reason AS goneReason, l.response_sha256 AS responseSha256,
    l.parser, l.node_id AS nodeId, l.data_quality_score AS dataQualityScore, e.status AS executionStatus,
    e.nominal_day::VARCHAR AS nominalDay, c.verdict, o.outcome
  FROM listings l LEFT JOIN executions e ON e.execution_id = l.execution_id
    LEFT JOIN city_executions c ON c.execution_id = l.execution_id AND c.city = l.city
    LEFT JOIN execution_listings o ON o.execution_id = l.execution_id AND o.city = l.city
      AND o.listing_id = l.listing_id
  WHERE l.listing_id = $listingId`;

/** The request whose answer came at that time: the last one of this URL that left before. */
const selectRequest = `SELECT epoch_ms(sent_at)::DOUBLE AS sentAtUtc, status, duration_ms AS durationMs,
    body_bytes AS bodyBytes, node_id AS nodeId
  FROM request_log WHERE url = $requestUrl AND execution_id = $executionId AND sent_at <= $fetchedAtUtc::TIMESTAMP
  ORDER BY sent_at DESC LIMIT 1`;

const selectVersions = `SELECT epoch_ms(valid_from)::DOUBLE AS validFromUtc, epoch_ms(valid_to)::DOUBLE AS validToUtc,
    end_reason AS endReason, execution_id AS executionId, response_sha256 AS responseSha256, parser,
    price_eur AS priceEur, rent_eur_month AS rentEurMonth
  FROM listing_versions WHERE listing_id = $listingId ORDER BY valid_from`;

const selectLineage = `SELECT operation, execution_id AS executionId, transformation, data_source AS dataSource, status,
    epoch_ms(fetched_at)::DOUBLE AS fetchedAtUtc, response_sha256 AS responseSha256
  FROM data_lineage WHERE table_name = 'listings' AND record_id = $listingId ORDER BY rowid`;

/** @throws StorageError LISTING_UNKNOWN when no listing of that id is stored. */
export async function readOrigin(session: Session, listingId: string): Promise<ListingOrigin> {
  const [row] = await session.rows(selectOrigin, { listingId });
  if (row === undefined) {
    const message = `explain ${listingId}: expected the id of a stored listing, got one that is not; see: oikotie listings`;
    throw new StorageError('LISTING_UNKNOWN', message);
  }
  const origin = originRow.parse(row);
  const { requestUrl, executionId, fetchedAtUtc } = origin;
  const [request] = await session.rows(selectRequest, { requestUrl, executionId, fetchedAtUtc });
  const versions = await session.rows(selectVersions, { listingId });
  const lineage = await session.rows(selectLineage, { listingId });
  return {
    origin,
    request: request === undefined ? null : requestRow.parse(request),
    versions: versions.map((version) => versionRow.parse(version)),
    lineage: lineage.map((entry) => lineageRow.parse(entry)),
  };
}
