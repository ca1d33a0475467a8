-- Batches of requests that workers elsewhere sent to the store: a batch that is delivered twice is written once.

CREATE TABLE request_batches (
  batch_id VARCHAR NOT NULL,
  execution_id VARCHAR NOT NULL,
  PRIMARY KEY (batch_id)
);
