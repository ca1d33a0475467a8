import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { AuditEvent } from '../../src/lineage/audit-event.ts';
import type { Database } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import type { TestFolder } from './samples.ts';
import {
  createFolder,
  executionId,
  failureWrite,
  listingWrite,
  openForWriting,
  pageWrite,
  receiptOf,
  requestEntry,
  rowsOf,
  writesOf,
} from './samples.ts';

const clock = {
  now: () => Date.parse('2026-11-21T05:00:00.000Z'),
  sleep: () => Promise.resolve(),
  after: () => () => {},
};
const nextDay = 'daily-2026-11-22';
const nextFetch = '2026-11-22T04:00:00.000Z';

let folder: TestFolder;
let database: Database;
let store: SeriesStore;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
  store = createSeriesStore({ database, clock });
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

const count = (city = 'Helsinki', execution = executionId) => store.countCity(execution, city);
const listings = (columns: string) => rowsOf(database, `SELECT ${columns} FROM listings ORDER BY listing_id`);

describe('a stored listing', () => {
  it('is new at first sight, unchanged on the next day and changed when its page says something else', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1'), listingWrite('2')] }));
    const cheaper = { fields: { priceEur: 190_000 }, executionId: nextDay, fetchedAtUtc: nextFetch };

    await store.commit(
      writesOf({
        listings: [listingWrite('1', { executionId: nextDay, fetchedAtUtc: nextFetch }), listingWrite('2', cheaper)],
      }),
    );

    expect(await count()).toMatchObject({ new: 2, changed: 0, unchanged: 0 });
    expect(await count('Helsinki', nextDay)).toMatchObject({ new: 0, changed: 1, unchanged: 1 });
    expect(await listings('price_eur, first_seen_at, last_seen_at, fetched_at, execution_id')).toEqual([
      {
        price_eur: 200_000,
        first_seen_at: '2026-11-21 04:00:00',
        last_seen_at: '2026-11-22 04:00:00',
        fetched_at: '2026-11-22 04:00:00',
        execution_id: nextDay,
      },
      {
        price_eur: 190_000,
        first_seen_at: '2026-11-21 04:00:00',
        last_seen_at: '2026-11-22 04:00:00',
        fetched_at: '2026-11-22 04:00:00',
        execution_id: nextDay,
      },
    ]);
  });

  it('changes nothing when the same batch is stored twice', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1'), listingWrite('2')] }));
    const batch = writesOf({
      searchPages: [pageWrite(1, { executionId: nextDay, listingIds: ['1', '2', '3', '4'], foreignListingIds: ['9'] })],
      listings: [
        listingWrite('1', { executionId: nextDay, fetchedAtUtc: nextFetch }),
        listingWrite('2', { executionId: nextDay, fetchedAtUtc: nextFetch, fields: { rooms: 3 } }),
        listingWrite('3', { executionId: nextDay, fetchedAtUtc: nextFetch }),
      ],
      failures: [failureWrite('4', { executionId: nextDay })],
    });
    const contents = async () => ({
      listings: await listings('*'),
      outcomes: await rowsOf(database, 'SELECT * FROM execution_listings ORDER BY ALL'),
      pages: await rowsOf(database, 'SELECT * FROM search_pages'),
      failures: await rowsOf(database, 'SELECT * FROM failed_listings'),
      counts: await count('Helsinki', nextDay),
    });
    await store.commit(batch);
    const once = await contents();

    await store.commit(batch);

    expect(await contents()).toEqual(once);
    expect(once.counts).toMatchObject({ new: 1, changed: 1, unchanged: 1, failed: 1, foreignCards: 1, discovered: 4 });
  });

  it('stays new when its page changes within the execution that found it', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1')] }));

    await store.commit(writesOf({ listings: [listingWrite('1', { fields: { priceEur: 1 } })] }));

    expect(await count()).toMatchObject({ new: 1, changed: 0 });
    expect(await listings('price_eur')).toEqual([{ price_eur: 1 }]);
  });

  it('takes the last write when a batch holds a listing twice', async () => {
    await store.commit(
      writesOf({ listings: [listingWrite('1'), listingWrite('1', { fields: { priceEur: 123_000 } })] }),
    );

    expect(await listings('listing_id, price_eur')).toEqual([{ listing_id: '1', price_eur: 123_000 }]);
    expect(await count()).toMatchObject({ new: 1, discovered: 1 });
  });

  it('moves to the other city that lists it and is settled in both', async () => {
    await store.commit(
      writesOf({
        listings: [listingWrite('1', { fields: { city: 'Espoo' } }), listingWrite('1', { fields: { city: 'Vantaa' } })],
      }),
    );

    expect(await listings('listing_id, city')).toEqual([{ listing_id: '1', city: 'Vantaa' }]);
    expect(await count('Espoo')).toMatchObject({ new: 1, discovered: 1 });
    expect(await count('Vantaa')).toMatchObject({ new: 1, discovered: 1 });
  });

  it('is not overwritten by an older response that arrives late', async () => {
    await store.commit(
      writesOf({
        listings: [listingWrite('1', { executionId: nextDay, fetchedAtUtc: nextFetch, fields: { rooms: 3 } })],
      }),
    );

    await store.commit(writesOf({ listings: [listingWrite('1', { fields: { rooms: 2 } })] }));

    expect(await listings('rooms, execution_id, fetched_at')).toEqual([
      { rooms: 3, execution_id: nextDay, fetched_at: '2026-11-22 04:00:00' },
    ]);
  });

  it('is no longer gone once its page is stored again', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1')] }));
    await database.use(({ run }) => run("UPDATE listings SET gone_at = TIMESTAMP '2026-11-21 12:00:00'"));

    await store.commit(writesOf({ listings: [listingWrite('1', { executionId: nextDay, fetchedAtUtc: nextFetch })] }));

    expect(await listings('gone_at')).toEqual([{ gone_at: null }]);
  });

  it('was seen when a search page lists it, also when it is over the limit', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1'), listingWrite('2'), listingWrite('3')] }));
    const page = { executionId: nextDay, listingIds: ['1'], skippedListingIds: ['2'], foreignListingIds: ['3'] };

    await store.commit(
      writesOf({ searchPages: [pageWrite(1, { ...page, fetchedAtUtc: '2026-11-22T03:00:00.000Z' })] }),
    );

    expect(await listings('last_seen_at')).toEqual([
      { last_seen_at: '2026-11-22 03:00:00' },
      { last_seen_at: '2026-11-22 03:00:00' },
      { last_seen_at: '2026-11-21 04:00:00' },
    ]);
  });

  it('keeps every type of value, its issues and its provenance', async () => {
    const fields = {
      latitude: 60.17,
      rooms: 2,
      hasSauna: true,
      plotLeaseEndsOn: '2075-12-31',
      publishedAt: '2026-11-01T10:20:30.456Z',
      otherDetailsJson: { 'Tontin pinta-ala': '1 158 m²' },
    };
    const issue = { code: 'IMPLAUSIBLE_VALUE', field: 'areaM2', message: 'expected more' } as const;

    await store.commit(writesOf({ listings: [{ ...listingWrite('1', { fields }), issues: [issue] }] }));

    const [row] = await listings(
      `latitude, rooms, has_sauna, plot_lease_ends_on, published_at, other_details_json->>'Tontin pinta-ala' AS label,
      issues_json->0->>'field' AS field, data_quality_score, response_sha256, parser, node_id, length(content_hash) AS n`,
    );
    expect(row).toEqual({
      latitude: 60.17,
      rooms: 2,
      has_sauna: true,
      plot_lease_ends_on: '2075-12-31',
      published_at: '2026-11-01 10:20:30.456',
      label: '1 158 m²',
      field: 'areaM2',
      data_quality_score: 0.9,
      response_sha256: 'ab'.repeat(32),
      parser: 'listing-page/1',
      node_id: 'node-1',
      n: '64',
    });
  });
});

