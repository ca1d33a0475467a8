-- The audit log as a chain: each row has a number and carries the hash of the one before; where it ends stands apart. Rows
-- that were there before have none: the first row of the chain goes on from the hash of them all.

ALTER TABLE audit_log ADD COLUMN correlation_id VARCHAR;
ALTER TABLE audit_log ADD COLUMN sequence BIGINT;
ALTER TABLE audit_log ADD COLUMN previous_hash VARCHAR;
ALTER TABLE audit_log ADD COLUMN hash VARCHAR;

CREATE TABLE audit_chain_head (
  sequence BIGINT NOT NULL,
  hash VARCHAR NOT NULL
);

CREATE TABLE configurations (
  execution_id VARCHAR NOT NULL,
  in_force_from TIMESTAMP NOT NULL,
  settings_json JSON NOT NULL
);
