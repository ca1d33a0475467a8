/**
 * The truth of the simulated world against the real parser: each page and its card, read, must give exactly the record
 * the simulator promises, every typed column and every label.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { createWorld } from '../../simulator/world.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { parseSearchResponse } from '../../src/portal/search-response.ts';
import { rawGet, sessionHeaders } from './raw-client.ts';

let simulator: RunningSimulator;

beforeAll(async () => {
  const cities = [{ name: 'Helsinki', locationId: 64, saleCount: 160, rentCount: 80 }];
  simulator = await startSimulator({ world: createWorld({ seed: 11, cities }) });
  simulator.world.advanceDay();
});
afterAll(() => simulator.close());

describe.each(['sale', 'rent'] as const)('truth of homes for %s', (dealType) => {
  it.each(['search', 'cards'] as const)(
    'is what the parser reads from each page and its /api/%s card',
    async (shape) => {
      const searchUrl = new URL(simulator.searchUrl('Helsinki', dealType));
      const headers = await sessionHeaders(searchUrl.href);
      const records = simulator.world.truth('Helsinki', dealType, simulator.origin);
      const truth = new Map(records.map((record) => [record.listingId, record]));
      let compared = 0;

      for (let offset = 0; offset < truth.size; offset += 24) {
        const url = `${simulator.origin}/api/${shape}${searchUrl.search}&limit=24&offset=${offset}`;
        const answer = parseSearchResponse((await rawGet(url, { headers })).body.toString('utf8'), simulator);
        if (answer.kind !== 'cards') throw new Error(`search answer: expected cards, got ${answer.kind}`);
        for (const card of answer.cards) {
          const html = (await rawGet(card.url)).body.toString('utf8');
          const reading = parseListingPage(html, {
            url: card.url,
            city: 'Helsinki',
            card,
            collectsPersonalData: false,
          });
          const record = reading.kind === 'listing' ? reading.record : reading;
          expect(record).toEqual(truth.get(card.listingId));
          compared += 1;
        }
      }

      expect(compared).toBe(truth.size);
    },
  );
});
