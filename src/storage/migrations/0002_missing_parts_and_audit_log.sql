-- What a run went on without, how long its processes worked on it, and the audit log.

ALTER TABLE executions ADD COLUMN missing_parts_json JSON;
ALTER TABLE executions ADD COLUMN resumed_at TIMESTAMP;
ALTER TABLE executions ADD COLUMN earlier_time_seconds DOUBLE;

CREATE TABLE audit_log (
  event_id VARCHAR NOT NULL,
  occurred_at TIMESTAMP NOT NULL,
  type VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  execution_id VARCHAR,
  city VARCHAR,
  node_id VARCHAR NOT NULL,
  message VARCHAR NOT NULL,
  details_json JSON NOT NULL,
  PRIMARY KEY (event_id)
);
