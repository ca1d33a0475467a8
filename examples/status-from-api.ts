/**
 * Asks a dashboard whether the day is complete, and for the cheapest flats of a city: what a program of your own does with a
 * token of the scopes read:status and read:data. It ends with 1 when a city is not complete.
 *
 *     node dist/examples/status-from-api.js http://127.0.0.1:3000 token.txt Helsinki
 */
import { readFileSync } from 'node:fs';

interface Status {
  readonly nominalDay: string;
  readonly cities: readonly {
    readonly city: string;
    readonly nominalDay: string;
    readonly verdict: string | null;
    readonly reason: string | null;
  }[];
}

interface Listings {
  readonly items: readonly {
    readonly url: string;
    readonly address: string | null;
    readonly priceEur: number | null;
  }[];
  readonly next: string | null;
}

const [origin = 'http://127.0.0.1:3000', tokenFile = 'token.txt', city = 'Helsinki'] = process.argv.slice(2);
// From a file: what stands on a command line can be read by everybody on the machine.
const token = readFileSync(tokenFile, 'utf8').trim();

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const body = await response.json();
  // Errors are problem details (RFC 9457): `detail` says what was expected.
  if (!response.ok) throw new Error(`${path}: ${response.status} ${(body as { detail: string }).detail}`);
  return body as Answer;
}

const status = await ask<Status>('/api/v1/status');
for (const each of status.cities) {
  const isToday = each.nominalDay === status.nominalDay;
  const words = isToday ? (each.verdict ?? 'being collected') : `nothing since ${each.nominalDay}`;
  console.log(`${each.city}: ${words}${each.reason === null ? '' : ` (${each.reason})`}`);
  if (!isToday || each.verdict !== 'complete') process.exitCode = 1;
}

const query = new URLSearchParams({ city, dealType: 'sale', isOffered: 'true', sort: 'cheapest', limit: '3' });
let next: string | null = `/api/v1/listings?${query}`;
// Each page names the next one; two are enough here.
for (let page = 1; page <= 2 && next !== null; page++) {
  const listings: Listings = await ask<Listings>(next);
  for (const { priceEur, address } of listings.items) console.log(`${priceEur} EUR  ${address}`);
  next = listings.next;
}
