/** `oikotie parse` on what a person saved, pipes in, or names by its address. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

let place: Workplace;
let listingUrl: string;
let listingHtml: string;

beforeAll(async () => {
  place = await createWorkplace({ helsinki: 5 });
  const [listing] = place.simulator.world.truth('Helsinki', 'sale', place.simulator.origin);
  listingUrl = listing?.url ?? '';
  listingHtml = await (await fetch(listingUrl)).text();
});
afterAll(() => place.close());

function save(name: string, text: string): string {
  const path = join(place.folder, name);
  writeFileSync(path, text);
  return path;
}

async function blockPage(): Promise<string> {
  const fault = place.simulator.faults.add({ type: 'block_page', kinds: ['listing'] });
  const text = await (await fetch(listingUrl)).text();
  place.simulator.faults.remove(fault.id);
  return text;
}

/** An answer of the search API, asked for as the portal wants it. */
async function searchAnswer(): Promise<string> {
  const page = await (await fetch(place.simulator.searchUrl('Helsinki', 'sale'))).text();
  const meta = (name: string) => new RegExp(`name="${name}" content="([^"]+)"`).exec(page)?.[1] ?? '';
  const headers = { 'ota-token': meta('api-token'), 'ota-loaded': meta('loaded'), 'ota-cuid': meta('cuid') };
  const url = `${place.simulator.origin}/api/search?cardType=100&limit=24&locations=[[64,6,"Helsinki"]]`;
  return (await fetch(url, { headers })).text();
}

describe('oikotie parse', processTime, () => {
  it('reads a saved listing page', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie(['parse', save('page.html', listingHtml)]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ input: 'listing-page', kind: 'listing', record: { city: 'Helsinki' } });
  });

  it('reads a saved answer of the search', async () => {
    const { exitCode, stdout } = await place.oikotie(['parse', save('answer.json', await searchAnswer())]);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ input: 'search-response', kind: 'cards', portalTotal: 5 });
  });

  it('ends with 1 for a block page', async () => {
    const { exitCode, stdout } = await place.oikotie(['parse', save('block.html', await blockPage())]);

    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'blocked' });
  });

  it('ends with 2 for a file that is not there', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie(['parse', 'nowhere.html']);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^parse: cannot read "nowhere\.html": .*; give a readable file, - or a URL\n$/);
  });

  it('reads standard input', async () => {
    const { exitCode, stdout } = await place.oikotie(['parse', '-', '--city', 'Espoo'], { stdin: listingHtml });

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'listing', issues: [{ code: 'FOREIGN_CITY' }] });
  });

  it('fetches a URL as a run would and says so on stderr', async () => {
    place.simulator.requestLog.clear();

    const { exitCode, stdout, stderr } = await place.oikotie(['parse', listingUrl]);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'listing', record: { url: listingUrl } });
    expect(stderr).toMatch(new RegExp(`^robots .*\\nlisting ${listingUrl} 200 \\d+(\\.\\d+)? ms\\n$`));
    const requests = place.simulator.requestLog.entries();
    expect(requests.map(({ kind }) => kind)).toEqual(['robots', 'listing']);
    expect(requests[1]?.userAgent).toContain('test@example.org');
  });

  it('tells a page that is gone from one that cannot be read', async () => {
    const { exitCode, stdout } = await place.oikotie(['parse', listingUrl.replace(/\d+$/, '99999999')]);

    expect(exitCode).toBe(1);
    expect(stdout).not.toContain('"kind": "listing"');
  });

  it('refuses a host that is not allowed', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie(['parse', 'http://mirror.example.org/kohde/1']);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/mirror\.example\.org.*expected a host listed in allowed_hosts/);
  });
});
