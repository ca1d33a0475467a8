/**
 * Every fault of the simulated portal, seen by a client that trusts nothing; and the scopes that limit a fault.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultInput } from '../../simulator/faults.ts';
import { faultTypes } from '../../simulator/faults.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import type { RawResponse } from './raw-client.ts';
import { jsonOf, rawGet, sessionHeaders } from './raw-client.ts';

let simulator: RunningSimulator;
let headers: Readonly<Record<string, string>>;
let listingUrl: string;
let listingId: string;

beforeEach(async () => {
  simulator = await startSimulator();
  headers = await sessionHeaders(simulator.searchUrl('Helsinki', 'sale'));
  const [record] = simulator.world.truth('Helsinki', 'sale', simulator.origin);
  listingUrl = record?.url ?? '';
  listingId = record?.listingId ?? '';
});
afterEach(() => simulator.close());

const helsinki = `locations=${encodeURIComponent('[[64,6,"Helsinki"]]')}`;

function getSearch(offset = 0): Promise<RawResponse> {
  return rawGet(`${simulator.origin}/api/search?${helsinki}&cardType=100&limit=24&offset=${offset}`, { headers });
}

async function listingWith(rule: FaultInput): Promise<RawResponse> {
  simulator.faults.add(rule);
  return rawGet(listingUrl);
}

function cardIds(response: RawResponse): readonly number[] {
  // The answer is the simulator's own; portal.test.ts checks its shape.
  const { cards } = jsonOf(response) as { readonly cards: readonly { readonly cardId: number }[] };
  return cards.map((card) => card.cardId);
}

describe('refusals', () => {
  it.each([
    ['http_401', 401],
    ['http_403', 403],
    ['http_429', 429],
    ['http_503_retry_after', 503],
    ['http_500', 500],
  ] as const)('%s answers %i', async (type, status) => {
    const response = await listingWith({ type });

    expect(response.status).toBe(status);
    expect(response.body.toString('utf8')).not.toContain('info-table');
  });

  it('says Retry-After in seconds or as a date', async () => {
    const inSeconds = await listingWith({ type: 'http_429', retryAfterSeconds: 7, times: 1 });
    const asDate = await listingWith({ type: 'http_503_retry_after', retryAfterSeconds: 30, retryAfterAsDate: true });

    const waitMs = Date.parse(asDate.headers['retry-after'] ?? '') - Date.now();
    expect(inSeconds.headers['retry-after']).toBe('7');
    expect(waitMs).toBeGreaterThan(20_000);
    expect(waitMs).toBeLessThan(31_000);
  });
});

describe('connections', () => {
  it('slow answers late but right', async () => {
    const before = performance.now();

    const response = await listingWith({ type: 'slow', delayMs: 60 });

    expect(performance.now() - before).toBeGreaterThan(55);
    expect(response.body.length).toBeGreaterThan(60_000);
  });

  it('hang never answers until the simulator closes', async () => {
    simulator.faults.add({ type: 'hang' });

    const hung = rawGet(listingUrl);
    const rejection = expect(hung).rejects.toThrow(/hang up|reset/);
    await expect.poll(() => simulator.requestLog.entries().at(-1)?.fault).toBe('hang');
    await simulator.close();

    await rejection;
    expect(simulator.requestLog.entries().at(-1)?.status).toBeNull();
  });

  it('connection_reset ends without an answer', async () => {
    await expect(listingWith({ type: 'connection_reset' })).rejects.toThrow(/ECONNRESET|hang up/);
  });

  it('truncated announces more than it sends, or frames half a page well', async () => {
    const short = await listingWith({ type: 'truncated', times: 1 });
    const half = await listingWith({ type: 'truncated', variant: 'half_body' });

    expect(short.isComplete).toBe(false);
    expect(short.body.length).toBeLessThan(Number(short.headers['content-length']));
    expect(half.isComplete).toBe(true);
    expect(half.body.toString('utf8')).not.toContain('</html>');
  });

  it('huge_body sends as many bytes as asked for', async () => {
    const response = await listingWith({ type: 'huge_body', bytes: 3_000_000 });

    expect(response.body.length).toBe(3_000_000);
  });

  it('empty_body answers 200 with nothing', async () => {
    const response = await listingWith({ type: 'empty_body' });

    expect([response.status, response.body.length]).toEqual([200, 0]);
  });
});

describe('wrong content', () => {
  it('malformed breaks JSON and markup', async () => {
    simulator.faults.add({ type: 'malformed' });

    const answer = await getSearch();
    const page = await rawGet(listingUrl);

    expect(answer.status).toBe(200);
    expect(() => jsonOf(answer)).toThrow(SyntaxError);
    expect(page.body.toString('utf8')).not.toContain('</dd>');
  });

  it('error_state finds nothing and says why, in the API and on the page', async () => {
    simulator.faults.add({ type: 'error_state' });

    const answer = await getSearch();
    const page = await rawGet(simulator.searchUrl('Helsinki', 'sale'));

    expect(jsonOf(answer)).toMatchObject({ found: 0, cards: [], message: expect.stringContaining('Pahoittelut') });
    expect(page.status).toBe(200);
    expect(page.body.toString('utf8')).toMatch(/search-result__message"><span>Pahoittelut, haussa tapahtui virhe/);
  });

  it('error_envelope answers 200 with code and message', async () => {
    simulator.faults.add({ type: 'error_envelope' });

    const answer = await getSearch();

    expect(answer.status).toBe(200);
    expect(jsonOf(answer)).toEqual({ code: expect.any(String), message: expect.any(String) });
  });

  it('foreign_city mixes in cards of other municipalities', async () => {
    simulator.faults.add({ type: 'foreign_city', count: 4 });

    const ids = cardIds(await getSearch());

    const cities = ids.map((id) => simulator.world.listing(String(id))?.city.name);
    expect(cities.filter((city) => city !== 'Helsinki')).toHaveLength(4);
    expect(cities.filter((city) => city === 'Helsinki')).toHaveLength(24);
  });

  it('shifting_pages repeats and misses listings while paging', async () => {
    simulator.faults.add({ type: 'shifting_pages', count: 5 });
    const ids: number[] = [];

    for (let offset = 0; offset < 120; offset += 24) ids.push(...cardIds(await getSearch(offset)));

    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBeLessThan(120);
  });

  it.each([
    ['not_found', 404, 'Kohde on poistunut'],
    ['gone', 410, 'Kohde on poistunut'],
    ['poistunut', 200, 'Kohde on poistunut'],
    ['myyty', 200, 'Kohde on myyty'],
  ])('removed as %s answers %i with "%s"', async (variant, status, words) => {
    const response = await listingWith({ type: 'removed', variant });

    expect(response.status).toBe(status);
    expect(response.body.toString('utf8')).toContain(words);
    expect(response.body.toString('utf8')).not.toContain('info-table__row');
  });

  it('removed as redirect leads to the search page', async () => {
    const response = await listingWith({ type: 'removed', variant: 'redirect' });

    expect([response.status, response.headers.location]).toEqual([302, '/myytavat-asunnot/helsinki']);
  });

  it('redirect_elsewhere leads to another host', async () => {
    const evil = await listingWith({ type: 'redirect_elsewhere', times: 1 });
    const loopback = await listingWith({ type: 'redirect_elsewhere', variant: 'loopback' });

    expect(evil.headers.location).toBe('http://evil.invalid/');
    expect(loopback.headers.location).toMatch(/^http:\/\/elsewhere\.localhost:\d+\/myytavat-asunnot\//);
  });

  it('block_page answers a challenge with 200 or 403', async () => {
    const soft = await listingWith({ type: 'block_page', times: 1 });
    const hard = await listingWith({ type: 'block_page', variant: 'challenge_403' });

    expect([soft.status, hard.status]).toEqual([200, 403]);
    expect(soft.body.toString('utf8')).toContain('captcha');
  });

  it('renamed_label prints a label under another name', async () => {
    const page = (
      await listingWith({ type: 'renamed_label', label: 'Asuinpinta-ala', renamedTo: 'Pinta-ala' })
    ).body.toString('utf8');

    expect(page).not.toContain('>Asuinpinta-ala</dt>');
    expect(page).toContain('>Pinta-ala</dt>');
  });

  it('wrong_charset sends bytes that are not what the header says', async () => {
    const bytes = await listingWith({ type: 'wrong_charset', times: 1 });
    const label = await listingWith({ type: 'wrong_charset', variant: 'utf8_as_latin1' });

    expect(bytes.headers['content-type']).toContain('UTF-8');
    expect(bytes.body.toString('utf8')).toContain('\ufffd');
    expect(label.headers['content-type']).toContain('ISO-8859-1');
    expect(label.body.toString('utf8')).not.toContain('\ufffd');
  });
});

describe('scope', () => {
  it('hits only the kinds, city and listings it names', async () => {
    simulator.faults.add({ type: 'http_500', kinds: ['listing'], city: 'Helsinki', listingIds: [listingId] });
    const [espoo] = simulator.world.truth('Espoo', 'sale', simulator.origin);
    const other = simulator.world.truth('Helsinki', 'sale', simulator.origin)[1];

    const urls = [listingUrl, other?.url ?? '', espoo?.url ?? '', `${simulator.origin}/robots.txt`];
    const statuses = await Promise.all(urls.map(async (url) => (await rawGet(url)).status));

    expect(statuses).toEqual([500, 200, 200, 200]);
  });

  it('hits every nth request, and no more often than allowed', async () => {
    simulator.faults.add({ type: 'http_500', everyNth: 3, times: 2 });
    const statuses: number[] = [];

    for (let count = 0; count < 10; count += 1) statuses.push((await rawGet(listingUrl)).status);

    expect(statuses).toEqual([200, 200, 500, 200, 200, 500, 200, 200, 200, 200]);
  });

  it('hits by chance the same requests for the same seed', async () => {
    const runs: (readonly number[])[] = [];
    for (let run = 0; run < 2; run += 1) {
      simulator.faults.clear();
      simulator.faults.add({ type: 'http_500', probability: 0.4, seed: 9 });
      const statuses: number[] = [];
      for (let count = 0; count < 30; count += 1)
        statuses.push((await rawGet(`${simulator.origin}/robots.txt`)).status);
      runs.push(statuses);
    }

    expect(runs[0]).toEqual(runs[1]);
    expect(new Set(runs[0])).toEqual(new Set([200, 500]));
  });

  it('stops when it is switched off, and its hits can be read', async () => {
    const rule = simulator.faults.add({ type: 'http_500' });
    const during = await rawGet(listingUrl);
    const [state] = simulator.faults.list();
    simulator.faults.remove(rule.id);
    const after = await rawGet(listingUrl);

    expect([during.status, after.status]).toEqual([500, 200]);
    expect(state).toMatchObject({ matched: 1, hits: 1 });
  });

  it('refuses a rule it does not know', () => {
    expect(() => simulator.faults.add({ type: 'http_500', probability: 2 })).toThrow();
    expect(faultTypes).toHaveLength(21);
  });
});
