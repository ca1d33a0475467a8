/**
 * The table `data_lineage`: a row for each change of a row. Written by one statement for a whole batch, in the
 * transaction that makes the changes. A page that says the same as before changes nothing and adds nothing here.
 */
import type { DataLineageEntry } from '../lineage/data-lineage.ts';
import { dataLineageTable } from './lineage-tables.ts';
import type { Session } from './session.ts';
import { columnsOf, typesOf } from './staging.ts';

const hostOf = (url: string) => `regexp_extract(${url}, '^[a-z]+://([^/]+)', 1)`;

/** To be run while the versions are staged. */
const addStagedVersions = `INSERT INTO data_lineage
  SELECT 'listings', listing_id, CASE WHEN is_new THEN 'INSERT' ELSE 'UPDATE' END, ${hostOf('request_url')}, execution_id,
    parser, data_quality_score, request_url, status, fetched_at, response_sha256, node_id
  FROM staged_versions`;

/** To be run while what is gone is staged, after it was marked. A listing that is gone keeps its row. */
const addStagedGone = `INSERT INTO data_lineage
  SELECT 'listings', l.listing_id, 'DELETE', ${hostOf('l.request_url')}, $executionId, 'delisting/' || g.gone_reason, NULL,
    NULL, NULL, g.gone_at, NULL, l.node_id
  FROM staged_gone g JOIN listings l ON l.listing_id = g.listing_id`;

/** Adds the changes of the staged versions. */
export async function addLineageOfVersions(session: Session): Promise<void> {
  await session.run(addStagedVersions, {});
}

/** Adds the listings that the execution has marked gone. */
export async function addLineageOfGone(session: Session, executionId: string): Promise<void> {
  await session.run(addStagedGone, { executionId });
}

/** Adds entries as they are. */
export async function insertLineage(session: Session, entries: readonly DataLineageEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { name, columns } = dataLineageTable;
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, entries.map(lineageRow)));
}

function lineageRow(entry: DataLineageEntry) {
  return {
    table_name: entry.tableName,
    record_id: entry.recordId,
    operation: entry.operation,
    data_source: entry.dataSource,
    execution_id: entry.executionId,
    transformation: entry.transformation,
    quality_score: entry.qualityScore,
    request_url: entry.requestUrl,
    status: entry.status,
    fetched_at: entry.fetchedAtUtc,
    response_sha256: entry.responseSha256,
    node_id: entry.nodeId,
  };
}
