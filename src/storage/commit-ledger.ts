/**
 * What workers elsewhere left in the ledger. Must run inside a transaction; a batch that was written before is left out.
 */
import type { LedgerBatchWrite } from '../jobs/store-writes.ts';
import { insertAuditEvents } from './audit-rows.ts';
import { writeLedger } from './request-ledger.ts';
import type { Session } from './session.ts';

export async function commitLedgerBatches(session: Session, batches: readonly LedgerBatchWrite[]): Promise<void> {
  for (const { batchId, executionId, auditEvents, ...entries } of batches) {
    const added = await session.rows(
      'INSERT INTO ledger_batches VALUES ($batchId, $executionId) ON CONFLICT DO NOTHING RETURNING batch_id',
      { batchId, executionId },
    );
    if (added.length === 0) continue;
    await writeLedger(session, entries);
    await insertAuditEvents(session, auditEvents);
  }
}
