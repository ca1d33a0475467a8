import { describe, expect, it } from 'vitest';
import type { ListingSample } from './samples.ts';
import { listingWrite, pageWrite, rowsOf, unchangedWrite, writesOf } from './samples.ts';
import { database, store, useStore } from './store-of-test.ts';

useStore();

/** A page of the day at four in the morning, UTC. */
const onDay = (day: number, sample: ListingSample = {}): ListingSample => ({
  executionId: `daily-2026-11-${day}`,
  fetchedAtUtc: `2026-11-${day}T04:00:00.000Z`,
  ...sample,
});
const storePage = (listingId: string, sample: ListingSample) =>
  store.commit(writesOf({ listings: [listingWrite(listingId, sample)] }));
const priced = (day: number, priceEur: number) => onDay(day, { fields: { priceEur } });

/** Each version as `price [from, to) reason`, days of November only. */
async function versions(listingId = '1'): Promise<readonly string[]> {
  const rows = await rowsOf(
    database,
    `SELECT price_eur::INTEGER || ' [' || strftime(valid_from, '%d') || ', ' ||
        coalesce(strftime(valid_to, '%d'), '') || ') ' || coalesce(end_reason, '') AS version
      FROM listing_versions WHERE listing_id = '${listingId}' ORDER BY valid_from`,
  );
  return rows.map((row) => String(row['version']).trim());
}

/** Marks the listing gone as the end of a city does. */
const markGone = (day: number) =>
  database.use(async ({ run }) => {
    await run(
      `UPDATE listings SET gone_at = TIMESTAMP '2026-11-${day}', gone_reason = 'unseen', gone_execution_id = 'x'`,
    );
    await run(
      `UPDATE listing_versions SET valid_to = TIMESTAMP '2026-11-${day}', end_reason = 'gone' WHERE valid_to IS NULL`,
    );
  });

const overlaps = () =>
  rowsOf(
    database,
    `SELECT listing_id FROM listing_versions
      WINDOW each_listing AS (PARTITION BY listing_id ORDER BY valid_from)
      QUALIFY valid_from < lag(coalesce(valid_to, TIMESTAMP 'infinity')) OVER each_listing
        OR valid_from = lag(valid_from) OVER each_listing`,
  );

/** Columns of a listing in which its version that holds differs. */
const differences = () =>
  rowsOf(
    database,
    `SELECT l.listing_id FROM listings l LEFT JOIN listing_versions v ON v.listing_id = l.listing_id AND v.valid_to IS NULL
      WHERE v.content_hash IS DISTINCT FROM l.content_hash OR v.price_eur IS DISTINCT FROM l.price_eur
        OR v.other_details_json::VARCHAR IS DISTINCT FROM l.other_details_json::VARCHAR`,
  );

describe('a version of a listing', () => {
  it('begins with the page that first says so and ends with the next; a page that says the same adds none', async () => {
    await storePage('1', priced(21, 200));
    await storePage('1', priced(22, 200));
    await storePage('1', priced(23, 190));
    await store.commit(writesOf({ unchanged: [unchangedWrite('1', { fetchedAtUtc: '2026-11-24T04:00:00.000Z' })] }));
    await storePage('1', priced(25, 180));

    expect(await versions()).toEqual(['200 [21, 23) changed', '190 [23, 25) changed', '180 [25, )']);
    expect(await differences()).toEqual([]);
    expect(
      await rowsOf(database, 'SELECT execution_id, fetched_at FROM listing_versions ORDER BY valid_from LIMIT 1'),
    ).toEqual([{ execution_id: 'daily-2026-11-21', fetched_at: '2026-11-21 04:00:00' }]);
  });

  it('is one, however often its page is stored', async () => {
    const batch = writesOf({ listings: [listingWrite('1', priced(21, 200)), listingWrite('2', priced(21, 300))] });
    const next = writesOf({ listings: [listingWrite('1', priced(22, 190)), listingWrite('2', priced(22, 300))] });

    for (const writes of [batch, batch, next, next]) await store.commit(writes);

    expect(await versions('1')).toEqual(['200 [21, 22) changed', '190 [22, )']);
    expect(await versions('2')).toEqual(['300 [21, )']);
  });

  it('never comes from an older page, neither in a later batch nor later in the same one', async () => {
    await store.commit(
      writesOf({ listings: [listingWrite('1', priced(23, 190)), listingWrite('1', priced(22, 200))] }),
    );
    await storePage('1', priced(21, 210));

    expect(await versions()).toEqual(['190 [23, )']);
    expect(await rowsOf(database, 'SELECT price_eur::INTEGER AS price FROM listings')).toEqual([{ price: 190 }]);
  });

  it('is replaced when the same page is read again and says something else', async () => {
    await storePage('1', priced(21, 200));
    await storePage('1', priced(22, 190));
    await storePage('1', priced(22, 180));

    expect(await versions()).toEqual(['200 [21, 22) changed', '180 [22, )']);
    expect(await differences()).toEqual([]);
  });

  it('follows the other when two cities store the listing in turn, without an overlap', async () => {
    const inCity = (city: string, day: number) => onDay(day, { fields: { city, priceEur: day } });
    await store.commit(
      writesOf({ listings: [listingWrite('1', inCity('Espoo', 21)), listingWrite('1', inCity('Vantaa', 21))] }),
    );
    await storePage('1', inCity('Espoo', 22));
    await storePage('1', inCity('Vantaa', 23));

    expect(await versions()).toEqual(['21 [21, 22) changed', '22 [22, 23) changed', '23 [23, )']);
    expect(await overlaps()).toEqual([]);
  });

  it('is the same after the batch that changes it has failed and is stored again', async () => {
    await storePage('1', priced(21, 200));
    const broken = { listings: [listingWrite('1', priced(22, 190))], searchPages: [pageWrite(Number.NaN)] };

    await expect(store.commit(writesOf(broken))).rejects.toMatchObject({ code: 'DATABASE_WRITE_FAILED' });
    const afterFailure = await versions();
    await storePage('1', priced(22, 190));

    expect(afterFailure).toEqual(['200 [21, )']);
    expect(await versions()).toEqual(['200 [21, 22) changed', '190 [22, )']);
  });
});

