-- The same home under a new id, price events, and days on the market.

CREATE TABLE listing_links (
  listing_id VARCHAR NOT NULL,
  earlier_listing_id VARCHAR NOT NULL,
  score DOUBLE NOT NULL,
  reasons_json JSON NOT NULL,
  linked_at TIMESTAMP NOT NULL,
  execution_id VARCHAR NOT NULL,
  PRIMARY KEY (listing_id)
);

-- A price is compared with the last one of the same basis: a page that stops printing the debt-free price cuts nothing.
CREATE VIEW price_events AS
WITH prices AS (
  SELECT listing_id, deal_type, price_basis, valid_from,
    CASE deal_type WHEN 'rent' THEN rent_eur_month ELSE price_eur END AS price_eur
  FROM listing_versions
), compared AS (
  SELECT *,
    row_number() OVER (PARTITION BY listing_id ORDER BY valid_from) = 1 AS is_first,
    lag(price_eur) OVER (PARTITION BY listing_id, deal_type, price_basis ORDER BY valid_from) AS before_eur
  FROM prices WHERE price_eur IS NOT NULL
)
SELECT listing_id, deal_type, valid_from AS event_at,
  CASE WHEN is_first THEN 'first' WHEN price_eur < before_eur THEN 'cut' ELSE 'raise' END AS kind,
  before_eur, price_eur, price_eur - before_eur AS amount_eur,
  round(100 * (price_eur - before_eur) / nullif(before_eur, 0), 2) AS percent
FROM compared WHERE is_first OR price_eur <> before_eur;

-- Times in which a listing was gone do not count; nor do those between the listings of one home.
CREATE MACRO market_times_as_of(moment) AS TABLE
WITH RECURSIVE spans AS (
  SELECT listing_id, valid_from, published_at, valid_to IS NULL OR valid_to > moment::TIMESTAMP AS holds,
    least(coalesce(valid_to, moment::TIMESTAMP), moment::TIMESTAMP) AS valid_to
  FROM listing_versions WHERE valid_from <= moment::TIMESTAMP
), seen AS (
  SELECT listing_id, min(valid_from) AS first_seen_at, min(published_at) AS published_at, bool_or(holds) AS is_offered,
    max(valid_to) AS last_until, sum(epoch(valid_to) - epoch(valid_from)) AS seen_seconds
  FROM spans GROUP BY listing_id
), times AS (
  SELECT listing_id, least(first_seen_at, coalesce(published_at, first_seen_at)) AS listed_at,
    CASE WHEN NOT is_offered THEN last_until END AS gone_at,
    (seen_seconds + greatest(0, epoch(first_seen_at) - epoch(coalesce(published_at, first_seen_at)))) / 86400 AS days
  FROM seen
), chain AS (
  SELECT listing_id, earlier_listing_id FROM listing_links
  UNION
  SELECT c.listing_id, k.earlier_listing_id FROM chain c JOIN listing_links k ON k.listing_id = c.earlier_listing_id
), earlier AS (
  SELECT c.listing_id, min(t.listed_at) AS listed_at, sum(t.days) AS days, count(*) AS listings
  FROM chain c JOIN times t ON t.listing_id = c.earlier_listing_id GROUP BY c.listing_id
)
SELECT t.listing_id, t.listed_at, t.gone_at, t.days AS days_on_market,
  coalesce(e.listings, 0)::INTEGER AS earlier_listings,
  least(t.listed_at, coalesce(e.listed_at, t.listed_at)) AS home_listed_at,
  t.days + coalesce(e.days, 0) AS home_days_on_market
FROM times t LEFT JOIN earlier e USING (listing_id);

CREATE VIEW market_times AS FROM market_times_as_of(now() AT TIME ZONE 'UTC');
