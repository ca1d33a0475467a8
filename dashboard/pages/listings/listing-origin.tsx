/** Where the row of a listing comes from, down to the response. */
import type { ListingOrigin } from '../../../src/storage/explain-reader.ts';
import type { RequestContext } from '../../http/request-context.ts';
import type { ListingTexts } from '../../texts/listing.ts';

interface OriginParts {
  readonly origin: ListingOrigin;
  /** Null = not looked up. */
  readonly isArchived: boolean | null;
  readonly texts: ListingTexts;
  readonly context: RequestContext;
}

export function Origin({ origin: { origin, request, lineage }, isArchived, texts, context }: OriginParts) {
  const { format } = context;
  const status = lineage.findLast(({ responseSha256 }) => responseSha256 === origin.responseSha256)?.status ?? null;
  const facts: readonly (readonly [name: string, value: string])[] = [
    [texts.request, origin.requestUrl],
    [texts.status, String(request?.status ?? status ?? format.number(null))],
    [texts.fetched, `${format.date(origin.fetchedAtUtc)} ${format.time(origin.fetchedAtUtc)}`],
    ...(request === null ? [] : [[texts.duration, format.duration(request.durationMs)] as const]),
    [texts.response, origin.responseSha256],
    ...(isArchived === null ? [] : [[texts.archived, isArchived ? texts.archivedYes : texts.archivedNo] as const]),
    [texts.parser, origin.parser],
    [texts.execution, origin.executionId],
    [texts.node, origin.nodeId],
    [texts.quality, format.percent(origin.dataQualityScore)],
  ];
  return (
    <section>
      <h2>{texts.origin}</h2>
      <table class="facts">
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="code">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Lineage lineage={lineage} texts={texts} context={context} />
    </section>
  );
}

interface LineageParts extends Pick<OriginParts, 'texts' | 'context'> {
  readonly lineage: ListingOrigin['lineage'];
}

/** Each change of the row, and what made it. */
function Lineage({ lineage, texts, context: { format } }: LineageParts) {
  return (
    <details>
      <summary>{texts.lineage}</summary>
      <div class="wide">
        <table>
          <thead>
            <tr>
              {[texts.fetched, texts.operation, texts.by, texts.execution, texts.status, texts.response].map(
                (title) => (
                  <th scope="col" key={title}>
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {lineage.map((entry, index) => (
              <tr key={index}>
                <td>{format.instant(entry.fetchedAtUtc)}</td>
                <td>{texts.operations[entry.operation]}</td>
                <td>{entry.transformation}</td>
                <td>{entry.executionId}</td>
                <td>{entry.status ?? format.number(null)}</td>
                <td class="code">{entry.responseSha256?.slice(0, 12) ?? format.number(null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
