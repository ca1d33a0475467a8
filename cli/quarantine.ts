/**
 * `oikotie quarantine`: the changes that were taken back because a run had drifted, and what becomes of them. Releasing and
 * discarding write to the database: whoever holds it does it.
 */
import type { Config } from '../config/config.ts';
import { systemClock } from '../src/clock.ts';
import { StorageError } from '../src/errors.ts';
import type { QuarantineDecision } from '../src/jobs/close-quarantine.ts';
import { closeQuarantine, describeClosing } from '../src/jobs/close-quarantine.ts';
import type { ClosedQuarantine } from '../src/quality/quarantine.ts';
import { openDatabase } from '../src/storage/database.ts';
import { openReader } from '../src/storage/reader.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import { createAuditTrail } from '../workers/audit-trail.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';
import { openOperatorAudit } from './operator-audit.ts';
import { quarantineLines } from './quality-page.ts';
import { widthOf } from './text-table.ts';

export interface QuarantineOptions {
  readonly config: Config;
  readonly databasePath: string;
  readonly json: boolean;
}

/** Prints every quarantine, those that are open last, and gives back the exit code: 1 when one is open. */
export function listQuarantines({ databasePath, json }: QuarantineOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    return readData(databasePath, io, async (reader) => {
      const all = await reader.quarantines();
      const isOpen = (each: { readonly state: string }) => each.state === 'open';
      const sorted = [...all.filter((each) => !isOpen(each)), ...all.filter(isOpen)];
      const width = Math.min(widthOf(io.stdout) ?? 80, 80);
      const lines = sorted.flatMap((each) => quarantineLines(each, width));
      if (json) io.stdout.write(`${JSON.stringify(sorted, null, 2)}\n`);
      else io.stdout.write(lines.length === 0 ? 'Nothing was ever in quarantine.\n' : `${lines.join('\n')}\n`);
      return all.some(isOpen) ? exitCodes.degraded : exitCodes.ok;
    });
  });
}

/**
 * Releases or discards one, records it, and gives back the exit code: 2 when there is none that is open. In a cluster whose
 * store holds the database, the store does it.
 */
export function decideQuarantine(
  options: QuarantineOptions,
  decision: QuarantineDecision,
  io: CommandIo,
): Promise<number> {
  return reportStorageErrors(io, async () => {
    try {
      const closed = await decideHere(options, decision, io);
      const result = { ...decision, ...closed };
      io.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : `${describeClosing(decision, closed)}\n`);
      return exitCodes.ok;
    } catch (error) {
      const isElsewhere = error instanceof StorageError && elsewhereCodes.has(error.code);
      if (!isElsewhere || options.config.cluster.redis === null) throw error;
      return decideThere(options, decision, io);
    }
  });
}

/** The store has it open, or it is on another machine. */
const elsewhereCodes: ReadonlySet<string> = new Set(['DATABASE_LOCKED', 'DATABASE_MISSING']);

async function decideHere(
  { config, databasePath }: QuarantineOptions,
  decision: QuarantineDecision,
  io: CommandIo,
): Promise<ClosedQuarantine> {
  // Opening it to write would make a database where there is none.
  await (await openReader(databasePath)).close();
  const database = await openDatabase({ path: databasePath, mode: 'write', ...config.database });
  try {
    const store = createSeriesStore({ database, clock: systemClock });
    const operator = openOperatorAudit(config, io);
    const sinks = { recordAudit: store.recordAudit, auditFile: operator.audit };
    const trail = createAuditTrail({ ...sinks, clock: systemClock, nodeId: config.nodeId });
    const audit = trail.of(decision.executionId);
    const closed = await closeQuarantine({ store, clock: systemClock, audit }, decision);
    await Promise.all([store.flush(), operator.flush()]);
    return closed;
  } finally {
    await database.close();
  }
}

async function decideThere(
  { config, json }: QuarantineOptions,
  decision: QuarantineDecision,
  io: CommandIo,
): Promise<number> {
  const { orderQuarantine } = await import('../workers/order-quarantine.ts');
  const problem = await orderQuarantine(config, decision);
  if (problem !== null) {
    io.stderr.write(`${problem}\n`);
    return exitCodes.badInput;
  }
  const { executionId, city, action } = decision;
  const done = `${city}: the store has ${action === 'release' ? 'released' : 'discarded'} the quarantine of ${executionId}`;
  io.stdout.write(
    json ? `${JSON.stringify({ ...decision, doneBy: 'store' }, null, 2)}\n` : `${done}; its audit log says more\n`,
  );
  return exitCodes.ok;
}
