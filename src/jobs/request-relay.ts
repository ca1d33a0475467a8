/**
 * Brings the request log of a worker to a store on another machine: what a job asked of the portal travels as one
 * `store-requests` job before the job itself ends, so that a city is never closed while its requests are on their way.
 */
import type { RequestLogEntry, RequestSink } from '../crawl/request-log.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { AnyJobHandler, JobRequest } from './job.ts';
import { queueNames } from './job-names.ts';

interface RequestRelayOptions {
  /** Brings a job on its way. */
  readonly send: (request: JobRequest) => Promise<void>;
  /** Unique per process and start: part of every batch's name. */
  readonly source: string;
  readonly log: Log;
}

export interface RequestRelay {
  readonly sink: RequestSink;
  /** The handler, with its requests sent on before it ends, however it ends. */
  readonly relayed: (handler: AnyJobHandler) => AnyJobHandler;
  /** Sends what is left; entries that cannot be sent stay for the next time. Never throws. */
  readonly flush: () => Promise<void>;
}

export function createRequestRelay({ send, source, log }: RequestRelayOptions): RequestRelay {
  let entries: RequestLogEntry[] = [];
  let batches = 0;

  async function sendBatch(executionId: string, batch: readonly RequestLogEntry[]): Promise<void> {
    batches += 1;
    const batchId = `${executionId}.store-requests.${source}.${batches}`;
    const payload = { batchId, executionId, entries: batch };
    try {
      await send({ id: batchId, kind: 'store-requests', queue: queueNames.store, payload });
    } catch (error) {
      entries = [...batch, ...entries];
      log.warn(
        { error: messageOf(error), requests: batch.length },
        'the request log could not be sent to the store yet',
      );
    }
  }

  async function flush(): Promise<void> {
    const taken = entries;
    entries = [];
    for (const executionId of new Set(taken.map((entry) => entry.executionId))) {
      const batch = taken.filter((entry) => entry.executionId === executionId);
      await sendBatch(executionId, batch);
    }
  }

  return {
    sink: (entry) => {
      entries.push(entry);
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
