-- Listings whose texts somebody had removed: what is left of them, and why they are not stored again. Times are UTC.

CREATE TABLE forgotten_listings (
  listing_id VARCHAR NOT NULL,
  forgotten_at TIMESTAMP NOT NULL,
  reason VARCHAR,
  node_id VARCHAR NOT NULL,
  PRIMARY KEY (listing_id)
);
