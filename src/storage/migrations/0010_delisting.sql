-- What the end of a city has marked gone, and which deal types it had listed: a run that listed sales only says nothing
-- of the rentals.

ALTER TABLE city_executions ADD COLUMN listed_deal_types VARCHAR[];
ALTER TABLE city_executions ADD COLUMN gone INTEGER DEFAULT 0;
ALTER TABLE city_executions ADD COLUMN returned INTEGER DEFAULT 0;
ALTER TABLE city_executions ADD COLUMN gone_waiting INTEGER DEFAULT 0;
ALTER TABLE city_executions ADD COLUMN delisting_note VARCHAR;
ALTER TABLE executions ADD COLUMN gone INTEGER;
ALTER TABLE executions ADD COLUMN returned INTEGER;
ALTER TABLE executions ADD COLUMN gone_waiting INTEGER;

UPDATE city_executions SET listed_deal_types = d.deal_types
FROM (
  SELECT e.execution_id, e.city, list(DISTINCT l.deal_type ORDER BY l.deal_type) AS deal_types
  FROM execution_listings e JOIN listings l USING (listing_id)
  WHERE e.outcome IS DISTINCT FROM 'foreign' GROUP BY e.execution_id, e.city
) d
WHERE city_executions.execution_id = d.execution_id AND city_executions.city = d.city;
