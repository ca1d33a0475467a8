/**
 * Releases or discards a quarantine for an operator: whoever holds the database does it, this process or the store of a
 * cluster.
 */
import type { Config } from '../../config/config.ts';
import { systemClock } from '../../src/clock.ts';
import { StorageError } from '../../src/errors.ts';
import type { QuarantineDecision } from '../../src/jobs/close-quarantine.ts';
import { closeQuarantine } from '../../src/jobs/close-quarantine.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import type { ClosedQuarantine } from '../../src/quality/quarantine.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { openReader } from '../../src/storage/reader.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { createAuditTrail } from '../audit-trail.ts';

export interface QuarantineDesk {
  readonly config: Config;
  readonly databasePath: string;
  /** The audit file; the table has it too. */
  readonly audit: AuditSink;
}

export type QuarantineDecided =
  | { readonly kind: 'closed_here'; readonly closed: ClosedQuarantine }
  /** The store did it; its audit log says what became of the listings. */
  | { readonly kind: 'closed_by_store' }
  | { readonly kind: 'refused_by_store'; readonly reason: string };

/**
 * Ends the quarantine, on record.
 * @throws StorageError QUARANTINE_UNKNOWN when there is none that is open, else as `openDatabase`; ScraperError
 * CLUSTER_UNREACHABLE and STORE_SILENT as `orderQuarantine`.
 */
export async function decideQuarantine(desk: QuarantineDesk, decision: QuarantineDecision): Promise<QuarantineDecided> {
  try {
    return { kind: 'closed_here', closed: await closeHere(desk, decision) };
  } catch (error) {
    const isElsewhere = error instanceof StorageError && elsewhereCodes.has(error.code);
    if (!isElsewhere || desk.config.cluster.redis === null) throw error;
    const { orderQuarantine } = await import('../order-quarantine.ts');
    const reason = await orderQuarantine(desk.config, decision);
    return reason === null ? { kind: 'closed_by_store' } : { kind: 'refused_by_store', reason };
  }
}

/** The store has it open, or it is on another machine. */
const elsewhereCodes: ReadonlySet<string> = new Set(['DATABASE_LOCKED', 'DATABASE_MISSING']);

async function closeHere(
  { config, databasePath, audit: auditFile }: QuarantineDesk,
  decision: QuarantineDecision,
): Promise<ClosedQuarantine> {
  // Opening it to write would make a database where there is none.
  await (await openReader(databasePath)).close();
  const database = await openDatabase({ path: databasePath, mode: 'write', ...config.database });
  try {
    const store = createSeriesStore({ database, clock: systemClock });
    const sinks = { recordAudit: store.recordAudit, auditFile };
    const trail = createAuditTrail({ ...sinks, clock: systemClock, nodeId: config.nodeId });
    const closed = await closeQuarantine(
      { store, clock: systemClock, audit: trail.of(decision.executionId) },
      decision,
    );
    await store.flush();
    return closed;
  } finally {
    await database.close();
  }
}
