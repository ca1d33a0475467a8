/** One URL of a run: each time it was asked, what came back and when, and what was made of the response. */
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { RequestRecord } from '../../src/storage/evidence-reader.ts';
import { readRequestRecord } from '../../src/storage/evidence-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { readQuery, shortText } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { executionTexts } from '../texts/executions.ts';
import { sendPage } from './layout.tsx';
import { DataTable } from './table.tsx';

const path = z.object({ id: shortText });
const query = z.object({ url: z.url({ protocol: /^https?$/ }).max(2_000) });

export function sendRequestRecord({ series }: Pick<Dashboard, 'series'>): RequestHandler {
  return async (request, response) => {
    const context = requestContextOf(response);
    const texts = executionTexts[context.language];
    const { id: executionId } = readQuery(path, request.params);
    const { url } = readQuery(query, request.query);
    await series.read(async (database, edition) => {
      const record = await readRequestRecord(database, { executionId, url });
      sendPage(response, {
        ...{ title: texts.request, edition },
        children: (
          <>
            <p>
              <a href={`/executions/${encodeURIComponent(executionId)}`}>{executionId}</a>
            </p>
            <p class="long">
              <a href={url} rel="noopener noreferrer">
                {url}
              </a>
            </p>
            <Answers record={record} texts={texts} context={context} />
            <Made record={record} texts={texts} context={context} />
          </>
        ),
      });
    });
  };
}

interface RecordProps {
  readonly record: RequestRecord;
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

function Answers({ record: { answers }, texts, context: { format } }: RecordProps) {
  const titles = [texts.when, texts.kind, texts.httpStatus, texts.took, texts.size, texts.error, texts.node];
  return (
    <>
      <h2 id="answers">{texts.answers}</h2>
      {answers.length === 0 ? (
        <p>{texts.noAnswers}</p>
      ) : (
        <DataTable
          labelledBy="answers"
          columns={titles.map((title) => ({ title }))}
          rows={answers.map((answer) => [
            format.instant(answer.sentAtUtc),
            answer.kind,
            format.number(answer.status),
            format.number(answer.durationMs),
            format.number(answer.bodyBytes),
            answer.errorCategory ?? '',
            answer.nodeId,
          ])}
        />
      )}
    </>
  );
}

function Made({ record: { made }, texts, context: { format } }: RecordProps) {
  const titles = [texts.record, texts.operation, texts.parser, texts.fetched, texts.sha256];
  return (
    <>
      <h2 id="made">{texts.made}</h2>
      {made.length === 0 ? (
        <p>{texts.nothingMade}</p>
      ) : (
        <DataTable
          labelledBy="made"
          columns={titles.map((title) => ({ title }))}
          rows={made.map((row) => [
            row.recordId,
            row.operation,
            row.transformation,
            format.instant(row.fetchedAtUtc),
            <code class="long" key="sha256">
              {row.responseSha256 ?? ''}
            </code>,
          ])}
        />
      )}
    </>
  );
}
