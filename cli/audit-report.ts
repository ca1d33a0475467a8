/**
 * `oikotie audit report`: what happened in one execution, for a terminal, a program or a browser. It only reads.
 */
import { renderAuditHtml } from '../src/lineage/audit-report-html.ts';
import { helsinkiTime, renderAuditText } from './audit-report-text.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';
import { widthOf } from './text-table.ts';

export interface AuditReportOptions {
  /** Name of the execution, or `latest`. */
  readonly execution: string;
  readonly databasePath: string;
  readonly format: 'text' | 'json' | 'html';
}

/** Prints the report and gives back the exit code: 2 for an execution that is not there, 3 for the database. */
export function runAuditReport(
  { execution, databasePath, format }: AuditReportOptions,
  io: CommandIo,
): Promise<number> {
  return reportStorageErrors(io, async () => {
    return readData(databasePath, io, async (reader) => {
      const report = await reader.auditReport(execution);
      if (format === 'json') io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      else if (format === 'html') io.stdout.write(renderAuditHtml(report, { showInstant: helsinkiTime }));
      else io.stdout.write(renderAuditText(report, widthOf(io.stdout)));
      return exitCodes.ok;
    });
  });
}
