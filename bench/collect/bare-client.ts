/**
 * The yardstick: a bare loop of undici, our parser and our store over a list of URLs. No search, no robots rules, no
 * jobs, no limits. Prints one JSON line.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { systemClock } from '../../src/clock.ts';
import type { ListingWrite } from '../../src/jobs/store-writes.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';

const urlsPath = process.argv[2];
if (urlsPath === undefined) throw new Error('usage: bare-client <urls-file>');

const urls = readFileSync(urlsPath, 'utf8').split('\n');
const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
const executionId = 'bench';
const startedAt = performance.now();
const cpuBefore = (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const database = await openDatabase({
  path: join(folder, 'bare.duckdb'),
  mode: 'write',
  memoryLimit: '1GB',
  threads: 1,
});
const store = createSeriesStore({ database, clock: systemClock });
const startedAtUtc = new Date().toISOString();
await store.startExecution({
  executionId,
  nominalDay: startedAtUtc.slice(0, 10),
  cities: [{ city: 'Helsinki', listingLimit: null }],
  startedAtUtc,
});
await store.startCity({ executionId, city: 'Helsinki', startedAtUtc });

let waiting: ListingWrite[] = [];
let committing: Promise<void> = Promise.resolve();
function flush(): void {
  const listings = waiting;
  waiting = [];
  committing = committing.then(() => store.commit({ searchPages: [], listings, unchanged: [], failures: [] }));
}

async function collect(url: string): Promise<void> {
  const response = await request(url);
  const reading = parseListingPage(await response.body.text(), {
    url,
    city: 'Helsinki',
    card: null,
    collectsPersonalData: false,
  });
  if (reading.kind !== 'listing') throw new Error(`${url}: expected a listing, got ${reading.kind}`);
  waiting.push({
    record: reading.record,
    issues: reading.issues,
    dataQualityScore: 1,
    provenance: {
      executionId,
      requestUrl: url,
      status: response.statusCode,
      fetchedAtUtc: new Date().toISOString(),
      responseSha256: '',
      parser: 'bare',
      etag: null,
      lastModified: null,
      cardHash: 'bench',
      nodeId: 'bench',
    },
  });
  if (waiting.length >= 500) flush();
}

let next = 0;
async function worker(): Promise<void> {
  for (let url = urls[next++]; url !== undefined; url = urls[next++]) await collect(url);
}

await Promise.all(Array.from({ length: 10 }, worker));
flush();
await committing;
await database.close();
const seconds = (performance.now() - startedAt) / 1000;
rmSync(folder, { recursive: true });
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6 - cpuBefore;
const peakMb = maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ listings: urls.length, seconds, cpuSeconds, peakMb, marks: [] })}\n`);
