/**
 * Rebuilds stored listings from their archived pages with today's parser. What is read otherwise is written through the same
 * commit as the pages of a run, under an execution of its own; nothing is asked of the portal.
 */

import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf, toUtcIso } from '../src/clock.ts';
import { messageOf, StorageError } from '../src/errors.ts';
import type { FieldDifference, Reparsed } from '../src/jobs/reparse.ts';
import { compareReading, isNewerParser, pageContextOf } from '../src/jobs/reparse.ts';
import type { SeriesStore, StoredListing, StoredPlace } from '../src/jobs/series-store.ts';
import type { ListingWrite } from '../src/jobs/store-writes.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { ListingFieldName } from '../src/listings/fields.ts';
import { listingPageParser } from '../src/portal/listing-page.ts';
import type { ExecutionStatus } from '../src/quality/city-receipt.ts';
import type { BodyStore } from '../src/storage/body-store.ts';
import { readArchived } from '../src/storage/raw-archive.ts';
import { createAuditTrail } from './audit-trail.ts';
import { reparseBegin } from './choose-execution.ts';
import { boundsIn } from './handlers.ts';
import { createPageReader } from './page-reader.ts';

export interface ReparseOptions {
  readonly store: SeriesStore;
  readonly config: Pick<Config, 'tasks' | 'nodeId' | 'collectPersonalData' | 'crawler'>;
  readonly archive: BodyStore;
  /** Rows whose page was fetched before are left as they are; ISO 8601 UTC. */
  readonly sinceUtc: string;
  /** True writes nothing. */
  readonly isDryRun: boolean;
  readonly clock: Clock;
  readonly auditFile: AuditSink;
  /** Ends the work after the page at hand; what is committed stays. */
  readonly signal: AbortSignal;
}

export interface FieldReport {
  readonly field: ListingFieldName;
  /** Rows in which it differs. */
  readonly rows: number;
  readonly examples: readonly (Pick<FieldDifference, 'from' | 'to'> & { readonly listingId: string })[];
}

export interface ReparseReport {
  /** Null when nothing was written. */
  readonly executionId: string | null;
  /** Rows that were looked at: the sum of those below. */
  readonly rows: number;
  readonly same: number;
  readonly changed: number;
  /** The page is no listing to today's parser, or lies damaged in the archive. */
  readonly unreadable: number;
  /** The page is not in the archive. */
  readonly notArchived: number;
  /** Written by a newer parser. */
  readonly refused: number;
  /** Most rows first. */
  readonly fields: readonly FieldReport[];
  /** A few of the rows that could not be rebuilt, with the reason. */
  readonly problems: readonly { readonly listingId: string; readonly reason: string }[];
}

const pageRows = 500;
const mostExamples = 3;
const mostProblems = 10;

/** Looks at every row since then; gives what is read otherwise. @throws StorageError when it cannot be written. */
export async function reparse(options: ReparseOptions): Promise<ReparseReport> {
  const { store, clock, isDryRun, sinceUtc, signal } = options;
  const run = new ReparseRun(options);
  try {
    let after: StoredPlace | null = null;
    while (!signal.aborted) {
      const rows: readonly StoredListing[] = await store.storedListings({ sinceUtc, after, limit: pageRows });
      const last = rows.at(-1);
      if (last === undefined) break;
      const writes = await run.readAgain(rows);
      if (!isDryRun && writes.length > 0) await run.keep(writes);
      after = { fetchedAtUtc: last.provenance.fetchedAtUtc, listingId: last.record.listingId };
      await clock.sleep(0);
    }
    await run.end(signal.aborted ? 'interrupted' : 'completed');
    return run.report();
  } finally {
    await run.close();
  }
}

class ReparseRun {
  readonly #options: ReparseOptions;
  readonly #executionId: string;
  readonly #startedAtUtc: string;
  readonly #reader: ReturnType<typeof createPageReader>;
  readonly #fields = new Map<ListingFieldName, { rows: number; examples: FieldReport['examples'] }>();
  readonly #counts = { same: 0, changed: 0, unreadable: 0, notArchived: 0, refused: 0 };
  readonly #problems: { listingId: string; reason: string }[] = [];
  #isStarted = false;

  constructor(options: ReparseOptions) {
    const { clock, config } = options;
    this.#options = options;
    this.#startedAtUtc = toUtcIso(clock.now());
    this.#executionId = `${reparseBegin}${this.#startedAtUtc.replaceAll(/[:.]/g, '-')}`;
    this.#reader = createPageReader({ clock, timeoutMs: config.crawler.parseTimeoutMs });
  }

  /** The rows that are read otherwise, as they are to be written. */
  async readAgain(rows: readonly StoredListing[]): Promise<readonly ListingWrite[]> {
    const writes: ListingWrite[] = [];
    for (const stored of rows) {
      const reparsed = await this.#readOne(stored);
      if (reparsed?.kind !== 'differs') continue;
      for (const difference of reparsed.differences) this.#count(stored.record.listingId, difference);
      writes.push(reparsed.write);
    }
    return writes;
  }

