/**
 * The tables of the politeness ledger beside the single requests: added-up requests, limits in force, robots.txt.
 */
import type { TableSpec } from './table-spec.ts';
import { count, number, text, utc } from './table-spec.ts';

const executionId = text('execution_id', 'Execution (one run of the collector)', 'program');

export const requestLogMinutesTable: TableSpec = {
  name: 'request_log_minutes',
  meaning: 'Requests older than `request_log_days`, added up: one row for each minute and kind of outcome',
  primaryKey: [],
  columns: [
    utc('minute', 'Begin of the minute in which the requests left', 'clock'),
    executionId,
    text('city', 'City of the task; null when they were not for one city', 'configuration'),
    text('kind', 'As in `request_log`', 'program'),
    number('INTEGER', 'HTTP status', 'status', 'Status of the responses; null when there was none', 'response'),
    text('error_category', 'Kind of failure; null when the responses were usable', 'program'),
    text('node_id', 'Node that sent them', 'configuration'),
    count('requests', 'Requests added up', 'counted'),
    number('DOUBLE', 'ms', 'duration_ms', 'Sum of their times', 'counted'),
    number('BIGINT', 'bytes', 'body_bytes', 'Sum of their decoded bodies', 'counted'),
  ],
};

export const ledgerBatchesTable: TableSpec = {
  name: 'ledger_batches',
  meaning: 'What workers elsewhere sent to the ledger, so that nothing is written twice',
  primaryKey: ['batch_id'],
  columns: [text('batch_id', 'Name of the batch, unique', 'program'), executionId],
};

export const requestLimitsTable: TableSpec = {
  name: 'request_limits',
  meaning: 'The limits as they came into force: what holds for a moment is the last row before it',
  primaryKey: [],
  columns: [
    utc('in_force_from', 'From when it held', 'clock'),
    executionId,
    text('city', 'City of the task; null for the portal as a whole', 'configuration'),
    number(
      'DOUBLE',
      'ms',
      'interval_ms',
      'Smallest time between two requests, a Crawl-delay of robots.txt included; 0 without a limit',
      'configuration, robots.txt',
    ),
    number('DOUBLE', 'times', 'slow_down', 'How many times slower was asked while the portal had trouble', 'program'),
    count('daily_request_budget', 'Requests a day (Helsinki); null without a budget', 'configuration'),
  ],
};

export const robotsDecisionsTable: TableSpec = {
  name: 'robots_decisions',
  meaning: 'What robots.txt said of the requests that were to be made, counted by day',
  primaryKey: [],
  columns: [
    number('DATE', 'day', 'nominal_day', 'Day in Helsinki', 'clock'),
    executionId,
    text('city', 'City of the task; null when it was not for one city', 'configuration'),
    text('decision', 'allowed, disallowed, or unavailable when robots.txt could not be had', 'robots.txt'),
    count('requests', 'Requests with that decision; only the allowed ones were made', 'counted'),
  ],
};
