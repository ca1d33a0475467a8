-- Cities whose collecting has begun and whose receipt is still to come: what is stored of them is not whole.
-- A run that goes on collects its cities again: the receipt of its earlier process no longer says what is there.

CREATE VIEW open_cities AS
SELECT city, execution_id, greatest(c.started_at, x.resumed_at) AS open_since
FROM city_executions c
JOIN executions x USING (execution_id)
WHERE x.status = 'running'
  AND c.started_at IS NOT NULL
  AND (c.verdict IS NULL OR c.finished_at < x.resumed_at);
