/**
 * Writes that may wait for company: the politeness ledger and audit events are kept in memory until the next transaction and written
 * with it. What a failed transaction took is kept for the next one.
 */
import type { LimitRecord, RequestLogEntry, RobotsRecord } from '../crawl/request-log.ts';
import type { SeriesStore } from '../jobs/series-store.ts';
import type { AuditEvent } from '../lineage/audit-event.ts';
import { insertAuditEvents, stagedAuditEvents } from './audit-rows.ts';
import { discoveryStagingTables } from './commit-discoveries.ts';
import { listingStagingTables } from './commit-listings.ts';
import { unchangedStagingTables } from './commit-unchanged.ts';
import type { Database } from './database.ts';
import { stagedGone } from './delist.ts';
import type { LedgerEntries } from './request-ledger.ts';
import { writeLedger } from './request-ledger.ts';
import type { Session } from './session.ts';
import { createStagingTables } from './staging.ts';

export interface BufferedWriter
  extends Pick<SeriesStore, 'recordRequest' | 'recordLimit' | 'recordRobots' | 'recordAudit' | 'flush'> {
  /** Runs the work in a transaction that also writes everything buffered so far; staging tables are there. */
  readonly transact: <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>;
}

interface Buffered extends LedgerEntries {
  readonly auditEvents: readonly AuditEvent[];
}

const stagingTables = [
  ...discoveryStagingTables,
  ...listingStagingTables,
  ...unchangedStagingTables,
  stagedAuditEvents,
  stagedGone,
];

export function createBufferedWriter(database: Database): BufferedWriter {
  let requests: RequestLogEntry[] = [];
  let limits: LimitRecord[] = [];
  let robots: RobotsRecord[] = [];
  let auditEvents: AuditEvent[] = [];
  let hasStaging = false;

  const createStagingOnce = async (): Promise<void> => {
    if (hasStaging) return;
    await database.use((session) => createStagingTables(session, stagingTables));
    hasStaging = true;
  };

  const transact = async <Result>(work: (session: Session) => Promise<Result>): Promise<Result> => {
    await createStagingOnce();
    let taken: Buffered = { requests: [], limits: [], robots: [], auditEvents: [] };
    try {
      return await database.transact(async (session) => {
        taken = { requests, limits, robots, auditEvents };
        [requests, limits, robots, auditEvents] = [[], [], [], []];
        await writeLedger(session, taken);
        await insertAuditEvents(session, taken.auditEvents);
        return work(session);
      });
    } catch (error) {
      requests = [...taken.requests, ...requests];
      limits = [...taken.limits, ...limits];
      robots = [...taken.robots, ...robots];
      auditEvents = [...taken.auditEvents, ...auditEvents];
      throw error;
    }
  };

  return {
    recordRequest: (entry) => {
      requests.push(entry);
    },
    recordLimit: (record) => void limits.push(record),
    recordRobots: (record) => void robots.push(record),
    recordAudit: (event) => {
      auditEvents.push(event);
    },
    transact,
    flush: async () => {
      const waiting = requests.length + limits.length + robots.length + auditEvents.length;
      if (waiting > 0) await transact(() => Promise.resolve());
    },
  };
}
