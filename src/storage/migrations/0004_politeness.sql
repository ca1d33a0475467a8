-- The politeness ledger: single requests added up per minute when they are old, the limits that were in force, and what
-- robots.txt said. Times are UTC.

CREATE TABLE request_log_minutes (
  minute TIMESTAMP NOT NULL,
  execution_id VARCHAR NOT NULL,
  city VARCHAR,
  kind VARCHAR NOT NULL,
  status INTEGER,
  error_category VARCHAR,
  node_id VARCHAR NOT NULL,
  requests INTEGER NOT NULL,
  duration_ms DOUBLE NOT NULL,
  body_bytes BIGINT NOT NULL
);

CREATE TABLE request_limits (
  in_force_from TIMESTAMP NOT NULL,
  execution_id VARCHAR NOT NULL,
  city VARCHAR,
  interval_ms DOUBLE NOT NULL,
  slow_down DOUBLE NOT NULL,
  daily_request_budget INTEGER
);

CREATE TABLE robots_decisions (
  nominal_day DATE NOT NULL,
  execution_id VARCHAR NOT NULL,
  city VARCHAR,
  decision VARCHAR NOT NULL,
  requests INTEGER NOT NULL
);
