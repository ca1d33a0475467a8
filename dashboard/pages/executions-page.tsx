/** The runs: a page of them, and the way to one of them, to a city of it, to its audit log and to a request. */
import { Router } from 'express';
import { z } from 'zod';
import type { ExecutionLine } from '../../src/storage/executions-reader.ts';
import { readExecutions } from '../../src/storage/executions-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { pageNumber, readQuery } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { executionTexts } from '../texts/executions.ts';
import { sendAudit } from './execution-audit-page.tsx';
import { sendCityOfRun } from './execution-city-page.tsx';
import { sendExecution } from './execution-page.tsx';
import { sendRequestRecord } from './execution-request-page.tsx';
import { sendPage } from './layout.tsx';
import { Status } from './run-status.tsx';
import { DataTable, Pages } from './table.tsx';

const pageRows = 50;
const listQuery = z.object({ page: pageNumber });

export function executionRoutes(dashboard: Dashboard): Router {
  const router = Router();
  router.get('/', async (request, response) => {
    const context = requestContextOf(response);
    const texts = executionTexts[context.language];
    const { page } = readQuery(listQuery, request.query);
    await dashboard.series.read(async (database, edition) => {
      const { rows, count } = await readExecutions(database, { offset: (page - 1) * pageRows, limit: pageRows });
      sendPage(response, {
        ...{ title: texts.title, edition },
        children: (
          <>
            {rows.length === 0 ? <p>{texts.none}</p> : <Executions rows={rows} texts={texts} context={context} />}
            <Pages context={context} page={page} pageRows={pageRows} count={count} />
          </>
        ),
      });
    });
  });
  router.get('/:id', sendExecution(dashboard));
  router.get('/:id/audit', sendAudit(dashboard));
  router.get('/:id/request', sendRequestRecord(dashboard));
  router.get('/:id/cities/:city', sendCityOfRun(dashboard));
  return router;
}

interface ExecutionsProps {
  readonly rows: readonly ExecutionLine[];
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

function Executions({ rows, texts, context: { format } }: ExecutionsProps) {
  const numbers = [texts.complete, texts.new, texts.changed, texts.gone, texts.failed, texts.requests, texts.duration];
  const columns = [
    ...[texts.run, texts.day, texts.status, texts.started].map((title) => ({ title })),
    ...numbers.map((title) => ({ title, isNumber: true })),
  ];
  return (
    <>
      <h2 id="runs" class="unseen">
        {texts.title}
      </h2>
      <DataTable
        labelledBy="runs"
        columns={columns}
        rows={rows.map((row) => [
          <a href={`/executions/${encodeURIComponent(row.executionId)}`} key="run">
            {row.executionId}
          </a>,
          format.day(row.nominalDay),
          <Status status={row.status} texts={texts} key="status" />,
          format.time(row.startedAtUtc),
          `${format.number(row.completeCities)} / ${format.number(row.cities)}`,
          ...[row.new, row.changed, row.gone, row.failed, row.requests].map((value) => format.number(value)),
          format.duration(row.seconds === null ? null : row.seconds * 1_000),
        ])}
      />
    </>
  );
}
