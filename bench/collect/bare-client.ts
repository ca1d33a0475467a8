/**
 * The yardstick: a bare loop of undici, our parser and our store. No robots rules, no jobs, no limits, no breakers. With a
 * list of URLs it reads those pages; with the URL of a search it finds them itself, as the run has to, hashes each body, logs
 * each request and closes the books of the city, which is the least that makes a row traceable and a day complete.
 * Prints one JSON line.
 */
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { systemClock, toUtcIso } from '../../src/clock.ts';
import type { RequestKind } from '../../src/crawl/fetcher.ts';
import { hashOfCard } from '../../src/jobs/fetch-decision.ts';
import { closeCity, closeExecution } from '../../src/jobs/finalize-handlers.ts';
import { readSearchAnswer } from '../../src/jobs/read-search-page.ts';
import type { ListingWrite, SearchPageWrite } from '../../src/jobs/store-writes.ts';
import type { Card } from '../../src/listings/card.ts';
import { parseListingPage } from '../../src/portal/listing-page.ts';
import { parseSearchPage } from '../../src/portal/search-page.ts';
import { cardsPerPage, readSearchUrl, searchApiUrl } from '../../src/portal/search-url.ts';
import { judgeRecord } from '../../src/quality/quality-score.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error('usage: bare-client <urls-file | search-url>');
const isSearch = source.startsWith('http');

const executionId = 'bench';
const city = 'Helsinki';
const nodeId = 'bench';
const workers = 10;
const batchSize = 500;

const urls = isSearch ? [] : readFileSync(source, 'utf8').split('\n');
const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
const startedAt = performance.now();
const cpuBefore = (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const path = join(folder, 'bare.duckdb');
const database = await openDatabase({ path, mode: 'write', memoryLimit: '1GB', threads: 1 });
const store = createSeriesStore({ database, clock: systemClock });
const startedAtUtc = new Date().toISOString();
const nominalDay = startedAtUtc.slice(0, 10);
const cities = [{ city, listingLimit: null }];
await store.startExecution({ executionId, nominalDay, cities, startedAtUtc });
await store.startCity({ executionId, city, startedAtUtc });

let listings: ListingWrite[] = [];
let searchPages: SearchPageWrite[] = [];
let committing: Promise<void> = Promise.resolve();
function flush(): void {
  const writes = { searchPages, listings, unchanged: [], failures: [] };
  listings = [];
  searchPages = [];
  committing = committing.then(() => store.commit(writes));
}

interface Page {
  readonly text: string;
  readonly status: number;
  readonly fetchedAtUtc: string;
  readonly sha256: string;
}

async function get(url: string, kind: RequestKind, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
  const sentAtMs = Date.now();
  const sentAtUtc = toUtcIso(sentAtMs);
  const { statusCode: status, body } = await request(url, { headers });
  if (!isSearch) return { text: await body.text(), status, fetchedAtUtc: sentAtUtc, sha256: '' };
  const bytes = Buffer.from(await body.arrayBuffer());
  const sha256 = hash('sha256', bytes);
  const durationMs = Date.now() - sentAtMs;
  const entry = { sentAtUtc, executionId, city, kind, url, status, durationMs, errorCategory: null, nodeId };
  store.recordRequest({ ...entry, bodyBytes: bytes.length });
  return { text: bytes.toString('utf8'), status, fetchedAtUtc: sentAtUtc, sha256 };
}

async function collect(url: string, card: Card | null): Promise<void> {
  const { text, status, fetchedAtUtc, sha256 } = await get(url, 'listing');
  const reading = parseListingPage(text, { url, city, card, collectsPersonalData: false });
  if (reading.kind !== 'listing') throw new Error(`${url}: expected a listing, got ${reading.kind}`);
  const quality = isSearch ? judgeRecord(reading.record, reading.issues, null) : { issues: reading.issues, score: 1 };
  listings.push({
    record: reading.record,
    issues: quality.issues,
    dataQualityScore: quality.score,
    provenance: {
      ...{ executionId, requestUrl: url, status, fetchedAtUtc, responseSha256: sha256, parser: 'bare', nodeId },
      ...{ etag: null, lastModified: null, cardHash: card === null ? 'bench' : hashOfCard(card) },
    },
  });
  if (listings.length >= batchSize) flush();
}

/** Reads the search page by page and gives the cards of each as it comes. */
async function* findCards(searchUrl: string): AsyncGenerator<readonly Card[]> {
  const { search } = readSearchUrl(searchUrl);
  const front = parseSearchPage((await get(searchUrl, 'session')).text);
  if (search === null || front.kind !== 'search_page' || front.session === null) {
    throw new Error(`${searchUrl}: expected a search page with a session`);
  }
  const { token, loaded, cuid } = front.session;
  const headers = { 'ota-token': token, 'ota-loaded': loaded, 'ota-cuid': cuid };
  for (let page = 1, isLastPage = false; !isLastPage; page += 1) {
    const url = searchApiUrl(search.origin, search, { offset: (page - 1) * cardsPerPage });
    const { text, fetchedAtUtc } = await get(url, 'search', headers);
    const listed = readSearchAnswer(text, url, page);
    isLastPage = listed.isLastPage;
    searchPages.push({
      ...{ executionId, city, page, pass: 1, portalTotal: listed.portalTotal, isLastPage, fetchedAtUtc },
      listingIds: listed.cards.map(({ listingId }) => listingId),
      ...{ unfetchedListingIds: [], skippedListingIds: [], foreignListingIds: [], fetchMode: 'http' },
    });
    yield listed.cards;
  }
}

const found: { readonly url: string; readonly card: Card | null }[] = urls.map((url) => ({ url, card: null }));
if (isSearch)
  for await (const cards of findCards(source)) found.push(...cards.map((card) => ({ url: card.url, card })));

let next = 0;
async function worker(): Promise<void> {
  for (let page = found[next++]; page !== undefined; page = found[next++]) await collect(page.url, page.card);
}

await Promise.all(Array.from({ length: workers }, worker));
flush();
await committing;
if (isSearch) await closeBooks();
await database.close();
const seconds = (performance.now() - startedAt) / 1000;
rmSync(folder, { recursive: true });
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6 - cpuBefore;
const peakMb = maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ listings: found.length, seconds, cpuSeconds, peakMb, marks: [] })}\n`);

async function closeBooks(): Promise<void> {
  const delisting = { completeRuns: 2, maxDropShare: 0.3 };
  const relisting = { maxGapDays: 90, minScore: 0.8 };
  const audit = { record: () => undefined };
  const books = { store, clock: systemClock, audit, missingParts: () => [], series: { delisting, relisting } };
  const receipt = await closeCity(books, {
    executionId,
    city,
    listingLimit: null,
    acceptsDrop: false,
    isInterrupted: false,
  });
  const { status } = await closeExecution(books, { executionId, nominalDay, isInterrupted: false });
  if (receipt.verdict !== 'complete' || status !== 'completed')
    throw new Error(`expected a complete city, got ${status}`);
}
