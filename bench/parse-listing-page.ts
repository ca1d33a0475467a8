/**
 * How many listing pages one core reads per second: simulator pages through parseListingPage, and through the
 * scanner and htmlparser2 alone with empty handlers, which are the floors under any parser built on them.
 * Usage: npm run build && taskset -c 0 node dist/bench/parse-listing-page.js
 */
import { Parser } from 'htmlparser2';
import { pathOf } from '../simulator/listing.ts';
import { renderListingPage } from '../simulator/listing-page.ts';
import { createPageShell } from '../simulator/page-shell.ts';
import { createWorld, portalOrigin } from '../simulator/world.ts';
import { parseListingPage } from '../src/portal/listing-page.ts';
import { scanPage } from '../src/portal/page-scanner.ts';

interface Page {
  readonly html: string;
  readonly url: string;
  readonly city: string;
}

const pageCount = 200;
const rounds = 5;
const tag = /<[a-z]/gi;

function buildPages(): readonly Page[] {
  const world = createWorld({ seed: 7 });
  const shell = createPageShell();
  const listings = world.cities.flatMap((city) => [...world.active(city, 'sale'), ...world.active(city, 'rent')]);
  return listings.slice(0, pageCount).map((listing, index) => {
    const similar = listings.slice(index + 1, index + 5);
    // A body from the network is one flat string; a rendered one is a rope until it is copied.
    const html = Buffer.from(renderListingPage({ listing, origin: portalOrigin, similar, shell })).toString('utf8');
    return { html, url: `${portalOrigin}${pathOf(listing)}`, city: listing.city.name };
  });
}

/** Pages per second of processor time, of the best and the median round: other load on the machine does not count. */
function measure(name: string, pages: readonly Page[], read: (page: Page) => void): void {
  for (const page of pages) read(page);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = process.cpuUsage();
    for (const page of pages) read(page);
    const { user, system } = process.cpuUsage(startedAt);
    rates.push((pages.length * 1e6) / (user + system));
  }
  rates.sort((left, right) => left - right);
  const median = rates[Math.floor(rates.length / 2)] ?? 0;
  process.stdout.write(`${name}: ${median.toFixed(0)} pages/s (best ${(rates.at(-1) ?? 0).toFixed(0)})\n`);
}

function readRecord({ html, url, city }: Page): void {
  const reading = parseListingPage(html, { url, city, card: null, collectsPersonalData: false });
  if (reading.kind !== 'listing') throw new Error(`benchmark page ${url}: expected a listing, got ${reading.kind}`);
}

function readEvents({ html }: Page): void {
  new Parser({ onopentag: () => undefined, ontext: () => undefined, onclosetag: () => undefined }).end(html);
}

function scan({ html }: Page): void {
  scanPage(html, { wantsText: true, open: () => undefined, text: () => undefined, close: () => undefined });
}

const pages = buildPages();
const bytes = pages.reduce((sum, { html }) => sum + Buffer.byteLength(html), 0) / pages.length;
const elements = pages.reduce((sum, { html }) => sum + (html.match(tag)?.length ?? 0), 0) / pages.length;
process.stdout.write(
  `${pages.length} pages, ${(bytes / 1024).toFixed(0)} KB and ${elements.toFixed(0)} tags on average\n`,
);
measure('htmlparser2 with empty handlers', pages, readEvents);
measure('scanner with empty handlers', pages, scan);
measure('parseListingPage', pages, readRecord);
