/** The audit log of a run, filtered by city, kind of event and severity. */
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { auditEventTypes, auditSeverities } from '../../src/lineage/audit-event.ts';
import type { AuditEntry } from '../../src/storage/evidence-reader.ts';
import { readAuditEntries } from '../../src/storage/evidence-reader.ts';
import { readExecution, readReceipts } from '../../src/storage/executions-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { HttpProblem } from '../http/problem.ts';
import { choice, pageNumber, readQuery, shortText } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { executionTexts } from '../texts/executions.ts';
import { sendPage } from './layout.tsx';
import { DataTable, Pages } from './table.tsx';

const path = z.object({ id: shortText });
const nothing = z.literal('').transform(() => null);
const query = z.object({
  city: choice,
  type: z.enum(auditEventTypes).nullable().or(nothing).default(null),
  severity: z.enum(auditSeverities).nullable().or(nothing).default(null),
  page: pageNumber,
});
const pageRows = 100;

export function sendAudit({ series }: Pick<Dashboard, 'series'>): RequestHandler {
  return async (request, response) => {
    const context = requestContextOf(response);
    const texts = executionTexts[context.language];
    const { id: executionId } = readQuery(path, request.params);
    const { page, ...filter } = readQuery(query, request.query);
    await series.read(async (database, edition) => {
      if ((await readExecution(database, executionId)) === null) {
        throw new HttpProblem(404, `expected a run of the series, got ${executionId}`);
      }
      const span = { offset: (page - 1) * pageRows, limit: pageRows };
      const { rows, count } = await readAuditEntries(database, { executionId, ...filter, ...span });
      const cities = (await readReceipts(database, executionId)).map(({ city }) => city);
      sendPage(response, {
        ...{ title: texts.auditOf(executionId), edition },
        children: (
          <>
            <p>
              <a href={`/executions/${encodeURIComponent(executionId)}`}>{executionId}</a>
            </p>
            <Filters filter={filter} cities={cities} texts={texts} />
            <h2 id="audit">{texts.lines(context.format.number(count))}</h2>
            <AuditLines rows={rows} texts={texts} context={context} />
            <Pages context={context} page={page} pageRows={pageRows} count={count} />
          </>
        ),
      });
    });
  };
}

interface FiltersProps {
  readonly filter: Readonly<Record<'city' | 'type' | 'severity', string | null>>;
  readonly cities: readonly string[];
  readonly texts: ExecutionTexts;
}

function Filters({ filter, cities, texts }: FiltersProps) {
  // A city that was never closed has lines too.
  const names = filter.city === null || cities.includes(filter.city) ? cities : [filter.city, ...cities];
  const fields = [
    { name: 'city', title: texts.city, options: names },
    { name: 'type', title: texts.type, options: auditEventTypes },
    { name: 'severity', title: texts.severity, options: auditSeverities },
  ] as const;
  return (
    <form method="get" class="filters">
      {fields.map(({ name, title, options }) => (
        <label key={name}>
          {title}
          <select name={name}>
            <option value="">{texts.any}</option>
            {options.map((option) => (
              <option value={option} selected={filter[name] === option} key={option}>
                {option}
              </option>
            ))}
          </select>
        </label>
      ))}
      <button type="submit">{texts.show}</button>
    </form>
  );
}

interface AuditLinesProps {
  readonly rows: readonly AuditEntry[];
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

/** Below a heading with the id `audit`. */
export function AuditLines({ rows, texts, context }: AuditLinesProps) {
  if (rows.length === 0) return <p>{texts.noLines}</p>;
  const titles = [texts.when, texts.severity, texts.type, texts.city, texts.message, texts.node];
  return (
    <DataTable
      labelledBy="audit"
      columns={titles.map((title) => ({ title }))}
      rows={rows.map(({ occurredAtUtc, severity, type, city, message, nodeId }) => [
        context.format.instant(occurredAtUtc),
        severity,
        type,
        city ?? '',
        <span class="long" lang="en" key="message">
          {message}
        </span>,
        nodeId,
      ])}
    />
  );
}
