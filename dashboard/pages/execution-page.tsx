/** One run: the receipts of its cities, what differs from the run before, its requests, errors and what stood out. */
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { StorageError } from '../../src/errors.ts';
import type { AuditReport } from '../../src/lineage/audit-report.ts';
import type { CityReceipt } from '../../src/quality/city-receipt.ts';
import { readAuditReport } from '../../src/storage/audit-report-reader.ts';
import type { Database } from '../../src/storage/database.ts';
import type { ExecutionLine } from '../../src/storage/executions-reader.ts';
import { readExecution, readReceipts, readRunBefore } from '../../src/storage/executions-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { HttpProblem } from '../http/problem.ts';
import { readQuery, shortText } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { executionTexts } from '../texts/executions.ts';
import { sendPage } from './layout.tsx';
import { ReceiptTable } from './receipt-table.tsx';
import { Comparison } from './run-comparison.tsx';
import { Status } from './run-status.tsx';
import { DataTable } from './table.tsx';

const path = z.object({ id: shortText });

interface RunOnPage {
  readonly report: AuditReport;
  readonly receipts: readonly CityReceipt[];
  /** Null when none before it has closed one of the same cities. */
  readonly before: { readonly run: ExecutionLine; readonly receipts: readonly CityReceipt[] } | null;
}

export function sendExecution({ series }: Pick<Dashboard, 'series'>): RequestHandler {
  return async (request, response) => {
    const context = requestContextOf(response);
    const texts = executionTexts[context.language];
    const { id } = readQuery(path, request.params);
    await series.read(async (database, edition) => {
      const run = await readRun(database, id);
      sendPage(response, {
        title: id,
        edition,
        children: <Run run={run} texts={texts} context={context} />,
      });
    });
  };
}

/** @throws HttpProblem 404 when there is none of that name. */
async function readRun(database: Database, executionId: string): Promise<RunOnPage> {
  if ((await readExecution(database, executionId)) === null) {
    throw new HttpProblem(404, `expected a run of the series, got ${executionId}`);
  }
  const report = await database.use((session) => readAuditReport(session, executionId)).catch(missingAsProblem);
  const receipts = await readReceipts(database, executionId);
  const run = await readRunBefore(database, executionId);
  const before = run === null ? null : { run, receipts: await readReceipts(database, run.executionId) };
  return { report, receipts, before };
}

function missingAsProblem(error: unknown): never {
  if (error instanceof StorageError && error.code === 'EXECUTION_UNKNOWN') throw new HttpProblem(404, error.message);
  throw error;
}

interface SectionProps {
  readonly run: RunOnPage;
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

function Run({ run, texts, context }: SectionProps) {
  const { report, receipts } = run;
  const open = report.cities.filter(({ verdict }) => verdict === null).map(({ city }) => city);
  const numbers = { texts, context };
  return (
    <>
      <Facts run={run} {...numbers} />
      {report.missingParts.length === 0 ? null : (
        <>
          <h2>{texts.missingParts}</h2>
          <ul>
            {report.missingParts.map(({ part, reason }) => (
              <li key={part} lang="en">{`${part}: ${reason}`}</li>
            ))}
          </ul>
        </>
      )}
      <h2 id="receipts">{texts.receipts}</h2>
      <ReceiptTable executionId={report.executionId} receipts={receipts} {...numbers} />
      {open.length === 0 ? null : <p class="warn">{texts.openCities(open.join(', '))}</p>}
      <h2 id="comparison">{texts.comparison}</h2>
      <Comparison receipts={receipts} before={run.before} report={report} {...numbers} />
      <Traffic run={run} {...numbers} />
      <Timeline run={run} {...numbers} />
    </>
  );
}

function Facts({ run: { report }, texts, context: { format } }: SectionProps) {
  const { status, nominalDay, startedAtUtc, finishedAtUtc, executionTimeSeconds: seconds } = report;
  return (
    <dl class="facts">
      <dt>{texts.status}</dt>
      <dd>
        <Status status={status} texts={texts} />
      </dd>
      <dt>{texts.day}</dt>
      <dd>{format.day(nominalDay)}</dd>
      <dt>{texts.started}</dt>
      <dd>{format.instant(startedAtUtc)}</dd>
      <dt>{texts.ended}</dt>
      <dd>{format.instant(finishedAtUtc)}</dd>
      <dt>{texts.duration}</dt>
      <dd>{format.duration(seconds === null ? null : seconds * 1_000)}</dd>
    </dl>
  );
}

const bytesPerMegabyte = 1_000_000;

function Traffic({ run: { report }, texts, context: { format } }: SectionProps) {
  const numbers = [texts.requests, texts.failed, texts.bytes, texts.median, texts.p95, texts.slowest];
  const columns = [{ title: texts.kind }, ...numbers.map((title) => ({ title, isNumber: true }))];
  const errorColumns = [texts.ended_so, texts.givenUp].map((title) => ({ title, isNumber: true }));
  return (
    <>
      <h2 id="traffic">{texts.traffic}</h2>
      <DataTable
        labelledBy="traffic"
        columns={columns}
        rows={report.requests.map(({ kind, requests, failed, bytes, medianMs, p95Ms, maxMs }) => [
          kind,
          format.number(requests),
          format.number(failed),
          format.number(bytes / bytesPerMegabyte, 1),
          ...[medianMs, p95Ms, maxMs].map((value) => format.number(value)),
        ])}
      />
      <h2 id="errors">{texts.errors}</h2>
      {report.errors.length === 0 ? (
        <p>{texts.noErrors}</p>
      ) : (
        <DataTable
          labelledBy="errors"
          columns={[{ title: texts.category }, ...errorColumns]}
          rows={report.errors.map(({ category, requests, givenUp }) => [
            category,
            format.number(requests),
            format.number(givenUp),
          ])}
        />
      )}
    </>
  );
}

/** Lines shown at most; the audit log has the rest. */
const shownLines = 30;

function Timeline({ run: { report }, texts, context: { format } }: SectionProps) {
  const lines = report.timeline.filter(({ severity }) => severity !== 'INFO').slice(0, shownLines);
  return (
    <>
      <h2 id="timeline">{texts.timeline}</h2>
      {lines.length === 0 ? (
        <p>{texts.timelineEmpty}</p>
      ) : (
        <DataTable
          labelledBy="timeline"
          columns={[texts.when, texts.severity, texts.city, texts.message].map((title) => ({ title }))}
          rows={lines.map(({ occurredAtUtc, severity, city, message }) => [
            format.instant(occurredAtUtc),
            severity,
            city ?? '',
            <span class="long" lang="en" key="message">
              {message}
            </span>,
          ])}
        />
      )}
      <p>
        <a href={`/executions/${encodeURIComponent(report.executionId)}/audit`}>{texts.allLines}</a>
      </p>
    </>
  );
}