describe('a listing that was gone', () => {
  it.each([
    ['the same page', () => storePage('1', priced(25, 200)), '200 [25, )'],
    ['a changed page', () => storePage('1', priced(25, 190)), '190 [25, )'],
    [
      'a page that is not modified, in two cities',
      () =>
        store.commit(
          writesOf({
            unchanged: ['Helsinki', 'Espoo'].map((city) =>
              unchangedWrite('1', { city, executionId: 'daily-2026-11-25', fetchedAtUtc: '2026-11-25T04:00:00.000Z' }),
            ),
          }),
        ),
      '200 [25, )',
    ],
  ])('opens a version when it comes back with %s', async (_page, comeBack, version) => {
    await storePage('1', priced(21, 200));
    await markGone(23);

    await comeBack();
    await comeBack();

    expect(await versions()).toEqual(['200 [21, 23) gone', version]);
    expect(await rowsOf(database, 'SELECT gone_at, gone_reason, gone_execution_id FROM listings')).toEqual([
      { gone_at: null, gone_reason: null, gone_execution_id: null },
    ]);
    expect(
      await rowsOf(database, "SELECT execution_id FROM listing_versions WHERE valid_from > TIMESTAMP '2026-11-25'"),
    ).toEqual([{ execution_id: 'daily-2026-11-25' }]);
  });

  it('stays gone when a page arrives late that was fetched before; what that said is kept', async () => {
    await storePage('1', priced(21, 200));
    await markGone(25);

    await storePage('1', priced(23, 190));
    await storePage('1', priced(24, 190));

    expect(await versions()).toEqual(['200 [21, 23) changed', '190 [23, 25) gone']);
    expect(await rowsOf(database, 'SELECT gone_reason FROM listings')).toEqual([{ gone_reason: 'unseen' }]);
  });
});

describe('listings_as_of', () => {
  it('gives what was offered at a time, with the values it had then', async () => {
    await storePage('1', priced(21, 200));
    await storePage('2', priced(22, 300));
    await storePage('1', priced(23, 190));
    await database.use(({ run }) =>
      run("UPDATE listing_versions SET valid_to = TIMESTAMP '2026-11-24', end_reason = 'gone' WHERE listing_id = '2'"),
    );
    const asOf = async (time: string) => {
      const rows = await rowsOf(
        database,
        `SELECT listing_id || ' ' || price_eur::INTEGER AS seen FROM listings_as_of('${time}') ORDER BY ALL`,
      );
      return rows.map(({ seen }) => seen);
    };

    expect(await asOf('2026-11-21 03:59:59')).toEqual([]);
    expect(await asOf('2026-11-21 04:00:00')).toEqual(['1 200']);
    expect(await asOf('2026-11-22 12:00:00')).toEqual(['1 200', '2 300']);
    expect(await asOf('2026-11-23 04:00:00')).toEqual(['1 190', '2 300']);
    expect(await asOf('2026-11-24 00:00:00')).toEqual(['1 190']);
  });
});
