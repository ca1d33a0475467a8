/**
 * Listings of a home that was listed before under another id, looked for when a city is closed. The database finds the
 * pairs that may be one home; whether they are is not decided here. Must run inside a transaction; doing it again changes
 * nothing.
 */
import { z } from 'zod';
import type { RelistingRules } from '../jobs/series-store.ts';
import type { HomePair } from '../quality/same-home.ts';
import { listingLinksTable } from './history-tables.ts';
import type { Session } from './session.ts';
import { columnsOf, typesOf } from './staging.ts';

/** The earlier listing is offered again: then they are two, whatever they have in common. */
const forgetReturned = `DELETE FROM listing_links USING listings e
  WHERE e.listing_id = listing_links.earlier_listing_id AND e.city = $city AND e.gone_at IS NULL`;

const homeColumns = 'address, area_m2, rooms, floor, latitude, longitude, building_type';

/**
 * Pairs of a listing and one that was seen for the last time before it was seen first: two that were seen at once are two
 * homes, and so are they when the portal had published the later one first. One of the two is news since the complete run
 * before. The street and its first number join them; the rest is compared outside.
 */
const selectPairs = `
WITH homes AS (
  SELECT listing_id, deal_type, first_seen_at, last_seen_at, gone_at, gone_execution_id, published_at, ${homeColumns},
    lower(regexp_replace(trim(address), '\\s+', ' ', 'g')) AS plain_address
  FROM listings WHERE city = $city AND address IS NOT NULL AND area_m2 IS NOT NULL
), joined AS (
  SELECT *, coalesce(nullif(regexp_extract(plain_address, '^\\D*\\d+'), ''), plain_address) AS street FROM homes
), runs AS (
  SELECT max(started_at) AS since FROM city_executions
  WHERE city = $city AND verdict = 'complete' AND execution_id <> $executionId AND started_at < $startedAt::TIMESTAMP
)
SELECT l.listing_id AS listingId, e.listing_id AS earlierListingId, ${pairColumns('l', 'later')}, ${pairColumns('e', 'earlier')}
FROM joined e JOIN joined l ON l.deal_type = e.deal_type AND l.street = e.street, runs
WHERE e.gone_at IS NOT NULL AND l.listing_id <> e.listing_id AND abs(l.area_m2 - e.area_m2) <= 2
  AND l.first_seen_at > e.last_seen_at AND l.first_seen_at <= e.gone_at + to_days($maxGapDays::INTEGER)
  AND coalesce(l.published_at > e.published_at, true)
  AND (e.gone_execution_id = $executionId OR l.first_seen_at >= coalesce(runs.since, TIMESTAMP '-infinity'))
  AND l.listing_id NOT IN (SELECT listing_id FROM listing_links)
  AND e.listing_id NOT IN (SELECT earlier_listing_id FROM listing_links)
ORDER BY l.listing_id, e.listing_id`;

const text = z.string().nullable();
const amount = z.number().nullable();
const home = z.object({
  address: text,
  areaM2: amount,
  rooms: amount,
  floor: amount,
  latitude: amount,
  longitude: amount,
  buildingType: text,
});
const pairRow = z.object({ listingId: z.string(), earlierListingId: z.string(), later: home, earlier: home });

function pairColumns(table: string, name: string): string {
  return `{address: ${table}.address, areaM2: ${table}.area_m2, rooms: ${table}.rooms, floor: ${table}.floor,
    latitude: ${table}.latitude, longitude: ${table}.longitude, buildingType: ${table}.building_type}::JSON AS ${name}`;
}

interface ClosedCity {
  readonly executionId: string;
  readonly city: string;
  readonly startedAtUtc: string;
  readonly finishedAtUtc: string;
}

/** Links the listings of the city that are clear enough, and forgets links whose earlier listing has come back. */
export async function linkRelistings(session: Session, closed: ClosedCity, rules: RelistingRules): Promise<void> {
  const { executionId, city, startedAtUtc, finishedAtUtc } = closed;
  await session.run(forgetReturned, { city });
  const rows = await session.rows(selectPairs, {
    executionId,
    city,
    startedAt: startedAtUtc,
    maxGapDays: rules.maxGapDays,
  });
  const links = rules.chooseLinks(rows.map(readPair));
  if (links.length === 0) return;
  const { name, columns } = listingLinksTable;
  const values = links.map(({ listingId, earlierListingId, score, reasons }) => ({
    listing_id: listingId,
    earlier_listing_id: earlierListingId,
    score,
    reasons_json: reasons,
    linked_at: finishedAtUtc,
    execution_id: executionId,
  }));
  await session.append({ name, catalog: null, types: typesOf(columns) }, columnsOf(columns, values));
}

function readPair(row: Readonly<Record<string, unknown>>): HomePair {
  const parsed = (name: string): unknown => JSON.parse(String(row[name]));
  const { later, earlier, ...ids } = pairRow.parse({ ...row, later: parsed('later'), earlier: parsed('earlier') });
  return { ...ids, home: later, earlierHome: earlier };
}
