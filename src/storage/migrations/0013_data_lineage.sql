-- Where each change of a row came from. What is stored already begins with its current row; the status of a page that
-- became a record is always 200.

CREATE TABLE data_lineage (
  table_name VARCHAR NOT NULL,
  record_id VARCHAR NOT NULL,
  operation VARCHAR NOT NULL,
  data_source VARCHAR NOT NULL,
  execution_id VARCHAR NOT NULL,
  transformation VARCHAR NOT NULL,
  quality_score DOUBLE,
  request_url VARCHAR,
  status INTEGER,
  fetched_at TIMESTAMP,
  response_sha256 VARCHAR,
  node_id VARCHAR NOT NULL
);

INSERT INTO data_lineage
SELECT 'listings', listing_id, 'INSERT', regexp_extract(request_url, '^[a-z]+://([^/]+)', 1), execution_id, parser,
  data_quality_score, request_url, 200, fetched_at, response_sha256, node_id
FROM listings ORDER BY fetched_at;
