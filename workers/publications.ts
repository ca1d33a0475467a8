/**
 * What a process that holds the database leaves for others to read: snapshots while a run goes on and at its end. A part
 * that cannot be published is missing from the run; no listing depends on it.
 */
import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import { closeExecution } from '../src/jobs/finalize-handlers.ts';
import type { AnyJobHandler } from '../src/jobs/job.ts';
import type { Log } from '../src/log.ts';
import type { ExecutionResult, MissingPart } from '../src/quality/city-receipt.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import { joinMissingParts } from '../src/quality/degradations.ts';
import type { Database } from '../src/storage/database.ts';
import { publishSnapshot } from '../src/storage/snapshot.ts';
import { SnapshotPublisher } from './snapshot-publisher.ts';

export interface Publications {
  /** The books of a city are closed: readers may have it soon. */
  readonly cityClosed: () => void;
  /** The books of a run are closed: publishes what it left. Never rejects; what cannot be published is reported. */
  readonly runClosed: (result: ExecutionResult) => Promise<void>;
  /** Waits for what is being published; to be called before the database is closed. */
  readonly close: () => Promise<void>;
}

interface PublicationOptions {
  readonly config: Config;
  /** Opened to write; borrowed. */
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly degradations: Degradations;
}

/** What is published as configured; nothing when that is switched off. */
export function openPublications({ config, database, clock, log, degradations }: PublicationOptions): Publications {
  const { snapshots: isPublished, intervalMs } = config.publish;
  if (!isPublished)
    return { cityClosed: () => undefined, runClosed: async () => undefined, close: async () => undefined };
  const publish = () => publishSnapshot(database);
  const snapshots = new SnapshotPublisher({ publish, intervalMs, clock, log, degradations });
  return {
    cityClosed: () => snapshots.publishSoon(),
    runClosed: async () => {
      await snapshots.publishNow();
    },
    close: () => snapshots.close(),
  };
}

/** The handlers, of which the one that closes the books of a city says so. */
export function publishingCities(
  handlers: readonly AnyJobHandler[],
  { cityClosed }: Pick<Publications, 'cityClosed'>,
): readonly AnyJobHandler[] {
  return handlers.map((handler) => {
    if (handler.kind !== 'finalize-city') return handler;
    return {
      ...handler,
      run: async (payload, context) => {
        const result = await handler.run(payload, context);
        cityClosed();
        return result;
      },
    };
  });
}

/**
 * Publishes a run whose books are closed and gives back its result: closed once more when a part was found to be missing
 * only then. `flush` writes what the database is to have first.
 */
export async function publishRun(
  books: BookOptions,
  result: ExecutionResult,
  { publications, flush }: { readonly publications: Publications; readonly flush: () => Promise<unknown> },
): Promise<ExecutionResult> {
  await flush();
  await publications.runClosed(result);
  if (hasAllMissingParts(result, books.missingParts())) return result;
  const { executionId, nominalDay, status } = result;
  return closeExecution(books, { executionId, nominalDay, isInterrupted: status === 'interrupted' });
}

function hasAllMissingParts({ missingParts }: ExecutionResult, missing: readonly MissingPart[]): boolean {
  return joinMissingParts(missingParts, missing).length === missingParts.length;
}
