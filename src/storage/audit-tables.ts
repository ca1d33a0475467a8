/**
 * The tables of the audit trail: the events, where their chain ends, and the settings that were in force.
 */
import { auditEventTypes } from '../lineage/audit-event.ts';
import type { TableSpec } from './table-spec.ts';
import { json, number, text, utc } from './table-spec.ts';

export const auditLogTable: TableSpec = {
  name: 'audit_log',
  meaning: 'What happened to runs, cities and breakers, and who saw it; rows are only added',
  primaryKey: ['event_id'],
  columns: [
    text('event_id', 'Event', 'program'),
    utc('occurred_at', 'When it happened', 'clock'),
    text('type', auditEventTypes.join(', '), 'program'),
    text('severity', 'INFO, WARNING, ERROR or CRITICAL', 'program'),
    text('execution_id', 'Execution (one run of the collector); null when it belongs to none', 'program'),
    text('city', 'City; null when it is not about one', 'configuration'),
    text('node_id', 'Node that saw it', 'configuration'),
    text('message', 'What it says, in one sentence', 'program'),
    json('details_json', 'Numbers and names that belong to it', 'program'),
    text('correlation_id', 'Job that led to it, the same for all that it led to; null when no job did', 'program'),
    number('BIGINT', 'number', 'sequence', 'Its place in the chain, from 1; null when older than the chain', 'counted'),
    text('previous_hash', 'Hash of the row before it in the chain', 'program'),
    text('hash', 'SHA-256 of its line with its place in the chain, or a MAC where there is a key, hex', 'program'),
    text('key_id', 'Which key of `audit.key` the hash is made with; null without one', 'program'),
  ],
};

export const auditChainHeadTable: TableSpec = {
  name: 'audit_chain_head',
  meaning: 'Where the chain of `audit_log` ends, in one row, so that rows taken off its end are missed as well',
  primaryKey: [],
  columns: [
    number('BIGINT', 'number', 'sequence', 'Place of the last row', 'counted'),
    text('hash', 'Hash of the last row', 'program'),
    text('mac', 'MAC of both, made with the key; null without one', 'program'),
  ],
};

export const configurationsTable: TableSpec = {
  name: 'configurations',
  meaning: 'The settings as they came into force with an execution; one row when they were other than before',
  primaryKey: [],
  columns: [
    text('execution_id', 'Execution that was the first to have them', 'program'),
    utc('in_force_from', 'When it began, or went on', 'clock'),
    json('settings_json', 'Value of each setting by its key, secrets hidden', 'configuration'),
  ],
};
