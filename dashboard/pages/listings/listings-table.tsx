/** Listings in rows; on a phone each row is a card. */
import type { ListingSummary } from '../../../src/storage/listings-page-reader.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { valueNames } from '../../texts/fields.ts';
import type { ListingsTexts } from '../../texts/listings.ts';

/** A listing is new for this long after it was first seen, and a cut of its price is news for as long. */
const newsMs = 7 * 86_400_000;

interface TableParts {
  readonly rows: readonly ListingSummary[];
  readonly texts: ListingsTexts;
  readonly context: RequestContext;
}

export function ListingsTable({ rows, texts, context }: TableParts) {
  const titles = [texts.price, texts.perM2, texts.area, texts.built, texts.energyShort, texts.daysOnMarket];
  return (
    <table class="listings">
      <caption class="unseen">{texts.table}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.home}</th>
          {titles.map((title) => (
            <th scope="col" class="number" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((listing) => (
          <ListingRow listing={listing} texts={texts} context={context} key={listing.listingId} />
        ))}
      </tbody>
    </table>
  );
}

function ListingRow({ listing, texts, context }: Omit<TableParts, 'rows'> & { readonly listing: ListingSummary }) {
  const { format, language } = context;
  const { listingId, dealType, buildingType, roomConfiguration } = listing;
  const where = [listing.district, listing.postalCode, listing.city].filter((part) => part !== null);
  const type = buildingType === null ? null : (valueNames[language][buildingType] ?? buildingType);
  const what = [type, roomConfiguration].filter((part) => part !== null);
  const price = `${format.eur(listing.amountEur)}${dealType === 'rent' ? texts.perMonth : ''}`;
  const cells = [
    [texts.price, listing.amountEur === null ? format.eur(null) : price],
    [texts.perM2, format.number(listing.amountPerM2Eur, dealType === 'rent' ? 2 : 0)],
    [texts.area, listing.areaM2 === null ? format.number(null) : `${format.number(listing.areaM2, 1)}\u00A0m²`],
    [texts.built, listing.yearBuilt === null ? format.number(null) : String(listing.yearBuilt)],
    [texts.energyShort, listing.energyClass ?? format.number(null)],
    [
      texts.daysOnMarket,
      listing.daysOnMarket === null ? format.number(null) : texts.days(format.number(listing.daysOnMarket)),
    ],
  ] as const;
  return (
    <tr>
      <th scope="row">
        <a href={`/listings/${encodeURIComponent(listingId)}`} dir="auto">
          {listing.address ?? listing.title ?? listingId}
        </a>
        <Badges listing={listing} texts={texts} context={context} />
        <span class="soft cause" dir="auto">
          {where.join(', ')}
        </span>
        <span class="soft cause" dir="auto">
          {what.join(' · ')}
        </span>
      </th>
      {cells.map(([label, text]) => (
        <td class="number" data-label={label} key={label}>
          {text}
        </td>
      ))}
    </tr>
  );
}

function Badges({ listing, texts, context }: Omit<TableParts, 'rows'> & { readonly listing: ListingSummary }) {
  const { format, nowMs } = context;
  const change = listing.lastPriceChange;
  const isNews = (atUtc: string) => nowMs - Date.parse(atUtc) < newsMs;
  const badges: (readonly [tone: string, text: string])[] = [];
  if (listing.goneAtUtc !== null) badges.push(['bad', texts.badgeGone(format.date(listing.goneAtUtc))]);
  else if (isNews(listing.firstSeenAtUtc)) badges.push(['ok', texts.badgeNew]);
  if (change !== null && change.priceEur < change.beforeEur) {
    const share = change.priceEur / change.beforeEur - 1;
    badges.push([isNews(change.atUtc) ? 'warn' : 'soft', texts.badgeCut(format.percent(share, 1))]);
  }
  if (listing.isNewDevelopment === true) badges.push(['soft', texts.badgeNewDevelopment]);
  return (
    <>
      {badges.map(([tone, text]) => (
        <span class={`badge ${tone}`} key={text}>
          {text}
        </span>
      ))}
    </>
  );
}
