/** The listings: search, filters, order, pages. */
import type { Request, Response, Router } from 'express';
import { nominalDayOf } from '../../../src/clock.ts';
import type { ListingsPageOf } from '../../../src/storage/listings-page-reader.ts';
import { readListedCities, readListingsPage } from '../../../src/storage/listings-page-reader.ts';
import type { Dashboard } from '../../dashboard.ts';
import type { ListingQuery } from '../../http/listing-query.ts';
import { filterOf, placeOf, queryText, readListingQuery } from '../../http/listing-query.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { requestContextOf } from '../../http/request-context.ts';
import type { ListingsTexts } from '../../texts/listings.ts';
import { listingsTexts } from '../../texts/listings.ts';
import { sendPage } from '../layout.tsx';
import { FilterForm } from './filter-form.tsx';
import { ListingsTable } from './listings-table.tsx';

/** With the one more that is asked for, DuckDB reads the other columns of the found rows only (up to 50), not of all. */
const rowsOfPage = 49;

/** Adds the page of the list to the routes of this section. */
export function addListingsPage(router: Router, { series }: Dashboard): void {
  router.get('/', async (request: Request, response: Response) => {
    const query = readListingQuery(request.query);
    const context = requestContextOf(response);
    const texts = listingsTexts[context.language];
    await series.read(async (database, edition) => {
      const cities = await readListedCities(database);
      const page = await readListingsPage(database, {
        filter: filterOf(query),
        order: query.sort ?? 'newest',
        place: placeOf(query),
        limit: rowsOfPage,
        nowMs: context.nowMs,
      });
      sendPage(response, {
        title: texts.title,
        edition,
        styles: ['listings.css'],
        children: (
          <>
            <FilterForm query={query} cities={cities} texts={texts} />
            <Found page={page} query={query} texts={texts} context={context} />
          </>
        ),
      });
    });
  });
}

interface FoundParts {
  readonly page: ListingsPageOf;
  readonly query: ListingQuery;
  readonly texts: ListingsTexts;
  readonly context: RequestContext;
}

function Found({ page, query, texts, context }: FoundParts) {
  const { format, nowMs } = context;
  const isPast = query.as_of !== null && query.as_of < nominalDayOf(nowMs);
  return (
    <>
      <p class="lead" role="status">
        {texts.count(format.number(page.total), page.total === 1)}
      </p>
      {isPast ? <p class="soft">{texts.asOfNote(format.day(query.as_of))}</p> : null}
      {page.rows.length === 0 ? (
        <p>{texts.none}</p>
      ) : (
        <ListingsTable rows={page.rows} texts={texts} context={context} />
      )}
      <Pages page={page} query={query} texts={texts} />
      {page.total === 0 ? null : <Further query={query} texts={texts} />}
    </>
  );
}

function Pages({ page, query, texts }: Omit<FoundParts, 'context'>) {
  const to = (changes: Partial<ListingQuery>) => `/listings${queryText(query, changes)}`;
  const links = [
    [texts.first, page.hasBefore, to({})],
    [texts.previous, page.hasBefore, to({ before: page.rows[0]?.listingId ?? null })],
    [texts.next, page.hasAfter, to({ after: page.rows.at(-1)?.listingId ?? null })],
    [texts.last, page.hasAfter, to({ at: 'end' })],
  ] as const;
  if (!page.hasBefore && !page.hasAfter) return null;
  return (
    <nav class="pages" aria-label={texts.pages}>
      {links.map(([text, isThere, href]) =>
        isThere ? (
          <a href={href} key={text}>
            {text}
          </a>
        ) : (
          <span class="soft" aria-disabled="true" key={text}>
            {text}
          </span>
        ),
      )}
    </nav>
  );
}

/** Where to go on from here with the same filters. */
function Further({ query, texts }: Omit<FoundParts, 'context' | 'page'>) {
  const { city, deal } = query;
  return (
    <p class="further-links">
      <span>
        {texts.download} <a href={`/listings/download.csv${queryText(query)}`}>CSV</a>{' '}
        <a href={`/listings/download.parquet${queryText(query)}`}>Parquet</a>
      </span>
      {city === null ? null : <a href={`/map${queryText({ city, deal })}`}>{texts.onMap}</a>}
      {city === null ? null : <a href={`/market${queryText({ city, deal })}`}>{texts.inMarket}</a>}
    </p>
  );
}
