-- Audit events that are sealed with a key name it, and where the chain ends is said by who has it.

ALTER TABLE audit_log ADD COLUMN key_id VARCHAR;
ALTER TABLE audit_chain_head ADD COLUMN mac VARCHAR;
