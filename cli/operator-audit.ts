/**
 * Where a command records what an operator has changed: the audit file, and a line on stderr so that the operator sees it.
 */
import type { Config } from '../config/config.ts';
import { systemClock } from '../src/clock.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { openAuditFile } from '../workers/degradable-parts.ts';
import type { CommandIo } from './command.ts';

/** A file that cannot be written is a warning on stderr. Flush before the command ends. */
export function openOperatorAudit(
  config: Pick<Config, 'logsDirectory' | 'audit'>,
  io: Pick<CommandIo, 'stderr'>,
): { readonly audit: AuditSink; readonly flush: () => Promise<void> } {
  const file = openAuditFile(config, systemClock, (reason) => io.stderr.write(`warning: audit log: ${reason}\n`));
  const audit: AuditSink = (event) => {
    file.record(event);
    io.stderr.write(`recorded: ${event.message}\n`);
  };
  return { audit, flush: file.flush };
}
