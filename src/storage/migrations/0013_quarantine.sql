-- What the pages of each run had, and the changes of runs that said something else than their city's own recent runs.

CREATE TABLE field_coverage (
  execution_id VARCHAR NOT NULL,
  city VARCHAR NOT NULL,
  deal_type VARCHAR NOT NULL,
  field VARCHAR NOT NULL,
  rows INTEGER NOT NULL,
  present INTEGER NOT NULL,
  PRIMARY KEY (execution_id, city, deal_type, field)
);

CREATE TABLE quarantines (
  execution_id VARCHAR NOT NULL,
  city VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  drifts_json JSON NOT NULL,
  listings INTEGER NOT NULL,
  opened_at TIMESTAMP NOT NULL,
  closed_at TIMESTAMP,
  released INTEGER,
  PRIMARY KEY (execution_id, city)
);

CREATE TABLE quarantined_versions AS FROM listing_versions LIMIT 0;

ALTER TABLE city_executions ADD COLUMN is_quarantined BOOLEAN DEFAULT false;
ALTER TABLE city_executions ADD COLUMN drift VARCHAR;
