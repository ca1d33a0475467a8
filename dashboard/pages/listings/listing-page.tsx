/** One listing: what it says, what it said before, and where that comes from. */
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import type { ListingFieldName } from '../../../src/listings/fields.ts';
import { columnOf, listingFieldNames } from '../../../src/listings/fields.ts';
import type { ListingOrigin } from '../../../src/storage/explain-reader.ts';
import { readListing } from '../../../src/storage/listing-reader.ts';
import type { Dashboard } from '../../dashboard.ts';
import { parseQuery } from '../../http/listing-query.ts';
import { HttpProblem } from '../../http/problem.ts';
import { requestContextOf } from '../../http/request-context.ts';
import { fieldNames } from '../../texts/fields.ts';
import { listingTexts } from '../../texts/listing.ts';
import { sendPage } from '../layout.tsx';
import { fieldText } from './field-value.ts';
import type { ListingParts } from './listing-history.tsx';
import { HomeListings, Prices, Timeline } from './listing-history.tsx';
import { Origin } from './listing-origin.tsx';
import { portalLink } from './portal-link.ts';

const styles = ['listings.css', 'listing.css'];
const pathShape = z.object({ id: z.string().regex(/^[\w-]{1,64}$/, 'expected the id of a listing') });
const marketTimes = z.object({
  listed_at: z.string(),
  gone_at: z.string().nullable(),
  days_on_market: z.number(),
  earlier_listings: z.number(),
  home_days_on_market: z.number(),
});

/** Adds the page of one listing to the routes of this section. */
export function addListingPage(router: Router, { series, scraper, isArchived }: Dashboard): void {
  router.get('/:id', async (request: Request, response: Response) => {
    const { id } = parseQuery(pathShape, request.params);
    const context = requestContextOf(response);
    const texts = listingTexts[context.language];
    await series.read(async (database, edition) => {
      const found = await readListing(database, id, context.nowMs);
      if (found.kind === 'unknown') throw new HttpProblem(404, `expected the id of a stored listing, got ${id}`);
      if (found.kind === 'forgotten') {
        const text = texts.forgotten(context.format.date(found.forgottenAtUtc));
        response.status(410);
        return sendPage(response, { title: texts.forgottenTitle, edition, children: <p class="lead">{text}</p> });
      }
      const { history, origin } = found;
      const parts = { history, texts, context };
      const sha256 = origin.origin.responseSha256;
      sendPage(response, {
        title: origin.origin.address ?? textOf(history.listing['title']) ?? id,
        edition,
        styles,
        children: (
          <>
            <Facts {...parts} origin={origin} hosts={scraper.crawler.allowedHosts} />
            <div class="columns">
              <Prices {...parts} />
              <Timeline {...parts} />
            </div>
            <HomeListings {...parts} />
            <Fields {...parts} />
            <Origin
              {...parts}
              origin={origin}
              isArchived={isArchived === undefined ? null : await isArchived(sha256)}
            />
          </>
        ),
      });
    });
  });
}

const shortFields: readonly ListingFieldName[] = [
  ...(['priceEur', 'rentEurMonth', 'pricePerM2Eur', 'areaM2', 'roomConfiguration', 'yearBuilt'] as const),
  ...(['energyClass', 'buildingType', 'district', 'postalCode', 'city'] as const),
];

function Facts({
  history,
  origin: { origin },
  hosts,
  texts,
  context,
}: ListingParts & { readonly origin: ListingOrigin; readonly hosts: readonly string[] }) {
  const { format, language } = context;
  const { listing } = history;
  const times = marketTimes.parse(history.marketTimes);
  const facts = shortFields
    .map((name) => [fieldNames[language][name], fieldText(name, listing[columnOf(name)], context)] as const)
    .filter(([, text]) => text !== null);
  const days = texts.days(format.number(times.days_on_market));
  const home = texts.homeDays(
    texts.days(format.number(times.home_days_on_market)),
    format.number(times.earlier_listings),
  );
  const portal = portalLink(origin.url, hosts);
  const reason = Object.entries(texts.reasons).find(([name]) => name === origin.goneReason)?.[1] ?? origin.goneReason;
  return (
    <>
      <p>
        {origin.goneAtUtc === null ? (
          <span class="badge ok">{texts.offeredNow}</span>
        ) : (
          <span class="badge bad">{texts.goneSince(format.date(origin.goneAtUtc), reason ?? '')}</span>
        )}
      </p>
      <dl class="facts-in-short">
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{text}</dd>
          </div>
        ))}
        <div>
          <dt>{texts.listed}</dt>
          <dd>{format.date(times.listed_at)}</dd>
        </div>
        <div>
          <dt>{texts.daysOnMarket}</dt>
          <dd>{times.earlier_listings === 0 ? days : `${days} (${home})`}</dd>
        </div>
      </dl>
      <p class="further-links">
        {portal === null ? null : (
          <a href={portal} rel="noreferrer external">
            {texts.atPortal}
          </a>
        )}
        {listing['latitude'] === null ? null : (
          <a href={`/map?${new URLSearchParams({ city: origin.city, listing: history.listingId })}`}>{texts.onMap}</a>
        )}
      </p>
    </>
  );
}

function Fields({ history, texts, context }: ListingParts) {
  const { listing } = history;
  const rows = listingFieldNames
    .filter((name) => name !== 'otherDetailsJson')
    .map((name) => [name, fieldText(name, listing[columnOf(name)], context)] as const)
    .filter(([, text]) => text !== null);
  const labels = z.record(z.string(), z.string()).catch({}).parse(listing['other_details_json']);
  return (
    <section>
      <h2>{texts.fields}</h2>
      <FieldTable rows={rows.map(([name, text]) => [fieldNames[context.language][name], text ?? ''])} texts={texts} />
      <details>
        <summary>{texts.labels}</summary>
        <FieldTable rows={Object.entries(labels)} texts={texts} />
      </details>
    </section>
  );
}

function FieldTable({ rows, texts }: { rows: readonly (readonly [string, string])[]; texts: ListingParts['texts'] }) {
  return (
    <table class="facts">
      <thead class="unseen">
        <tr>
          <th scope="col">{texts.field}</th>
          <th scope="col">{texts.value}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, text]) => (
          <tr key={name}>
            <th scope="row" dir="auto">
              {name}
            </th>
            <td dir="auto">{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
