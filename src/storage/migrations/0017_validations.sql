-- What the steps of a validation have shown of each city. The pages themselves are in a database of their own.

CREATE TABLE validations (
  validation_id VARCHAR NOT NULL,
  step INTEGER NOT NULL,
  city VARCHAR,
  is_passed BOOLEAN NOT NULL,
  is_forced BOOLEAN NOT NULL,
  started_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP NOT NULL,
  tried INTEGER,
  stored INTEGER,
  parsed_share DOUBLE,
  coverage_json JSON,
  identity_share DOUBLE,
  requests INTEGER NOT NULL,
  last_request_at TIMESTAMP,
  worst_window INTEGER,
  reasons_json JSON NOT NULL
);
