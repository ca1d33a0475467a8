/**
 * An invented series of any size for the benchmarks of what reads it: ten cities, two years, listings that come, get
 * cheaper and go. Made by SQL, because making a million of them in JavaScript takes longer than asking for them.
 */
import type { Database } from '../src/storage/database.ts';

const cities = [
  ['Helsinki', 0.27, 60.21, 24.95, '00', 5200],
  ['Espoo', 0.13, 60.2, 24.7, '02', 4300],
  ['Tampere', 0.13, 61.5, 23.77, '33', 3300],
  ['Vantaa', 0.11, 60.3, 25.04, '01', 3400],
  ['Turku', 0.1, 60.45, 22.27, '20', 2800],
  ['Oulu', 0.1, 65.01, 25.47, '90', 2400],
  ['Jyväskylä', 0.06, 62.24, 25.75, '40', 2300],
  ['Lahti', 0.05, 60.98, 25.66, '15', 2000],
  ['Kuopio', 0.03, 62.89, 27.68, '70', 2300],
  ['Pori', 0.02, 61.49, 21.8, '28', 1600],
] as const;

/** Days of the series, and its last day. */
const seriesDays = 730;
export const lastDay = '2026-11-29';

export interface SeriesShape {
  /** So many small cities beside the ten share two fifths of the listings; by default none. */
  readonly smallCities?: number;
  /** Every listing is still offered on the last day; by default most are gone. */
  readonly areAllOffered?: boolean;
}

const shareOfSmallCities = 0.4;

/** The share of random numbers below which a city has been chosen. */
function cityRows(smallCities: number): string {
  const shareOfTen = smallCities === 0 ? 1 : 1 - shareOfSmallCities;
  const ten = cities.map(([name, share, ...rest]) => [name, share * shareOfTen, ...rest] as const);
  const small = Array.from({ length: smallCities }, (_, index) => {
    return [`Kunta ${index + 1}`, shareOfSmallCities / smallCities, 62.2, 25.7, '40', 1900] as const;
  });
  let from = 0;
  const rows = [...ten, ...small].map(([name, share, latitude, longitude, postal, perM2]) => {
    const begin = from;
    from += share;
    return `('${name}', ${begin.toFixed(6)}, ${from.toFixed(6)}, ${latitude}, ${longitude}, '${postal}', ${perM2})`;
  });
  return rows.join(', ');
}

const numbers = (listings: number) => `
  SELECT i, hash(i * 7 + 1) % 1000000 / 1000000.0 AS r1, hash(i * 7 + 2) % 10000 / 10000.0 AS r2,
    hash(i * 7 + 3) % 10000 / 10000.0 AS r3, hash(i * 7 + 4) % 10000 / 10000.0 AS r4,
    hash(i * 7 + 5) % 10000 / 10000.0 AS r5, hash(i * 7 + 6) % 10000 / 10000.0 AS r6
  FROM range(${listings}) t(i)`;

/** Homes with their days: listed some day, offered for weeks. */
const homes = (listings: number, { smallCities = 0, areAllOffered = false }: SeriesShape) => `
  CREATE TEMP TABLE homes AS
  WITH cities(city, share_from, share_to, latitude, longitude, postal, per_m2) AS (VALUES ${cityRows(smallCities)}),
  drawn AS (FROM (${numbers(listings)}) JOIN cities ON r1 >= share_from AND r1 < share_to)
  SELECT *, (10000000 + i)::VARCHAR AS listing_id, CASE WHEN r2 < 0.7 THEN 'sale' ELSE 'rent' END AS deal_type,
    (1 + floor(r3 * r3 * 6))::INTEGER AS rooms, 18 + floor(r3 * r3 * 130 + r4 * 25) AS area_m2,
    (hash(i * 11) % 40)::INTEGER AS area_number,
    TIMESTAMP '${lastDay} 04:00:00' - to_days((r5 * ${seriesDays})::INTEGER) + to_minutes((i % 240)::INTEGER) AS begins,
    to_days((10 + 110 * r6 * r6${areAllOffered ? ` + ${seriesDays}` : ''})::INTEGER) AS offered
  FROM drawn ORDER BY begins`;

