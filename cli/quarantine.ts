/**
 * `oikotie quarantine`: the changes that were taken back because a run had drifted, and what becomes of them. Releasing and
 * discarding write to the database: whoever holds it does it.
 */
import type { Config } from '../config/config.ts';
import type { QuarantineDecision } from '../src/jobs/close-quarantine.ts';
import { describeClosing } from '../src/jobs/close-quarantine.ts';
import { decideQuarantine } from '../workers/operator/decide-quarantine.ts';
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
export function runQuarantineDecision(
  { config, databasePath, json }: QuarantineOptions,
  decision: QuarantineDecision,
  io: CommandIo,
): Promise<number> {
  return reportStorageErrors(io, async () => {
    const { audit, flush } = openOperatorAudit(config, io);
    const decided = await decideQuarantine({ config, databasePath, audit }, decision).finally(flush);
    if (decided.kind === 'refused_by_store') {
      io.stderr.write(`${decided.reason}\n`);
      return exitCodes.badInput;
    }
    const isHere = decided.kind === 'closed_here';
    const result = isHere ? { ...decision, ...decided.closed } : { ...decision, doneBy: 'store' };
    const sentence = isHere ? describeClosing(decision, decided.closed) : describeOrder(decision);
    io.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${sentence}\n`);
    return exitCodes.ok;
  });
}

function describeOrder({ executionId, city, action }: QuarantineDecision): string {
  const done = `${city}: the store has ${action === 'release' ? 'released' : 'discarded'} the quarantine of ${executionId}`;
  return `${done}; its audit log says more`;
}
