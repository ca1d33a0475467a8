/** Which market is looked at, as a form that is an address. */
import type { RequestContext } from '../../http/request-context.ts';
import type { MarketTexts } from '../../texts/market.ts';
import { Select } from '../fields.tsx';
import type { MarketPageQuery } from './market-query.ts';

export interface MarketParts {
  readonly query: MarketPageQuery;
  readonly texts: MarketTexts;
  readonly context: RequestContext;
}

interface FormParts extends MarketParts {
  readonly cities: readonly string[];
  readonly postalCodes: readonly (string | null)[];
}

export function MarketForm({ query, texts, context, cities, postalCodes }: FormParts) {
  const codes = postalCodes.filter((code) => code !== null);
  const periods = [30, 90, 180].map((days) => [String(days), texts.days(context.format.number(days))] as const);
  const all = [['', texts.allCities] as const, ...cities.map((city) => [city, city] as const)];
  const areas = [['', texts.wholeCity] as const, ...codes.map((code) => [code, code] as const)];
  const deals = [
    ['sale', texts.sale],
    ['rent', texts.rent],
  ] as const;
  return (
    <form method="get" action="/market" class="filters">
      <Select name="city" label={texts.city} value={query.city} options={all} />
      <Select name="deal" label={texts.deal} value={query.deal} options={deals} />
      {query.city === '' ? null : (
        <>
          <Select name="postal" label={texts.postal} value={query.postal ?? ''} options={areas} />
          <Select name="days" label={texts.period} value={String(query.days)} options={periods} />
        </>
      )}
      <div class="actions">
        <button type="submit">{texts.apply}</button>
        {query.city === '' ? null : (
          <>
            <a href={`/listings?${new URLSearchParams({ city: query.city, deal: query.deal })}`}>{texts.listings}</a>
            <a href={`/map?${new URLSearchParams({ city: query.city, deal: query.deal })}`}>{texts.map}</a>
          </>
        )}
      </div>
    </form>
  );
}
