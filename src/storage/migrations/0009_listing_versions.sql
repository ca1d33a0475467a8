-- Every version of a listing, with the time it held, and when and why a listing was found to be gone. Times are UTC.

ALTER TABLE listings ADD COLUMN gone_reason VARCHAR;
ALTER TABLE listings ADD COLUMN gone_execution_id VARCHAR;

CREATE TABLE listing_versions (
  listing_id VARCHAR NOT NULL,
  url VARCHAR NOT NULL,
  deal_type VARCHAR NOT NULL,
  city VARCHAR NOT NULL,
  city_as_printed VARCHAR,
  district VARCHAR,
  address VARCHAR,
  postal_code VARCHAR,
  latitude DOUBLE,
  longitude DOUBLE,
  title VARCHAR,
  description VARCHAR,
  building_type VARCHAR,
  habitation_type VARCHAR,
  holding_form VARCHAR,
  price_eur DOUBLE,
  price_basis VARCHAR,
  sale_price_eur DOUBLE,
  debt_free_price_eur DOUBLE,
  debt_share_eur DOUBLE,
  price_per_m2_eur DOUBLE,
  rent_eur_month DOUBLE,
  security_deposit_eur DOUBLE,
  maintenance_fee_eur_month DOUBLE,
  financing_fee_eur_month DOUBLE,
  total_fee_eur_month DOUBLE,
  plot_rent_fee_eur_month DOUBLE,
  water_fee_eur_month DOUBLE,
  sauna_fee_eur_month DOUBLE,
  parking_fee_eur_month DOUBLE,
  heating_cost_eur_month DOUBLE,
  plot_rent_eur_year DOUBLE,
  plot_redemption_eur DOUBLE,
  area_m2 DOUBLE,
  total_area_m2 DOUBLE,
  plot_area_m2 DOUBLE,
  rooms INTEGER,
  room_configuration VARCHAR,
  floor INTEGER,
  floor_count INTEGER,
  year_built INTEGER,
  year_in_use INTEGER,
  apartment_count INTEGER,
  energy_class VARCHAR,
  energy_certificate_valid_until DATE,
  has_energy_certificate BOOLEAN,
  condition VARCHAR,
  plot_ownership VARCHAR,
  plot_lease_ends_on DATE,
  new_development BOOLEAN,
  has_elevator BOOLEAN,
  has_sauna BOOLEAN,
  has_shared_sauna BOOLEAN,
  has_balcony BOOLEAN,
  is_rented BOOLEAN,
  is_pet_friendly BOOLEAN,
  is_furnished BOOLEAN,
  heating VARCHAR,
  building_material VARCHAR,
  housing_company_name VARCHAR,
  property_id VARCHAR,
  broker_reference VARCHAR,
  broker_company VARCHAR,
  reservation_status VARCHAR,
  redemption_clause VARCHAR,
  availability VARCHAR,
  available_from DATE,
  completes_on DATE,
  published_at TIMESTAMP,
  price_changed_at TIMESTAMP,
  other_details_json JSON NOT NULL,
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP,
  end_reason VARCHAR,
  data_quality_score DOUBLE NOT NULL,
  issues_json JSON NOT NULL,
  content_hash VARCHAR NOT NULL,
  execution_id VARCHAR NOT NULL,
  fetched_at TIMESTAMP NOT NULL,
  request_url VARCHAR NOT NULL,
  response_sha256 VARCHAR NOT NULL,
  parser VARCHAR NOT NULL,
  node_id VARCHAR NOT NULL,
  etag VARCHAR,
  last_modified VARCHAR,
  card_hash VARCHAR
);

-- What is stored becomes the first version. It holds from the first sight of the listing, or from its last change.
INSERT INTO listing_versions BY NAME
WITH last_changes AS (
  SELECT listing_id, max(settled_at) AS changed_at FROM execution_listings WHERE outcome = 'changed' GROUP BY listing_id
)
SELECT
  * EXCLUDE (first_seen_at, last_seen_at, gone_at, gone_reason, gone_execution_id, changed_at),
  CASE WHEN changed_at IS NULL THEN first_seen_at ELSE least(changed_at, fetched_at) END AS valid_from,
  gone_at AS valid_to,
  CASE WHEN gone_at IS NOT NULL THEN 'gone' END AS end_reason
FROM listings LEFT JOIN last_changes USING (listing_id);

-- The listings as they were at a time (UTC): what held then; what was gone then is left out.
CREATE MACRO listings_as_of(moment) AS TABLE
  SELECT * FROM listing_versions
  WHERE valid_from <= moment::TIMESTAMP AND (valid_to IS NULL OR valid_to > moment::TIMESTAMP);
