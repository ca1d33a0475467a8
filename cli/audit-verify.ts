/**
 * `oikotie audit verify`: follows the chain of audit events in the files and in the table, and names what was changed, is
 * missing or was put in. It changes nothing.
 */
import type { AuditKeyring, AuditKeys } from '../src/lineage/audit-key.ts';
import { createAuditKeyring } from '../src/lineage/audit-key.ts';
import type { ChainEnd, ChainProblem } from '../src/lineage/chain-check.ts';
import type { AuditFilesCheck } from '../src/lineage/verify-audit-files.ts';
import { verifyAuditFiles } from '../src/lineage/verify-audit-files.ts';
import type { AuditTableCheck } from '../src/storage/verify-audit-table.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';

export interface AuditVerifyOptions {
  readonly databasePath: string;
  /** Folder of the files; null when there are none. */
  readonly logsDirectory: string | null;
  /** What events may be sealed with. */
  readonly keys: AuditKeys;
  readonly json: boolean;
}

interface Findings {
  readonly files: AuditFilesCheck | null;
  readonly table: AuditTableCheck;
}

/**
 * Prints what it finds and gives back the exit code: 1 when anything was tampered with, 3 when the database cannot be
 * read; the files are then checked and told of all the same.
 */
export async function runAuditVerify(options: AuditVerifyOptions, io: CommandIo): Promise<number> {
  const keys = createAuditKeyring(options.keys);
  const files = options.logsDirectory === null ? null : await verifyAuditFiles(options.logsDirectory, keys);
  return reportStorageErrors(io, async () => {
    const table = await readTable(options, { files, keys }, io).catch((error: unknown) => {
      if (!options.json && files !== null) io.stdout.write(renderFiles(files, options.logsDirectory));
      throw error;
    });
    const problems = [...(files?.problems ?? []), ...table.problems];
    io.stdout.write(options.json ? renderJson({ files, table }) : renderText(options, { files, table }));
    return problems.some(isTampering) ? exitCodes.degraded : exitCodes.ok;
  });
}

async function readTable(
  { databasePath }: AuditVerifyOptions,
  { files, keys }: { readonly files: AuditFilesCheck | null; readonly keys: AuditKeyring },
  io: CommandIo,
): Promise<AuditTableCheck> {
  return readData(databasePath, io, (reader) => reader.verifyAudit(files?.events ?? new Map(), keys));
}

/** A line that broke off is the trace of a killed process. */
function isTampering({ kind }: ChainProblem): boolean {
  return kind !== 'torn';
}

function renderJson({ files, table }: Findings): string {
  const shown = ({ problems, head, links, keyedLinks, keyedFrom, uncheckedLinks }: ChainEnd) => ({
    ...{ links, keyedLinks, keyedFrom, uncheckedLinks, head, problems },
  });
  const isIntact = ![...(files?.problems ?? []), ...table.problems].some(isTampering);
  const page = {
    isIntact,
    files: files === null ? null : { names: files.files, olderLines: files.olderLines, ...shown(files) },
    table: { olderRows: table.olderRows, comparedEvents: table.comparedEvents, ...shown(table) },
  };
  return `${JSON.stringify(page, null, 2)}\n`;
}

function renderText({ logsDirectory }: AuditVerifyOptions, { files, table }: Findings): string {
  const older = table.olderRows === 0 ? '' : `, ${table.olderRows} rows older than the chain`;
  const title = `table audit_log: ${table.links} events${older}, ${table.comparedEvents} of them in the files as well`;
  return `${files === null ? '' : renderFiles(files, logsDirectory)}${renderCheck(title, table)}`;
}

function renderFiles(files: AuditFilesCheck, logsDirectory: string | null): string {
  const older = files.olderLines === 0 ? '' : `, ${files.olderLines} lines older than the chain`;
  return renderCheck(`${logsDirectory}: ${files.links} events in ${files.files.length} files${older}`, files);
}

/** What is sealed with a key, and what that says to who has it or not. */
function sentenceOnKeys({ links, keyedLinks, keyedFrom, uncheckedLinks }: ChainEnd): readonly string[] {
  if (links === 0) return [];
  if (keyedFrom === null)
    return ['  no event is sealed with a key: a trail that was rewritten as a whole looks like this one'];
  const sealed = `  ${keyedLinks} events are sealed with a key, from number ${keyedFrom} on`;
  if (uncheckedLinks === 0) return [`${sealed}: they were written by who has it`];
  return [`${sealed}; the key of ${uncheckedLinks} is not set here (audit.key), so only their order was checked`];
}

function renderCheck(title: string, end: ChainEnd): string {
  const { problems, head } = end;
  const isIntact = !problems.some(isTampering);
  const lines = problems.map(({ kind, place, message }) => `  ${kind}  ${place}: ${message}`);
  const last = head.sequence === 0 ? '' : `; it ends with number ${head.sequence}, ${head.hash}`;
  const verdict = isIntact ? `  the chain is whole${last}` : '  the chain is broken';
  return [title, ...lines, ...sentenceOnKeys(end), verdict, ''].join('\n');
}
