/**
 * Writes that may wait for company: requests and audit events are kept in memory until the next transaction and written
 * with it. What a failed transaction took is kept for the next one.
 */
import type { RequestLogEntry } from '../crawl/request-log.ts';
import type { SeriesStore } from '../jobs/series-store.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import { insertAuditEvents, stagedAuditEvents } from './audit-rows.ts';
import { discoveryStagingTables } from './commit-discoveries.ts';
import { listingStagingTables } from './commit-listings.ts';
import { unchangedStagingTables } from './commit-unchanged.ts';
import type { Database } from './database.ts';
import type { Session } from './session.ts';
import { columnsOf, createStagingTables, typesOf } from './staging.ts';
import { requestLogTable } from './tables.ts';

export interface BufferedWriter extends Pick<SeriesStore, 'recordRequest' | 'recordAudit' | 'flush'> {
  /** Runs the work in a transaction that also writes everything buffered so far; staging tables are there. */
  readonly transact: (work: (session: Session) => Promise<void>) => Promise<void>;
}

interface Buffered {
  readonly requests: readonly RequestLogEntry[];
  readonly auditEvents: readonly AuditEvent[];
}

const stagingTables = [
  ...discoveryStagingTables,
  ...listingStagingTables,
  ...unchangedStagingTables,
  stagedAuditEvents,
];

export function createBufferedWriter(database: Database): BufferedWriter {
  let requests: RequestLogEntry[] = [];
  let auditEvents: AuditEvent[] = [];
  let hasStaging = false;

  const createStagingOnce = async (): Promise<void> => {
    if (hasStaging) return;
    await database.use((session) => createStagingTables(session, stagingTables));
    hasStaging = true;
  };

  const transact = async (work: (session: Session) => Promise<void>): Promise<void> => {
    await createStagingOnce();
    let taken: Buffered = { requests: [], auditEvents: [] };
    try {
      await database.transact(async (session) => {
        taken = { requests, auditEvents };
        requests = [];
        auditEvents = [];
        await appendRequests(session, taken.requests);
        await insertAuditEvents(session, taken.auditEvents);
        await work(session);
      });
    } catch (error) {
      requests = [...taken.requests, ...requests];
      auditEvents = [...taken.auditEvents, ...auditEvents];
      throw error;
    }
  };

  return {
    recordRequest: (entry) => {
      requests.push(entry);
    },
    recordAudit: (event) => {
      auditEvents.push(event);
    },
    transact,
    flush: async () => {
      if (requests.length + auditEvents.length > 0) await transact(() => Promise.resolve());
    },
  };
}

async function appendRequests(session: Session, entries: readonly RequestLogEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { name, columns } = requestLogTable;
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, entries.map(requestRow)));
}

function requestRow(entry: RequestLogEntry) {
  return {
    sent_at: entry.sentAtUtc,
    execution_id: entry.executionId,
    city: entry.city,
    kind: entry.kind,
    url: entry.url,
    status: entry.status,
    duration_ms: entry.durationMs,
    body_bytes: entry.bodyBytes,
    error_category: entry.errorCategory,
    node_id: entry.nodeId,
  };
}
