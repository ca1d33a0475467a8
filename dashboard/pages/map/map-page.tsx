/** A city on a map: cells coloured by price or time, and the same listings as lists beside it. */
import type { Request, Response } from 'express';
import { Router } from 'express';
import { readListedCities, readListingsPage } from '../../../src/storage/listings-page-reader.ts';
import { readMapCells, readMapOverview, readPosition } from '../../../src/storage/map-reader.ts';
import type { Dashboard } from '../../dashboard.ts';
import { createEditionCache } from '../../http/edition-cache.ts';
import { filterOf, parseQuery, readListingQuery } from '../../http/listing-query.ts';
import { requestContextOf } from '../../http/request-context.ts';
import { mapTexts } from '../../texts/map.ts';
import { sendPage } from '../layout.tsx';
import { cellsQueryShape, mapQueryShape } from './map-query.ts';
import { MapView } from './map-view.tsx';

const rowsOfList = 20;
/** Pixels that a cell is wide on the screen; 256 of them are the world at zoom 0. */
const cellPixels = 56;

export function mapRoutes(dashboard: Dashboard): Router {
  const router = Router();
  router.get('/', showMap(dashboard));
  router.get('/cells', async (request: Request, response: Response) => {
    const { city, deal, colour, zoom, south, north, west, east } = parseQuery(cellsQueryShape, request.query);
    const { nowMs } = requestContextOf(response);
    const cellDegrees = (360 * cellPixels) / (256 * 2 ** zoom);
    const query = { city, dealType: deal, measure: colour, nowMs } as const;
    const cells = await dashboard.series.read((database) =>
      readMapCells(database, query, { south, north, west, east }, cellDegrees),
    );
    response.json({ cells });
  });
  return router;
}

function showMap({ series, config }: Dashboard) {
  const cache = createEditionCache();
  return async (request: Request, response: Response) => {
    const query = parseQuery(mapQueryShape, request.query);
    const context = requestContextOf(response);
    const texts = mapTexts[context.language];
    await series.read(async (database, edition) => {
      const cities = await cache.answer(edition, 'cities', () => readListedCities(database));
      const city = query.city ?? cities[0] ?? '';
      const market = { city, dealType: query.deal, measure: query.colour, nowMs: context.nowMs } as const;
      const overview = await readMapOverview(database, market);
      const list = await readListingsPage(database, {
        filter: { ...filterOf(readListingQuery({ city, deal: query.deal })) },
        order: 'newest',
        place: { kind: 'first' },
        limit: rowsOfList,
        nowMs: context.nowMs,
      });
      const focus = query.listing === null ? null : await readPosition(database, query.listing);
      sendPage(response, {
        title: city === '' ? texts.title : texts.titleOf(city),
        edition,
        styles: ['listings.css', 'vendor/leaflet.css', 'map.css'],
        scripts: ['map.js'],
        children: (
          <MapView
            {...{ query, cities, city, overview, focus, texts, context }}
            rows={list.rows}
            total={list.total}
            tiles={config.tileUrl === null ? null : { url: config.tileUrl, attribution: config.tileAttribution ?? '' }}
          />
        ),
      });
    });
  };
}
