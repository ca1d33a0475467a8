-- What a listing page is asked for again with, and what must be as before for the answer "not modified" to mean that the
-- record would be as before.

ALTER TABLE listings ADD COLUMN etag VARCHAR;
ALTER TABLE listings ADD COLUMN last_modified VARCHAR;
ALTER TABLE listings ADD COLUMN card_hash VARCHAR;