describe('text of any kind', () => {
  it.each([
    ['quotes', `He said "it's" \`fine\`; 'ok'`],
    ['SQL', "'); DROP TABLE listings; --"],
    ['emoji', '🏠👨‍👩‍👧‍👦 sauna 🧖'],
    ['right-to-left', 'شقة للبيع דירה למכירה \u202e'],
    ['10 MB', 'äö'.repeat(5_000_000)],
    ['line ends and tabs', 'a\r\nb\tc'],
  ])('stores %s as it is', async (_name, description) => {
    await store.commit(writesOf({ listings: [listingWrite('1', { fields: { description } })] }));

    const [row] = await listings('description');
    expect(row?.['description'] === description).toBe(true);
  });

  it('takes out NUL characters and broken surrogate pairs with an issue, in labels as well', async () => {
    const fields = { description: 'a\0b\ud83d', otherDetailsJson: { 'Ku\0nto': 'hy\udc00vä', path: 'c:\\u0000' } };

    await store.commit(writesOf({ listings: [listingWrite('1', { fields })] }));

    const [row] = await listings('description, other_details_json AS details, issues_json AS issues');
    expect(row?.['description']).toBe('ab\ufffd');
    expect(JSON.parse(String(row?.['details']))).toEqual({ Kunto: 'hy\ufffdvä', path: 'c:\\u0000' });
    expect(JSON.parse(String(row?.['issues']))).toMatchObject([
      { code: 'TEXT_REFUSED', field: 'description' },
      { code: 'TEXT_REFUSED', field: 'otherDetailsJson' },
      { code: 'TEXT_REFUSED', field: 'otherDetailsJson' },
    ]);
  });

  it('keeps a row whose number, day or time no column can hold, with an issue for each', async () => {
    const fields = {
      rooms: 2.5,
      yearBuilt: 1e12,
      priceEur: Number.NaN,
      completesOn: '2026-13-01',
      publishedAt: 'soon',
    };

    await store.commit(writesOf({ listings: [listingWrite('1', { fields })] }));

    const [row] = await listings(
      'rooms, year_built, price_eur, completes_on, published_at, json_array_length(issues_json) AS n',
    );
    expect(row).toEqual({
      rooms: null,
      year_built: null,
      price_eur: null,
      completes_on: null,
      published_at: null,
      n: '5',
    });
  });
});

