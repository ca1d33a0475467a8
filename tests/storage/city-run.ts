/** Runs of one city, a day each, as the store sees them. */
import type { DelistingRules, SeriesStore } from '../../src/jobs/series-store.ts';
import type { FailureWrite } from '../../src/jobs/store-writes.ts';
import type { ListingRecord } from '../../src/listings/fields.ts';
import type { CityReceipt } from '../../src/quality/city-receipt.ts';
import { chooseLinks } from '../../src/quality/same-home.ts';
import { failureWrite, listingWrite, pageWrite, receiptOf, writesOf } from './samples.ts';

const atTheSecondMiss: DelistingRules = { completeRuns: 2, checkDrop: () => null };
const relisting = {
  maxGapDays: 180,
  chooseLinks: (pairs: Parameters<typeof chooseLinks>[0]) => chooseLinks(pairs, 0.85),
};

export interface RunOfDay {
  readonly executionId?: string;
  readonly city?: string;
  readonly verdict?: CityReceipt['verdict'];
  /** Hour (UTC) at which the city begins; its search page is read a minute later, its pages two minutes later. */
  readonly hour?: number;
  /** Listings whose page is stored; all of them are on the search page, too. */
  readonly pages?: readonly string[];
  /** Listings that are only on the search page. */
  readonly cards?: readonly string[];
  readonly dealType?: 'sale' | 'rent';
  /** Codes of the failures by listing. */
  readonly gone?: Readonly<Record<string, string>>;
  /** What all pages say. */
  readonly fields?: Partial<ListingRecord>;
  readonly isListComplete?: boolean;
  readonly rules?: DelistingRules | null;
}

/** The executions of these days of November, each without cities of its own. */
export async function startDays(store: SeriesStore, days: readonly number[]): Promise<void> {
  for (const day of days) {
    await store.startExecution({
      executionId: `daily-2026-11-${day}`,
      nominalDay: `2026-11-${day}`,
      startedAtUtc: `2026-11-${day}T03:00:00.000Z`,
      cities: [],
    });
  }
}

/** One run of a city on a day of November, from its first page to its receipt. */
export async function runCity(store: SeriesStore, day: number, choices: RunOfDay): Promise<CityReceipt> {
  const { city = 'Helsinki', hour = 3, pages = [], cards = [], gone = {}, dealType = 'sale', fields } = choices;
  const executionId = choices.executionId ?? `daily-2026-11-${day}`;
  const at = (minute: number) => new Date(Date.UTC(2026, 10, day, hour, minute)).toISOString();
  await store.startCity({ executionId, city, startedAtUtc: at(0) });
  const listingIds = [...pages, ...cards, ...Object.keys(gone)];
  const failures: readonly FailureWrite[] = Object.entries(gone).map(([listingId, code]) =>
    failureWrite(listingId, { executionId, city, category: 'GONE', code, failedAtUtc: at(2) }),
  );
  await store.commit(
    writesOf({
      searchPages: [
        pageWrite(1, {
          executionId,
          city,
          listingIds,
          unfetchedListingIds: cards,
          isLastPage: choices.isListComplete ?? true,
          fetchedAtUtc: at(1),
        }),
      ],
      listings: pages.map((id) =>
        listingWrite(id, { executionId, fetchedAtUtc: at(2), fields: { city, dealType, priceEur: 200, ...fields } }),
      ),
      failures,
    }),
  );
  const counts = await store.countCity(executionId, city);
  const { verdict = 'complete', rules = atTheSecondMiss } = choices;
  const judged = { ...receiptOf({ executionId, city, verdict, startedAtUtc: at(0) }), ...counts };
  return store.saveCityReceipt(judged, rules === null ? null : { delisting: rules, relisting });
}
