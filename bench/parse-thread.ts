/**
 * What reading a listing page in a thread costs against reading it at once, and what pages cost that are made to be
 * slow: the figures of docs/adr/0008-parse-limit.md.
 * Usage: npm run build && taskset -c 0 node dist/bench/parse-thread.js (and without taskset, for two cores)
 */
import { pathOf } from '../simulator/listing.ts';
import { renderListingPage } from '../simulator/listing-page.ts';
import { createPageShell } from '../simulator/page-shell.ts';
import { createWorld, portalOrigin } from '../simulator/world.ts';
import { systemClock } from '../src/clock.ts';
import type { ListingPageContext } from '../src/portal/listing-page.ts';
import { parseListingPage } from '../src/portal/listing-page.ts';
import { createPageReader } from '../workers/page-reader.ts';

interface Page {
  readonly html: string;
  readonly context: ListingPageContext;
}

const pageCount = 200;
const rounds = 7;
const atOnce = 10;
const { signal } = new AbortController();

function buildPages(): readonly Page[] {
  const world = createWorld({ seed: 7 });
  const shell = createPageShell();
  const listings = world.cities.flatMap((city) => [...world.active(city, 'sale'), ...world.active(city, 'rent')]);
  return listings.slice(0, pageCount).map((listing, index) => {
    const similar = listings.slice(index + 1, index + 5);
    const html = Buffer.from(renderListingPage({ listing, origin: portalOrigin, similar, shell })).toString('utf8');
    const url = `${portalOrigin}${pathOf(listing)}`;
    return { html, context: { url, city: listing.city.name, card: null, collectsPersonalData: false } };
  });
}

/** Milliseconds of processor and of wall time per page, medians of the rounds. */
async function measure(name: string, read: (page: Page) => Promise<unknown>): Promise<void> {
  const results: { readonly cpuMs: number; readonly wallMs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
    for (let start = 0; start < pages.length; start += atOnce) {
      await Promise.all(pages.slice(start, start + atOnce).map(read));
    }
    const { user, system } = process.cpuUsage(cpu);
    results.push({
      cpuMs: (user + system) / 1e3 / pages.length,
      wallMs: (performance.now() - startedAt) / pages.length,
    });
  }
  const median = (values: readonly number[]) => (values.toSorted((a, b) => a - b)[rounds >> 1] ?? 0).toFixed(2);
  const [cpuMs, wallMs] = [median(results.map((each) => each.cpuMs)), median(results.map((each) => each.wallMs))];
  const rssMb = Math.round(process.memoryUsage.rss() / 1_048_576);
  process.stdout.write(`${name}: ${cpuMs} CPU ms and ${wallMs} ms per page, ${rssMb} MB resident\n`);
}

/** Processor time of a page of this size that repeats a shape on which readers like this one are slow. */
function measureSlowPage(shape: string, kilobytes: number): string {
  const rows = ['Velaton hinta', 'Asuinpinta-ala', 'Sijainti'].map((label) => `<dt>${label}</dt><dd>1</dd>`).join('');
  const length = kilobytes * 1024;
  const html = `<html><body><dl>${rows}</dl>${shape.repeat(Math.floor(length / shape.length))}</body></html>`;
  const context = pages[0]?.context;
  if (context === undefined) throw new Error('expected a page to take the address from, got none');
  const cpu = process.cpuUsage();
  parseListingPage(Buffer.from(html).toString('utf8'), context);
  const { user, system } = process.cpuUsage(cpu);
  return `${kilobytes} KB ${Math.round((user + system) / 1e3)} CPU ms`;
}

const pages = buildPages();
/** The shortest limit of the configuration that sends every page through the thread. */
const inThread = createPageReader({ clock: systemClock, timeoutMs: 999 });
const atOnceReader = createPageReader({ clock: systemClock, timeoutMs: 5_000 });
const startedAt = performance.now();
for (const { html, context } of pages.slice(0, 1)) await inThread.read(html, context, signal);
process.stdout.write(`start of the thread with its first page: ${Math.round(performance.now() - startedAt)} ms\n`);
for (let pass = 0; pass < 2; pass += 1) {
  await measure('at once', ({ html, context }) => atOnceReader.read(html, context, signal));
  await measure('thread', ({ html, context }) => inThread.read(html, context, signal));
}
await inThread.close();
for (const shape of [
  '<div class="info-table__value">x',
  '<dl><dt>a<dd>x',
  '<p class="paragraph--keep-formatting"><b>x',
  '<div>x',
]) {
  process.stdout.write(`${shape}: ${[64, 96, 128, 256].map((size) => measureSlowPage(shape, size)).join(', ')}\n`);
}
