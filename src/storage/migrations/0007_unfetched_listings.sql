-- Listings whose card said that their page is as stored: the page was not fetched.
ALTER TABLE executions ADD COLUMN unfetched INTEGER;
ALTER TABLE city_executions ADD COLUMN unfetched INTEGER DEFAULT 0;