/** The columns that a listing and its version share. */
const fields = `
  listing_id, deal_type, city, city AS city_as_printed,
  'https://asunnot.oikotie.fi/myytavat-asunnot/' || lower(city) || '/' || listing_id AS url,
  postal || lpad((area_number * 10 + 100)::VARCHAR, 3, '0') AS postal_code,
  'Kaupunginosa ' || area_number AS district,
  ['Keksittykatu', 'Mäntytie', 'Koivukuja', 'Rantatie', 'Asemakatu', 'Kirkkokatu'][1 + i % 6] || ' ' || (i % 97 + 1) AS address,
  ['Keksittykatu', 'Mäntytie', 'Koivukuja', 'Rantatie', 'Asemakatu', 'Kirkkokatu'][1 + i % 6] || ' ' || (i % 97 + 1)
    || ', Kaupunginosa ' || area_number || ', ' || city AS title,
  repeat('Keksitty koti numero ' || i || ', ' || md5(i::VARCHAR) || '. ', 8) AS description,
  ['apartment_building', 'apartment_building', 'row_house', 'detached_house', 'semi_detached_house'][1 + i % 5] AS building_type,
  latitude + (area_number % 7 - 3) * 0.012 + (r3 - 0.5) * 0.008 AS latitude,
  longitude + (area_number % 6 - 3) * 0.024 + (r4 - 0.5) * 0.016 AS longitude,
  rooms, area_m2, (1930 + i % 96)::INTEGER AS year_built,
  ['A', 'B', 'C', 'D', 'E', 'F', 'G'][1 + i % 7] || '2018' AS energy_class,
  rooms || 'h+k+s' AS room_configuration, begins AS published_at,
  '{"Kunto": "Hyvä"}' AS other_details_json, '[]' AS issues_json, 0.95 AS data_quality_score,
  'daily-' || strftime(begins, '%Y-%m-%d') AS execution_id, begins AS fetched_at, url AS request_url,
  sha256(listing_id) AS response_sha256, 'listing-page/1' AS parser, 'bench' AS node_id,
  left(md5(url), 16) AS card_hash`;

const prices = (factor: string) => `
  CASE deal_type WHEN 'sale' THEN round(area_m2 * per_m2 * (0.7 + 0.6 * r4) * (${factor}) / 100) * 100 END AS price_eur,
  CASE deal_type WHEN 'sale' THEN round(per_m2 * (0.7 + 0.6 * r4) * (${factor}), 2) END AS price_per_m2_eur,
  CASE deal_type WHEN 'sale' THEN 'debt_free_price' END AS price_basis,
  CASE deal_type WHEN 'rent' THEN round(300 + area_m2 * (10 + 8 * r4) * (${factor})) END AS rent_eur_month`;

/** Gone by the last day. */
const isGone = `begins + offered <= TIMESTAMP '${lastDay} 06:00:00'`;
/** Every third listing is cut once, half-way. */
const isCut = `i % 3 = 0 AND begins + offered / 2 <= TIMESTAMP '${lastDay} 04:00:00'`;

const listingRows = `
  INSERT INTO listings BY NAME SELECT ${fields}, ${prices(`CASE WHEN ${isCut} THEN 0.95 ELSE 1 END`)},
    begins AS first_seen_at, least(begins + offered, TIMESTAMP '${lastDay} 05:00:00') AS last_seen_at,
    CASE WHEN ${isGone} THEN begins + offered END AS gone_at, CASE WHEN ${isGone} THEN 'unseen' END AS gone_reason,
    md5(listing_id) AS content_hash
  FROM homes`;

const versionRows = `
  INSERT INTO listing_versions BY NAME SELECT ${fields}, ${prices('1')}, begins AS valid_from,
    CASE WHEN ${isCut} THEN begins + offered / 2 WHEN ${isGone} THEN begins + offered END AS valid_to,
    CASE WHEN ${isCut} THEN 'changed' WHEN ${isGone} THEN 'gone' END AS end_reason, md5(listing_id) AS content_hash
  FROM homes`;

const cutRows = `
  INSERT INTO listing_versions BY NAME SELECT ${fields}, ${prices('0.95')}, begins + offered / 2 AS valid_from,
    CASE WHEN ${isGone} THEN begins + offered END AS valid_to, CASE WHEN ${isGone} THEN 'gone' END AS end_reason,
    md5(listing_id || 'cut') AS content_hash
  FROM homes WHERE ${isCut}`;

/** A complete run of each day, but for one in thirty, which is missing. */
const executionRows = `
  INSERT INTO executions (execution_id, nominal_day, status, started_at, finished_at)
  SELECT 'daily-' || strftime(day, '%Y-%m-%d'), day, 'completed', day + INTERVAL 2 HOUR, day + INTERVAL 5 HOUR
  FROM (SELECT (DATE '${lastDay}' - d::INTEGER) AS day FROM range(${seriesDays}) t(d) WHERE d % 30 <> 17)`;

const receiptRows = `
  INSERT INTO city_executions (execution_id, city, started_at, finished_at, verdict, is_list_complete, discovered, new, changed,
    unchanged, removed, failed, skipped, pending, search_pages, failed_search_pages, duplicate_cards, foreign_cards,
    gone_candidates, requests, listed_deal_types)
  SELECT execution_id, city, started_at, finished_at, 'complete', true, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, ['sale', 'rent']
  FROM executions, (SELECT DISTINCT city FROM homes)`;

/** Fills an empty database with this many listings and a third more versions. */
export async function inventSeries(database: Database, listings: number, shape: SeriesShape = {}): Promise<void> {
  await database.transact(async ({ run }) => {
    await run(homes(listings, shape));
    await run(listingRows);
    await run(versionRows);
    await run(cutRows);
    await run(executionRows);
    await run(receiptRows);
    await run('DROP TABLE homes');
  });
}
