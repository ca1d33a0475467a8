/** The market of all cities, and of one city or postal code: day by day, area by area, and how prices are spread. */
import type { Request, Response } from 'express';
import { Router } from 'express';
import { nominalDayOf } from '../../../src/clock.ts';
import type { Database } from '../../../src/storage/database.ts';
import { readDistribution } from '../../../src/storage/distribution-reader.ts';
import { readListedCities } from '../../../src/storage/listings-page-reader.ts';
import { readMarketDays, readMarketPlaces } from '../../../src/storage/market-reader.ts';
import type { Edition } from '../../../src/storage/published-series.ts';
import type { Dashboard } from '../../dashboard.ts';
import type { EditionCache } from '../../http/edition-cache.ts';
import { createEditionCache } from '../../http/edition-cache.ts';
import { parseQuery } from '../../http/listing-query.ts';
import { requestContextOf } from '../../http/request-context.ts';
import { marketTexts } from '../../texts/market.ts';
import { sendPage } from '../layout.tsx';
import { Days } from './market-days.tsx';
import { MarketForm } from './market-form.tsx';
import { Places } from './market-places.tsx';
import type { MarketPageQuery } from './market-query.ts';
import { marketQueryShape } from './market-query.ts';
import { Spread } from './spread.tsx';

const dayMs = 86_400_000;
const newsDays = 30;

export function marketRoutes({ series }: Dashboard): Router {
  const router = Router();
  const cache = createEditionCache();
  router.get('/', async (request: Request, response: Response) => {
    const query = parseQuery(marketQueryShape, request.query);
    const context = requestContextOf(response);
    const texts = marketTexts[context.language];
    await series.read(async (database, edition) => {
      const market = await readMarket({ database, edition, cache, query, nowMs: context.nowMs });
      const { city, postal } = query;
      const parts = { query, texts, context };
      sendPage(response, {
        title: city === '' ? texts.title : texts.titleOf(postal ?? city),
        edition,
        styles: ['listings.css', 'vendor/uplot.css', 'market.css'],
        scripts: city === '' ? [] : ['market.js'],
        children: (
          <>
            <MarketForm {...parts} cities={market.cities} postalCodes={market.places.map(({ place }) => place)} />
            {market.city === null ? null : (
              <>
                <Days {...parts} asked={market.city.asked} days={market.city.days} />
                <Spread {...parts} distributions={market.city.distributions} />
              </>
            )}
            <Places {...parts} places={market.places} />
          </>
        ),
      });
    });
  });
  return router;
}

interface MarketRequest {
  readonly database: Database;
  readonly edition: Edition;
  readonly cache: EditionCache;
  readonly query: MarketPageQuery;
  readonly nowMs: number;
}

async function readMarket({ database, edition, cache, query, nowMs }: MarketRequest) {
  const { city, deal: dealType, postal: postalCode, days: count } = query;
  const today = nominalDayOf(nowMs);
  const times = { sinceMs: nowMs - newsDays * dayMs, nowMs };
  const keep = <Answer,>(what: string, compute: () => Promise<Answer>) =>
    cache.answer(edition, JSON.stringify([what, today, query]), compute);
  const cities = await keep('cities', () => readListedCities(database));
  const where = city === '' ? null : city;
  const places = await keep('places', () => readMarketPlaces(database, { dealType, city: where, ...times }));
  if (where === null) return { cities, places, city: null };
  const asked = lastDays(nowMs, count);
  const market = { city: where, dealType, postalCode };
  const days = await keep('days', () => readMarketDays(database, { ...market, days: asked }));
  const distributions = await keep('spread', async () => ({
    amount: await readDistribution(database, 'amount', market),
    perM2: await readDistribution(database, 'perM2', market),
    area: await readDistribution(database, 'area', market),
  }));
  return { cities, places, city: { asked, days, distributions } };
}

/** Nominal days up to today, oldest first. From noon, so that summer time cannot skip one. */
function lastDays(nowMs: number, count: number): readonly string[] {
  const noonMs = Date.parse(`${nominalDayOf(nowMs)}T10:00:00Z`);
  return Array.from({ length: count }, (_, index) => nominalDayOf(noonMs - (count - 1 - index) * dayMs));
}
