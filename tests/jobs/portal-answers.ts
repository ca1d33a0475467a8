/**
 * A portal whose answers a test writes by hand: the port of the jobs, without a network.
 */
import type { FetchedResponse } from '../../src/crawl/fetcher.ts';
import type { PortalSource } from '../../src/jobs/portal-source.ts';

function respond(url: string, body: string): FetchedResponse {
  return {
    url,
    finalUrl: url,
    status: 200,
    headers: {},
    body,
    bodyBytes: body.length,
    sha256: 'a'.repeat(64),
    durationMs: 5,
    fetchedAtUtc: '2026-11-22T04:00:00.000Z',
  };
}

/** Answers every request with the given function of its URL; keeps the URLs asked for. */
export function portalThat(answer: (url: string) => string): PortalSource & { readonly asked: string[] } {
  const asked: string[] = [];
  const fetch = async ({ url }: { readonly url: string }) => {
    asked.push(url);
    return respond(url, answer(url));
  };
  const searchPage = async (request: { readonly url: string }) => ({ ...(await fetch(request)), answers: [] });
  return { asked, search: fetch, listing: fetch, searchPage };
}

interface CardInput {
  readonly cardId: number;
  readonly city?: string;
  readonly price?: string;
}

/** One card in the shape of `/api/search`. */
export function searchCard({ cardId, city = 'Helsinki', price = '200\u00a0000\u00a0€' }: CardInput) {
  return {
    cardId,
    cardType: 100,
    cardSubType: 1,
    url: `https://asunnot.oikotie.fi/myytavat-asunnot/${city.toLowerCase()}/${cardId}`,
    status: 1,
    data: { rooms: 2, roomConfiguration: '2h+k', price, size: '50 m²', sizeMin: 50, newDevelopment: false },
    location: {
      address: 'Keksittykatu 1',
      district: 'Keksintö',
      city,
      zipCode: '00100',
      latitude: 60.1,
      longitude: 24.9,
    },
    meta: { published: '2026-11-20 10:00:00', priceChanged: null },
    company: { companyName: 'Keksitty LKV Oy' },
  };
}

export function searchAnswer(found: number, cards: readonly object[]): string {
  return JSON.stringify({ found, start: 0, cards, secondaryCards: [] });
}
