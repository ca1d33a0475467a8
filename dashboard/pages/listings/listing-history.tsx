/** The past of one listing: its prices, what changed when, and the other listings of its home. */
import { z } from 'zod';
import type { ListingFieldName } from '../../../src/listings/fields.ts';
import { columnOf, listingFieldNames } from '../../../src/listings/fields.ts';
import type { ListingHistory } from '../../../src/storage/history-reader.ts';
import type { QueryRow } from '../../../src/storage/query.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { fieldNames } from '../../texts/fields.ts';
import type { ListingTexts } from '../../texts/listing.ts';
import { fieldText } from './field-value.ts';
import { PriceChart } from './price-chart.tsx';

export interface ListingParts {
  readonly history: ListingHistory;
  readonly texts: ListingTexts;
  readonly context: RequestContext;
}

const priceEvent = z.object({
  event_at: z.string(),
  kind: z.enum(['first', 'cut', 'raise']),
  price_eur: z.number(),
  amount_eur: z.number().nullable(),
  percent: z.number().nullable(),
});
const versionTimes = z.object({
  valid_from: z.string(),
  valid_to: z.string().nullable(),
  end_reason: z.string().nullable(),
});
const linkRow = z.object({
  listing_id: z.string(),
  earlier_listing_id: z.string(),
  score: z.number(),
  linked_at: z.string(),
});

/** Fields whose values are too long to stand in a line. */
const longFields = new Set<ListingFieldName>(['description', 'otherDetailsJson']);

export function Prices({ history, texts, context }: ListingParts) {
  const { format, nowMs } = context;
  const events = history.priceEvents.map((row) => priceEvent.parse(row));
  const gone = history.versions.at(-1)?.['valid_to'];
  const endMs = typeof gone === 'string' ? Date.parse(gone) : nowMs;
  const points = events.map((event) => ({ atMs: Date.parse(event.event_at), eur: event.price_eur }));
  const label = texts.priceChart(format.date(points[0]?.atMs ?? null), format.date(endMs));
  return (
    <section>
      <h2>{texts.prices}</h2>
      {events.length === 0 ? <p>{texts.noPrice}</p> : null}
      <PriceChart points={points} endMs={endMs} label={label} />
      {events.length === 0 ? null : (
        <table class="narrow">
          <thead>
            <tr>
              <th scope="col">{texts.when}</th>
              <th scope="col" class="number">
                {texts.price}
              </th>
              <th scope="col" class="number">
                {texts.change}
              </th>
            </tr>
          </thead>
          <tbody>
            {events.map((event) => (
              <tr key={event.event_at}>
                <th scope="row">{format.date(event.event_at)}</th>
                <td class="number">{format.eur(event.price_eur, 2)}</td>
                <td class="number">
                  {event.amount_eur === null
                    ? texts.kinds[event.kind]
                    : `${format.eur(event.amount_eur, 2)} (${format.percent((event.percent ?? 0) / 100, 1)})`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function Timeline({ history, texts, context }: ListingParts) {
  const { format } = context;
  const steps = history.versions.flatMap((row, index) => {
    const version = versionTimes.parse(row);
    const before = history.versions[index - 1];
    const previous = before === undefined ? null : versionTimes.parse(before);
    const isReturn = previous?.end_reason === 'gone';
    const title = previous === null ? texts.firstVersion : isReturn ? texts.returned : texts.changed;
    const changes = before === undefined ? [] : changesOf(before, row);
    const begin = { at: version.valid_from, title, changes };
    return version.end_reason === 'gone' && version.valid_to !== null
      ? [begin, { at: version.valid_to, title: texts.goneAt, changes: [] }]
      : [begin];
  });
  return (
    <section>
      <h2>{texts.history}</h2>
      <ol class="timeline">
        {steps.map(({ at, title, changes }) => (
          <li key={`${at}${title}`}>
            <time dateTime={at}>{format.date(at)}</time> <strong>{title}</strong>
            {changes.length === 0 ? null : (
              <ul>
                {changes.map(({ name, before, after }) => (
                  <li key={name}>
                    {`${fieldNames[context.language][name]}: `}
                    <Change name={name} before={before} after={after} texts={texts} context={context} />
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface FieldChange {
  readonly name: ListingFieldName;
  readonly before: unknown;
  readonly after: unknown;
}

function changesOf(before: QueryRow, after: QueryRow): readonly FieldChange[] {
  return listingFieldNames
    .map((name) => ({ name, before: before[columnOf(name)] ?? null, after: after[columnOf(name)] ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}

function Change({ name, before, after, texts, context }: FieldChange & Omit<ListingParts, 'history'>) {
  if (longFields.has(name)) return <span class="soft">{texts.fieldChanged}</span>;
  const from = fieldText(name, before, context);
  const to = fieldText(name, after, context);
  return (
    <>
      {from === null ? null : (
        <>
          <del dir="auto">{from}</del>
          {' → '}
        </>
      )}
      {to === null ? <span class="soft">{texts.fieldGone}</span> : <ins dir="auto">{to}</ins>}
    </>
  );
}

/** The other listings of the home, with how alike they are; nothing when there are none. */
export function HomeListings({ history, texts, context }: ListingParts) {
  const { format } = context;
  const links = [
    ...history.earlier.map((row) => ({ row: linkRow.parse(row), side: texts.earlier, isEarlier: true })),
    ...history.later.map((row) => ({ row: linkRow.parse(row), side: texts.later, isEarlier: false })),
  ];
  if (links.length === 0) return null;
  return (
    <section>
      <h2>{texts.home}</h2>
      <table class="narrow">
        <thead>
          <tr>
            <th scope="col">{texts.listing}</th>
            <th scope="col" class="number">
              {texts.score}
            </th>
            <th scope="col">{texts.foundAt}</th>
          </tr>
        </thead>
        <tbody>
          {links.map(({ row, side, isEarlier }) => {
            const other = isEarlier ? row.earlier_listing_id : row.listing_id;
            return (
              <tr key={other}>
                <th scope="row">
                  {`${side}: `}
                  <a href={`/listings/${encodeURIComponent(other)}`}>{other}</a>
                </th>
                <td class="number">{format.percent(row.score)}</td>
                <td>{format.date(row.linked_at)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