describe('the counts of a city', () => {
  it('give each discovered listing one outcome', async () => {
    await store.commit(
      writesOf({ listings: ['10', '11', '12'].map((id) => listingWrite(id, { executionId: 'daily-2026-11-20' })) }),
    );
    await store.commit(
      writesOf({
        searchPages: [
          pageWrite(1, { portalTotal: 8, listingIds: ['10', '11', '13', '14'], foreignListingIds: ['90', '91'] }),
          pageWrite(2, {
            portalTotal: 9,
            isLastPage: true,
            listingIds: ['14', '15', '16'],
            skippedListingIds: ['17', '10'],
            foreignListingIds: ['91'],
          }),
        ],
        listings: [
          listingWrite('10'),
          listingWrite('11', { fields: { rooms: 4 } }),
          listingWrite('13', { fields: { rooms: 5 } }),
        ],
        failures: [failureWrite('14'), failureWrite('15', { category: 'GONE', status: 404 })],
      }),
    );
    store.recordRequest(requestEntry());
    store.recordRequest(requestEntry({ city: 'Espoo' }));
    store.recordRequest(requestEntry({ city: null, kind: 'robots' }));

    expect(await count()).toEqual({
      portalTotalStart: 8,
      portalTotalEnd: 9,
      searchPages: 2,
      failedSearchPages: 0,
      rereadPages: 0,
      isListComplete: true,
      discovered: 7,
      duplicateCards: 2,
      foreignCards: 2,
      new: 1,
      changed: 1,
      unchanged: 1,
      unfetched: 0,
      removed: 1,
      failed: 1,
      skipped: 1,
      pending: 1,
      goneCandidates: 2,
      requests: 1,
    });
  });

  it('are zero for a city of which nothing is known', async () => {
    expect(await count('Oulu')).toMatchObject({ portalTotalStart: null, searchPages: 0, discovered: 0, requests: 0 });
  });

  it('name as gone candidates only unseen listings of a deal type that the execution has listed', async () => {
    const earlier = { executionId: 'daily-2026-11-20', fetchedAtUtc: '2026-11-20T04:00:00.000Z' };
    await store.commit(
      writesOf({
        listings: [
          listingWrite('1', earlier),
          listingWrite('2', earlier),
          listingWrite('3', { ...earlier, fields: { dealType: 'rent' } }),
          listingWrite('4', { ...earlier, fields: { dealType: 'rent' } }),
        ],
      }),
    );

    await store.commit(
      writesOf({
        searchPages: [pageWrite(1, { isLastPage: true, listingIds: ['3', '5'], foreignListingIds: ['2'] })],
        listings: [listingWrite('3', { fields: { dealType: 'rent' } })],
      }),
    );

    expect(await count()).toMatchObject({ isListComplete: true, goneCandidates: 1 });
  });

  it('follow each search page that is read between two looks', async () => {
    await store.commit(writesOf({ searchPages: [pageWrite(1, { listingIds: ['1'] })] }));
    const before = await count();

    await store.commit(writesOf({ searchPages: [pageWrite(2, { listingIds: ['1', '2'], isLastPage: true })] }));

    expect(before).toMatchObject({ searchPages: 1, duplicateCards: 0, isListComplete: false });
    expect(await count()).toMatchObject({ searchPages: 2, duplicateCards: 1, isListComplete: true });
  });

  it('name no gone candidate while a search page is missing', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1', { executionId: 'daily-2026-11-20' })] }));

    await store.commit(
      writesOf({
        searchPages: [pageWrite(1, { listingIds: ['2'] }), pageWrite(3, { isLastPage: true })],
        failures: [failureWrite(null, { page: 2 })],
      }),
    );

    expect(await count()).toMatchObject({ isListComplete: false, failedSearchPages: 1, goneCandidates: 0 });
  });

  it('no longer hold a search page as failed once it was read', async () => {
    await store.commit(writesOf({ failures: [failureWrite(null, { page: 1 })] }));

    await store.commit(writesOf({ searchPages: [pageWrite(1, { isLastPage: true })] }));

    expect(await count()).toMatchObject({ failedSearchPages: 0, searchPages: 1, isListComplete: true });
  });

  it('make a skipped or foreign listing pending when a page has it to collect', async () => {
    await store.commit(
      writesOf({ searchPages: [pageWrite(1, { skippedListingIds: ['1'], foreignListingIds: ['2'] })] }),
    );

    await store.commit(writesOf({ searchPages: [pageWrite(2, { listingIds: ['1', '2'] })] }));
    await store.commit(
      writesOf({ searchPages: [pageWrite(3, { skippedListingIds: ['1'], foreignListingIds: ['2'] })] }),
    );

    expect(await count()).toMatchObject({ discovered: 2, pending: 2, skipped: 0, foreignCards: 0 });
  });
});

