/**
 * What a process that holds the database leaves for others to read: snapshots while a run goes on, and at its end
 * one more and a dataset. A part that cannot be published is missing from the run; no listing depends on it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { readVersion } from '../config/user-agent.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { BookOptions } from '../src/jobs/finalize-handlers.ts';
import { closeExecution } from '../src/jobs/finalize-handlers.ts';
import type { AnyJobHandler } from '../src/jobs/job.ts';
import type { Log } from '../src/log.ts';
import type { ExecutionResult, MissingPart } from '../src/quality/city-receipt.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import { joinMissingParts } from '../src/quality/degradations.ts';
import type { Database } from '../src/storage/database.ts';
import { selectStoppedRun, writeDataset } from '../src/storage/dataset.ts';
import { publishSnapshot, snapshotPathOf } from '../src/storage/snapshot.ts';
import { SnapshotPublisher } from './snapshot-publisher.ts';

export interface Publications {
  /**
   * A run begins, and what was left open before is closed: writes the dataset of the run before it when that was stopped for
   * good. Never rejects; what cannot be published is reported.
   */
  readonly runBegins: (executionId: string) => Promise<void>;
  /** The books of a city are closed: readers may have it soon. */
  readonly cityClosed: () => void;
  /** The books of a run are closed: publishes what it left. Never rejects; what cannot be published is reported. */
  readonly runClosed: (result: ExecutionResult) => Promise<void>;
  /** Waits for what is being published; to be called before the database is closed. */
  readonly close: () => Promise<void>;
}

const datasetRemedy = 'see the reason, then write it with "oikotie dataset create", or set publish.datasets to false';

interface PublicationOptions {
  readonly config: Config;
  /** Opened to write; borrowed. */
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly degradations: Degradations;
}

/** What is published as configured; nothing when that is switched off. */
export function openPublications(options: PublicationOptions): Publications {
  const { config, database, clock, log, degradations } = options;
  const { snapshots: hasSnapshots, datasets: hasDatasets, intervalMs } = config.publish;
  const publish = () => publishSnapshot(database);
  const snapshots = new SnapshotPublisher({ publish, intervalMs, clock, log, degradations });
  return {
    runBegins: async (executionId) => {
      if (hasDatasets) await publishStoppedRun(options, executionId);
    },
    cityClosed: () => {
      if (hasSnapshots) snapshots.publishSoon();
    },
    runClosed: async (result) => {
      const isPublished = hasSnapshots && (await snapshots.publishNow());
      // A run that was stopped may go on later: its dataset comes when it has ended, or when another one begins.
      if (hasDatasets && result.status !== 'interrupted') await publishDataset(options, result, isPublished);
    },
    close: () => snapshots.close(),
  };
}

async function publishStoppedRun(options: PublicationOptions, beginning: string): Promise<void> {
  const { config, database, degradations } = options;
  try {
    const directory = datasetFolderOf(config);
    const executionId = await database.use((session) => selectStoppedRun(session, { directory, beginning }));
    if (executionId !== null) await publishDataset(options, { executionId }, false);
  } catch (error) {
    degradations.report({ part: 'dataset', reason: messageOf(error), remedy: datasetRemedy });
  }
}

/** Writes the dataset of a run from the snapshot just published, or from a copy of its own: the database goes on. */
async function publishDataset(
  { config, database, clock, log, degradations }: PublicationOptions,
  { executionId }: Pick<ExecutionResult, 'executionId'>,
  isPublished: boolean,
): Promise<void> {
  const directory = datasetFolderOf(config);
  const ownCopy = join(directory, `.${executionId}.source`);
  const databasePath = isPublished ? snapshotPathOf(database.path) : ownCopy;
  try {
    if (!isPublished) await publishSnapshot(database, ownCopy);
    const generatedAtUtc = toUtcIso(clock.now());
    const request = { databasePath, directory, executionId, generatedAtUtc, keep: config.publish.keepDatasets };
    const { manifest, path, deleted } = await writeDataset({ ...request, programVersion: readVersion() });
    log.info({ path, files: manifest.files.length, deleted }, 'dataset written');
  } catch (error) {
    degradations.report({ part: 'dataset', reason: messageOf(error), remedy: datasetRemedy });
  } finally {
    await rm(ownCopy, { force: true });
  }
}

/** Folder of the datasets. */
export function datasetFolderOf({ outputDirectory }: Pick<Config, 'outputDirectory'>): string {
  return join(outputDirectory, 'dataset');
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