  async keep(writes: readonly ListingWrite[]): Promise<void> {
    await this.#start();
    await this.#options.store.commit({
      searchPages: [],
      listings: writes,
      unchanged: [],
      failures: [],
      isCorrection: true,
    });
  }

  /** Closes the books of the execution, if there is one. */
  async end(status: ExecutionStatus): Promise<void> {
    const { store, clock, config, auditFile } = this.#options;
    if (!this.#isStarted) return;
    await this.#saveResult(status);
    const trail = createAuditTrail({ recordAudit: store.recordAudit, auditFile, clock, nodeId: config.nodeId });
    trail.of(this.#executionId).record({
      type: 'OPERATOR_ACTION',
      severity: 'WARNING',
      city: null,
      message: `${this.#counts.changed} listings were rebuilt from their archived pages by ${listingPageParser}`,
      details: { ...this.#counts, since: this.#options.sinceUtc, fields: Object.fromEntries(this.#rowsByField()) },
    });
    await store.flush();
  }

  report(): ReparseReport {
    const fields = [...this.#fields].map(([field, { rows, examples }]) => ({ field, rows, examples }));
    return {
      executionId: this.#isStarted ? this.#executionId : null,
      rows: Object.values(this.#counts).reduce((sum, count) => sum + count, 0),
      ...this.#counts,
      fields: fields.sort((left, right) => right.rows - left.rows),
      problems: this.#problems,
    };
  }

  close = (): Promise<void> => this.#reader.close();

  async #readOne(stored: StoredListing): Promise<Reparsed | null> {
    const { config, archive, signal } = this.#options;
    const { listingId } = stored.record;
    const { parser, responseSha256 } = stored.provenance;
    if (isNewerParser(parser))
      return this.#leave('refused', listingId, `written by ${parser}, ours is ${listingPageParser}`);
    try {
      const bytes = await readArchived(archive, responseSha256);
      const reads = pageContextOf(stored, config.collectPersonalData);
      const reading = await this.#reader.read(bytes.toString('utf8'), reads, signal);
      const { nodeId, collectPersonalData: collectsPersonalData } = config;
      const reparsed = compareReading(reading, stored, {
        executionId: this.#executionId,
        nodeId,
        collectsPersonalData,
        boundsOf: boundsIn(config),
      });
      if (reparsed.kind === 'unreadable') return this.#leave('unreadable', listingId, reparsed.reason);
      this.#counts[reparsed.kind === 'same' ? 'same' : 'changed'] += 1;
      return reparsed;
    } catch (error) {
      if (signal.aborted) return null;
      const code = error instanceof StorageError ? error.code : '';
      // The next one would not be found either; what is committed stays.
      if (code === 'ARCHIVE_UNREACHABLE') throw error;
      const isMissing = code === 'ARCHIVE_MISSING';
      return this.#leave(isMissing ? 'notArchived' : 'unreadable', listingId, messageOf(error));
    }
  }

  #leave(why: 'refused' | 'unreadable' | 'notArchived', listingId: string, reason: string): null {
    this.#counts[why] += 1;
    if (this.#problems.length < mostProblems) this.#problems.push({ listingId, reason });
    return null;
  }

  #count(listingId: string, { field, from, to }: FieldDifference): void {
    const known = this.#fields.get(field) ?? { rows: 0, examples: [] };
    const examples =
      known.examples.length < mostExamples ? [...known.examples, { listingId, from, to }] : known.examples;
    this.#fields.set(field, { rows: known.rows + 1, examples });
  }

  #rowsByField(): readonly (readonly [string, number])[] {
    return [...this.#fields].map(([field, { rows }]) => [field, rows] as const);
  }

  /** It counts as interrupted until it has ended: nobody else would close it. */
  async #start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const nominalDay = nominalDayOf(Date.parse(this.#startedAtUtc));
    const names = { executionId: this.#executionId, nominalDay, startedAtUtc: this.#startedAtUtc };
    await this.#options.store.startExecution({ ...names, cities: [] });
    await this.#saveResult('interrupted');
  }

  async #saveResult(status: ExecutionStatus): Promise<void> {
    const { store, clock } = this.#options;
    const nowMs = clock.now();
    const { changed, same, unreadable, notArchived, refused } = this.#counts;
    await store.saveExecutionResult(
      {
        ...{ executionId: this.#executionId, nominalDay: nominalDayOf(Date.parse(this.#startedAtUtc)), status },
        ...{ successfulCities: 0, totalCities: 0, new: 0, changed, unchanged: same, unfetched: 0, goneCandidates: 0 },
        ...{ gone: 0, returned: 0, goneWaiting: 0, failed: unreadable + notArchived + refused, requests: 0 },
        executionTimeSeconds: Math.round((nowMs - Date.parse(this.#startedAtUtc)) / 100) / 10,
        missingParts: [],
        cities: [],
      },
      toUtcIso(nowMs),
    );
  }
}
