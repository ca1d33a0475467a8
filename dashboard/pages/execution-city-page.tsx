/** One city of a run: its whole receipt, what was given up, and its lines of the audit log. */
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { CityReceipt } from '../../src/quality/city-receipt.ts';
import type { AuditEntry, FailureLine } from '../../src/storage/evidence-reader.ts';
import { readAuditEntries, readFailures } from '../../src/storage/evidence-reader.ts';
import { readExecution, readReceipts } from '../../src/storage/executions-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { HttpProblem } from '../http/problem.ts';
import { pageNumber, readQuery, shortText } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { executionTexts } from '../texts/executions.ts';
import { CityActions } from './actions/action-links.tsx';
import { AuditLines } from './execution-audit-page.tsx';
import { sendPage } from './layout.tsx';
import { SumSentence } from './receipt-table.tsx';
import { DataTable, Pages } from './table.tsx';
import { Verdict } from './verdict.tsx';

const path = z.object({ id: shortText, city: shortText });
const query = z.object({ page: pageNumber });
const pageRows = 50;
const shownLines = 50;

export function sendCityOfRun({ series }: Pick<Dashboard, 'series'>): RequestHandler {
  return async (request, response) => {
    const context = requestContextOf(response);
    const texts = executionTexts[context.language];
    const { id: executionId, city } = readQuery(path, request.params);
    const { page } = readQuery(query, request.query);
    await series.read(async (database, edition) => {
      if ((await readExecution(database, executionId)) === null) {
        throw new HttpProblem(404, `expected a run of the series, got ${executionId}`);
      }
      const receipt = (await readReceipts(database, executionId)).find((each) => each.city === city) ?? null;
      const span = { offset: (page - 1) * pageRows, limit: pageRows };
      const failures = await readFailures(database, { executionId, city, ...span });
      const filter = { executionId, city, type: null, severity: null };
      const audit = await readAuditEntries(database, { ...filter, offset: 0, limit: shownLines });
      const shared = { executionId, city, texts, context };
      sendPage(response, {
        ...{ title: `${city}, ${executionId}`, edition, styles: ['operate.css'] },
        children: (
          <>
            <Receipt receipt={receipt} {...shared} />
            <CityActions context={context} city={city} kinds={actionsOf(receipt)} />
            <h2 id="failed">{texts.whatFailed}</h2>
            <Failures rows={failures.rows} {...shared} />
            <Pages context={context} page={page} pageRows={pageRows} count={failures.count} />
            <Lines rows={audit.rows} {...shared} />
          </>
        ),
      });
    });
  };
}

/** What may help a city whose receipt this is. */
function actionsOf(receipt: CityReceipt | null): readonly ('run' | 'retry-failed' | 'accept-drop')[] {
  if (receipt === null) return ['run'];
  const isWaiting = receipt.delistingNote !== null;
  return [
    'run',
    ...(receipt.failed > 0 ? ['retry-failed' as const] : []),
    ...(isWaiting ? ['accept-drop' as const] : []),
  ];
}

