/**
 * Closes the books of a run that did not come to its end: stopped in time, or left open by a process that is gone. What
 * was stored stays; the receipts say how far it came.
 */
import { toUtcIso } from '../clock.ts';
import type { AuditRecorder } from '../lineage/audit-recorder.ts';
import type { ExecutionResult } from '../quality/city-receipt.ts';
import type { BookOptions } from './finalize-handlers.ts';
import { closeCity, closeExecution } from './finalize-handlers.ts';
import type { RunningExecution } from './series-store.ts';

interface OpenCity {
  readonly city: string;
  readonly listingLimit: number | null;
}

/** Closes the cities that have no receipt, those whose turn never came too: a day without a word of a city is a gap. */
export async function closeOpenCities(
  books: BookOptions,
  executionId: string,
  cities: readonly OpenCity[],
): Promise<void> {
  const { store, clock } = books;
  const closed = new Set((await store.cityReceipts(executionId)).map(({ city }) => city));
  for (const { city, listingLimit } of cities) {
    if (closed.has(city)) continue;
    const hasBegun = (await store.cityStartedAt(executionId, city)) !== null;
    if (!hasBegun) await store.startCity({ executionId, city, startedAtUtc: toUtcIso(clock.now()) });
    await closeCity(books, { executionId, city, listingLimit, acceptsDrop: false, isInterrupted: true });
  }
}

interface OrphanOptions extends Pick<BookOptions, 'store' | 'clock' | 'series' | 'quality'> {
  readonly auditOf: (executionId: string) => AuditRecorder;
  /** True for an execution that somebody works on, or will. */
  readonly isAlive: (executionId: string) => Promise<boolean>;
}

/**
 * Closes the executions that are open though nobody works on them any more, as `interrupted`, with the time of their
 * last sign of life as their end; gives their results.
 */
export async function closeOrphans(options: OrphanOptions): Promise<readonly ExecutionResult[]> {
  const results: ExecutionResult[] = [];
  for (const orphan of await options.store.runningExecutions()) {
    if (!(await options.isAlive(orphan.executionId))) results.push(await closeOrphan(options, orphan));
  }
  return results;
}

async function closeOrphan(
  { store, clock, series, quality, auditOf }: OrphanOptions,
  { executionId, nominalDay, lastSeenAtUtc }: RunningExecution,
): Promise<ExecutionResult> {
  const audit = auditOf(executionId);
  const lastSeenMs = Date.parse(lastSeenAtUtc);
  // What this process goes on without says nothing of that one.
  const then = { ...clock, now: () => lastSeenMs };
  const books: BookOptions = { store, audit, series, quality, clock: then, missingParts: () => [] };
  const summary = (await store.executionsOfDay(nominalDay)).find((each) => each.executionId === executionId);
  await closeOpenCities(books, executionId, summary?.cities ?? []);
  const result = await closeExecution(books, { executionId, nominalDay, isInterrupted: true });
  audit.record({
    type: 'AUTOMATION_COMPLETE',
    severity: 'WARNING',
    city: null,
    message: `${executionId} is interrupted: its process is gone; the last sign of life was at ${lastSeenAtUtc}`,
    details: { nominalDay, lastSeenAtUtc },
  });
  return result;
}