describe('a failure', () => {
  it('is replaced by a later success in the same execution', async () => {
    await store.commit(writesOf({ failures: [failureWrite('1')] }));

    await store.commit(writesOf({ listings: [listingWrite('1')] }));

    expect(await count()).toMatchObject({ new: 1, failed: 0 });
    expect(await rowsOf(database, 'FROM failed_listings')).toEqual([]);
  });

  it('does not replace a success, neither later nor in the same batch', async () => {
    await store.commit(writesOf({ listings: [listingWrite('1')], failures: [failureWrite('1')] }));

    await store.commit(writesOf({ failures: [failureWrite('1', { category: 'GONE' })] }));

    expect(await count()).toMatchObject({ new: 1, failed: 0, removed: 0 });
    expect(await rowsOf(database, 'FROM failed_listings')).toEqual([]);
  });

  it('becomes a removal when the page turns out to be gone, and never turns back', async () => {
    await store.commit(writesOf({ failures: [failureWrite('1')] }));

    await store.commit(writesOf({ failures: [failureWrite('1', { category: 'GONE', code: 'PAGE_GONE' })] }));
    await store.commit(writesOf({ failures: [failureWrite('1')] }));

    expect(await count()).toMatchObject({ removed: 1, failed: 0 });
    expect(await rowsOf(database, 'SELECT category, code FROM failed_listings')).toEqual([
      { category: 'GONE', code: 'PAGE_GONE' },
    ]);
  });
});