interface CityProps {
  readonly executionId: string;
  readonly city: string;
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

function Receipt({ receipt, executionId, texts, context }: CityProps & { receipt: CityReceipt | null }) {
  const { format, language } = context;
  const back = <a href={`/executions/${encodeURIComponent(executionId)}`}>{executionId}</a>;
  if (receipt === null) {
    return (
      <>
        <p>
          {texts.run}: {back}
        </p>
        <p class="warn">{texts.noReceipt}</p>
      </>
    );
  }
  const words = wordsOf(receipt, texts);
  const took = Date.parse(receipt.finishedAtUtc) - Date.parse(receipt.startedAtUtc);
  return (
    <>
      <dl class="facts">
        <dt>{texts.run}</dt>
        <dd>{back}</dd>
        <dt>{texts.verdict}</dt>
        <dd>
          <Verdict verdict={receipt.verdict} language={language} />
        </dd>
        {words.map(([title, text]) => [
          <dt key={title}>{title}</dt>,
          <dd lang="en" key={`${title} text`}>
            {text}
          </dd>,
        ])}
        <dt>{texts.started}</dt>
        <dd>{format.instant(receipt.startedAtUtc)}</dd>
        <dt>{texts.duration}</dt>
        <dd>{format.duration(Math.max(0, took))}</dd>
        {countsOf(receipt, texts).map(([title, value]) => [
          <dt key={title}>{title}</dt>,
          <dd key={`${title} value`}>{typeof value === 'string' ? value : format.number(value)}</dd>,
        ])}
      </dl>
      <SumSentence receipts={[receipt]} texts={texts} context={context} />
    </>
  );
}

function wordsOf({ reason, drift, delistingNote }: CityReceipt, texts: ExecutionTexts): readonly [string, string][] {
  const all: readonly [string, string | null][] = [
    [texts.why, reason],
    [texts.drift, drift],
    [texts.delisting, delistingNote],
  ];
  return all.flatMap(([title, text]) => (text === null ? [] : [[title, text] as [string, string]]));
}

function countsOf(receipt: CityReceipt, texts: ExecutionTexts): readonly [string, number | string | null][] {
  const { portalTotalStart: first, portalTotalEnd: last, listingLimit } = receipt;
  return [
    [texts.portalTotal, last ?? first],
    [texts.discovered, receipt.discovered],
    [texts.new, receipt.new],
    [texts.changed, receipt.changed],
    [texts.unchanged, receipt.unchanged],
    [texts.unfetched, receipt.unfetched],
    [texts.removed, receipt.removed],
    [texts.failed, receipt.failed],
    [texts.skipped, receipt.skipped],
    [texts.pending, receipt.pending],
    [texts.gone, receipt.gone],
    [texts.goneWaiting, receipt.goneWaiting],
    [texts.returned, receipt.returned],
    [texts.foreign, receipt.foreignCards],
    [texts.searchPages, receipt.searchPages],
    [texts.failedPages, receipt.failedSearchPages],
    [texts.reread, receipt.rereadPages],
    [texts.wholeList, receipt.isListComplete ? texts.yes : texts.no],
    [texts.requests, receipt.requests],
    ...(listingLimit === null ? [] : ([[texts.limit, listingLimit]] as [string, number][])),
  ];
}

function Failures({ rows, executionId, texts, context }: CityProps & { rows: readonly FailureLine[] }) {
  const { format } = context;
  if (rows.length === 0) return <p>{texts.nothingFailed}</p>;
  const nameOf = ({ listingId, jobKind, key }: FailureLine) => {
    if (jobKind === 'city') return texts.wholeCity;
    return listingId ?? `${texts.searchPage} ${key.replace(/^page:/, '')}`;
  };
  const titles = [
    texts.what,
    texts.category,
    texts.message,
    texts.httpStatus,
    texts.attempts,
    texts.when,
    texts.answer,
  ];
  return (
    <DataTable
      labelledBy="failed"
      columns={titles.map((title) => ({ title }))}
      rows={rows.map((row) => [
        nameOf(row),
        row.category,
        <span class="long" lang="en" key="message">
          {row.message}
        </span>,
        format.number(row.status),
        format.number(row.attempts),
        format.instant(row.failedAtUtc),
        row.url === null ? (
          ''
        ) : (
          <a href={requestPath(executionId, row.url)} aria-label={texts.showAnswerOf(nameOf(row))} key="answer">
            {texts.showAnswer}
          </a>
        ),
      ])}
    />
  );
}

function Lines({ rows, executionId, city, texts, context }: CityProps & { rows: readonly AuditEntry[] }) {
  return (
    <>
      <h2 id="audit">{texts.audit}</h2>
      <AuditLines rows={rows} texts={texts} context={context} />
      <p>
        <a href={`/executions/${encodeURIComponent(executionId)}/audit?${new URLSearchParams({ city })}`}>
          {texts.allLines}
        </a>
      </p>
    </>
  );
}

function requestPath(executionId: string, url: string): string {
  return `/executions/${encodeURIComponent(executionId)}/request?${new URLSearchParams({ url })}`;
}
