/**
 * Brings the ledger of a worker to a store on another machine: what a job asked of the portal, the limits it kept to and
 * what there was for the audit log travel as one `store-ledger` job before the job itself ends, so that a city is never
 * closed while its requests are on their way.
 */
import type { LedgerSink, RequestSink } from '../crawl/request-log.ts';
import { messageOf } from '../errors.ts';
import type { AuditSink } from '../lineage/audit-event.ts';
import type { Log } from '../log.ts';
import type { AnyJobHandler, JobRequest } from './job.ts';
import { queueNames } from './job-names.ts';
import type { LedgerBatchWrite } from './store-writes.ts';

interface LedgerRelayOptions {
  /** Brings a job on its way. */
  readonly send: (request: JobRequest) => Promise<void>;
  /** Unique per process and start: part of every batch's name. */
  readonly source: string;
  readonly log: Log;
}

export interface LedgerRelay extends LedgerSink {
  readonly recordRequest: RequestSink;
  /** An event of no execution is not sent: the store keeps the books of executions. */
  readonly recordAudit: AuditSink;
  /** The handler, with what it left in the ledger sent on before it ends, however it ends. */
  readonly relayed: (handler: AnyJobHandler) => AnyJobHandler;
  /** Sends what is left; what cannot be sent stays for the next time. Never throws. */
  readonly flush: () => Promise<void>;
}

type Batch = { -readonly [Part in 'requests' | 'limits' | 'robots' | 'auditEvents']: LedgerBatchWrite[Part][number][] };

export function createLedgerRelay({ send, source, log }: LedgerRelayOptions): LedgerRelay {
  const waiting = new Map<string, Batch>();
  let batches = 0;

  function batchOf(executionId: string): Batch {
    const known = waiting.get(executionId) ?? { requests: [], limits: [], robots: [], auditEvents: [] };
    waiting.set(executionId, known);
    return known;
  }

  async function sendBatch(executionId: string, batch: Batch): Promise<void> {
    batches += 1;
    const batchId = `${executionId}.store-ledger.${source}.${batches}`;
    const payload: LedgerBatchWrite = { batchId, executionId, ...batch };
    try {
      await send({ id: batchId, kind: 'store-ledger', queue: queueNames.store, payload });
    } catch (error) {
      const newer = batchOf(executionId);
      newer.requests.unshift(...batch.requests);
      newer.limits.unshift(...batch.limits);
      newer.robots.unshift(...batch.robots);
      newer.auditEvents.unshift(...batch.auditEvents);
      log.warn({ error: messageOf(error) }, 'the ledger could not be sent to the store yet');
    }
  }

  async function flush(): Promise<void> {
    const taken = [...waiting];
    waiting.clear();
    for (const [executionId, batch] of taken) await sendBatch(executionId, batch);
  }

  return {
    recordRequest: (entry) => void batchOf(entry.executionId).requests.push(entry),
    recordLimit: (record) => void batchOf(record.executionId).limits.push(record),
    recordRobots: (record) => void batchOf(record.executionId).robots.push(record),
    recordAudit: (event) => {
      if (event.executionId !== null) batchOf(event.executionId).auditEvents.push(event);
    },
    relayed: (handler) => ({
      ...handler,
      run: async (payload, context) => {
        try {
          return await handler.run(payload, context);
        } finally {
          await flush();
        }
      },
    }),
    flush,
  };
}