describe('what is settled', () => {
  it('holds the listings that need not be fetched again', async () => {
    await store.commit(
      writesOf({
        searchPages: [pageWrite(1, { listingIds: ['1', '2', '3', '4'], skippedListingIds: ['5'] })],
        listings: [listingWrite('1')],
        failures: [failureWrite('2'), failureWrite('3', { category: 'GONE' })],
      }),
    );

    expect([...(await store.settledListingIds(executionId, 'Helsinki'))].sort()).toEqual(['1', '3']);
  });
});

describe('an execution', () => {
  const start = { executionId, nominalDay: '2026-11-21', startedAtUtc: '2026-11-21T03:00:00.000Z' };
  const cities = [
    { city: 'Helsinki', listingLimit: 10 },
    { city: 'Espoo', listingLimit: null },
  ];

  it('is running from its start, also when it is opened again, with its first begin times', async () => {
    await store.startExecution({ ...start, cities });
    await store.startCity({ executionId, city: 'Helsinki', startedAtUtc: '2026-11-21T03:01:00.000Z' });

    await store.startExecution({ ...start, cities, startedAtUtc: '2026-11-21T09:00:00.000Z' });
    await store.startCity({ executionId, city: 'Helsinki', startedAtUtc: '2026-11-21T09:01:00.000Z' });

    expect(await store.executionsOfDay('2026-11-21')).toEqual([
      {
        executionId,
        status: 'running',
        startedAtUtc: '2026-11-21T03:00:00.000Z',
        resumedAtUtc: '2026-11-21T09:00:00.000Z',
        earlierTimeSeconds: 0,
        missingParts: [],
        cities: [
          { city: 'Espoo', listingLimit: null },
          { city: 'Helsinki', listingLimit: 10 },
        ],
      },
    ]);
    expect(await store.executionsOfDay('2026-11-20')).toEqual([]);
    expect(await store.cityStartedAt(executionId, 'Helsinki')).toBe('2026-11-21T03:01:00.000Z');
    expect(await store.cityReceipts(executionId)).toEqual([]);
  });

  it('gives back its receipts in order of their start', async () => {
    await store.startExecution({ ...start, cities });
    const later = receiptOf({
      city: 'Espoo',
      startedAtUtc: '2026-11-21T04:00:00.000Z',
      verdict: 'partial',
      reason: 'x',
    });
    const first = receiptOf({ city: 'Helsinki', listingLimit: 10, portalTotalStart: null });

    await store.saveCityReceipt(later, null);
    await store.saveCityReceipt({ ...first, new: 99 }, null);
    await store.saveCityReceipt(first, null);

    expect(await store.cityReceipts(executionId)).toEqual([first, later]);
  });

  it('keeps its result', async () => {
    await store.startExecution({ ...start, cities });

    await store.saveExecutionResult(
      {
        executionId,
        nominalDay: '2026-11-21',
        status: 'completed',
        successfulCities: 2,
        totalCities: 2,
        new: 1,
        changed: 2,
        unchanged: 3,
        unfetched: 2,
        goneCandidates: 4,
        gone: 2,
        returned: 1,
        goneWaiting: 2,
        failed: 5,
        requests: 6,
        executionTimeSeconds: 7.5,
        missingParts: [],
        cities: [],
      },
      '2026-11-21T05:00:00.000Z',
    );

    const [row] = await rowsOf(database, 'SELECT status, finished_at, new, requests FROM executions');
    expect(row).toEqual({ status: 'completed', finished_at: '2026-11-21 05:00:00', new: 1, requests: 6 });
  });

  it('has no begin time of a city that was not started', async () => {
    await store.startExecution({ ...start, cities });

    expect(await store.cityStartedAt(executionId, 'Espoo')).toBeNull();
  });
});

