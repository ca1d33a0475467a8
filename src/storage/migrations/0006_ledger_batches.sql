-- What workers elsewhere sent to the ledger: a batch that is delivered twice is written once.

CREATE TABLE ledger_batches (
  batch_id VARCHAR NOT NULL,
  execution_id VARCHAR NOT NULL,
  PRIMARY KEY (batch_id)
);
