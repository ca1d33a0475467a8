-- Search pages that were read again because the list had shifted while it was read. `search_pages` keeps the first reading.

CREATE TABLE reread_pages (
  execution_id VARCHAR NOT NULL,
  city VARCHAR NOT NULL,
  pass INTEGER NOT NULL,
  page INTEGER NOT NULL,
  portal_total INTEGER,
  listing_ids VARCHAR[] NOT NULL,
  foreign_listing_ids VARCHAR[] NOT NULL,
  fetched_at TIMESTAMP NOT NULL,
  fetch_mode VARCHAR NOT NULL,
  PRIMARY KEY (execution_id, city, pass, page)
);

ALTER TABLE city_executions ADD COLUMN reread_pages INTEGER DEFAULT 0;