describe('the request log', () => {
  it('is written with the next commit, once', async () => {
    store.recordRequest(requestEntry({ status: null, errorCategory: 'TIMEOUT' }));

    await store.commit(writesOf({}));
    await store.commit(writesOf({}));

    expect(await rowsOf(database, 'SELECT sent_at, status, duration_ms, error_category FROM request_log')).toEqual([
      { sent_at: '2026-11-21 03:00:00', status: null, duration_ms: 12.5, error_category: 'TIMEOUT' },
    ]);
  });

  it('counts every request of an execution, also those that were for no city', async () => {
    store.recordRequest(requestEntry({ city: null, kind: 'robots' }));
    store.recordRequest(requestEntry());
    await store.commit(writesOf({}));
    store.recordRequest(requestEntry({ city: 'Espoo' }));
    store.recordRequest(requestEntry({ executionId: nextDay }));

    const requests = await store.countRequests(executionId);

    expect(requests).toBe(3);
    expect(await store.countRequests('daily-2026-11-20')).toBe(0);
  });

  it('keeps its entries when the commit fails', async () => {
    store.recordRequest(requestEntry());
    const broken = writesOf({ searchPages: [pageWrite(Number.NaN)] });

    await expect(store.commit(broken)).rejects.toMatchObject({ code: 'DATABASE_WRITE_FAILED' });

    expect(await count()).toMatchObject({ requests: 1, searchPages: 0 });
  });
});

describe('the audit log', () => {
  const event: AuditEvent = {
    eventId: 'event-1',
    occurredAtUtc: '2026-11-21T03:00:00.000Z',
    type: 'RETRY_ATTEMPT',
    severity: 'WARNING',
    executionId,
    city: 'Helsinki',
    nodeId: 'node-1',
    message: 'again',
    details: { attempt: 2 },
  };
  const rows = () => rowsOf(database, 'SELECT * FROM audit_log ORDER BY event_id');

  it('is written with the next commit, each event once however often it comes', async () => {
    store.recordAudit(event);
    store.recordAudit({ ...event, message: 'the same event again' });
    await store.commit(writesOf({}));
    store.recordAudit(event);
    store.recordAudit({ ...event, eventId: 'event-2', executionId: null, city: null });
    await store.flush();

    expect(await rows()).toEqual([
      {
        key_id: null,
        event_id: 'event-1',
        occurred_at: '2026-11-21 03:00:00',
        type: 'RETRY_ATTEMPT',
        severity: 'WARNING',
        execution_id: executionId,
        city: 'Helsinki',
        node_id: 'node-1',
        message: 'again',
        details_json: '{"attempt":2}',
        correlation_id: null,
        sequence: '1',
        previous_hash: '0'.repeat(64),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      expect.objectContaining({ event_id: 'event-2', execution_id: null, city: null }),
    ]);
  });

  it('keeps its events when the commit fails', async () => {
    store.recordAudit(event);

    await expect(store.commit(writesOf({ searchPages: [pageWrite(Number.NaN)] }))).rejects.toThrow();
    expect(await rows()).toEqual([]);
    await store.flush();

    expect(await rows()).toHaveLength(1);
  });
});

it('keeps overlapping commits apart', async () => {
  const batches = Array.from({ length: 20 }, (_, index) =>
    store.commit(writesOf({ listings: [listingWrite('1'), listingWrite(String(index))] })),
  );

  await Promise.all(batches);

  expect(await count()).toMatchObject({ new: 20, discovered: 20 });
});
