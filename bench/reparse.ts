/**
 * How many archived listing pages one core rebuilds per second: simulator pages out of a raw archive, through the parser
 * and compared with the stored row, as `oikotie reparse --dry-run` does; without the reading of the rows.
 * Usage: npm run build && taskset -c 0 node dist/bench/reparse.js
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathOf } from '../simulator/listing.ts';
import { renderListingPage } from '../simulator/listing-page.ts';
import { createPageShell } from '../simulator/page-shell.ts';
import { createWorld, portalOrigin } from '../simulator/world.ts';
import { systemClock } from '../src/clock.ts';
import { compareReading, pageContextOf } from '../src/jobs/reparse.ts';
import type { StoredListing } from '../src/jobs/series-store.ts';
import { listingPageParser, parseListingPage } from '../src/portal/listing-page.ts';
import { createFolderStore } from '../src/storage/folder-store.ts';
import { createRawArchive, readArchived } from '../src/storage/raw-archive.ts';

const pageCount = 200;
const rounds = 5;
const context = { executionId: 'reparse-bench', boundsOf: () => null, nodeId: 'bench', collectsPersonalData: true };

function buildPages(): readonly { readonly stored: StoredListing; readonly bytes: Buffer }[] {
  const world = createWorld({ seed: 7 });
  const shell = createPageShell();
  const listings = world.cities.flatMap((city) => [...world.active(city, 'sale'), ...world.active(city, 'rent')]);
  return listings.slice(0, pageCount).map((listing, index) => {
    const similar = listings.slice(index + 1, index + 5);
    const bytes = Buffer.from(renderListingPage({ listing, origin: portalOrigin, similar, shell }));
    const url = `${portalOrigin}${pathOf(listing)}`;
    const read = { url, city: listing.city.name, card: null, collectsPersonalData: true };
    const reading = parseListingPage(bytes.toString('utf8'), read);
    if (reading.kind !== 'listing') throw new Error(`benchmark page ${url}: expected a listing, got ${reading.kind}`);
    const provenance = {
      ...{ executionId: 'daily', requestUrl: url, status: 200, fetchedAtUtc: '2026-11-22T04:00:00.000Z' },
      ...{ responseSha256: createHash('sha256').update(bytes).digest('hex'), parser: listingPageParser },
      ...{ cardHash: '', nodeId: 'bench', etag: null, lastModified: null },
    };
    return { stored: { record: reading.record, issues: reading.issues, provenance }, bytes };
  });
}

const directory = await mkdtemp(join(tmpdir(), 'oikotie-bench-'));
try {
  const pages = buildPages();
  const onProblem = (reason: string) => {
    throw new Error(reason);
  };
  const store = createFolderStore(directory);
  const archive = createRawArchive({ store, clock: systemClock, maxBytes: 1e9, onProblem });
  for (const { stored, bytes } of pages) archive.put(stored.provenance.responseSha256, bytes);
  await archive.flush();
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const startedAt = process.cpuUsage();
    for (const { stored } of pages) {
      const bytes = await readArchived(store, stored.provenance.responseSha256);
      const reading = parseListingPage(bytes.toString('utf8'), pageContextOf(stored, true));
      const { kind } = compareReading(reading, stored, context);
      if (kind !== 'same') throw new Error(`${stored.record.url}: expected the same record, got ${kind}`);
    }
    const { user, system } = process.cpuUsage(startedAt);
    // The first round warms the code up.
    if (round > 0) rates.push((pages.length * 1e6) / (user + system));
  }
  rates.sort((left, right) => left - right);
  const median = rates[Math.floor(rates.length / 2)] ?? 0;
  process.stdout.write(`reparse: ${median.toFixed(0)} pages/s of one core (best ${(rates.at(-1) ?? 0).toFixed(0)})\n`);
} finally {
  await rm(directory, { recursive: true });
}
