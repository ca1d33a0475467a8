/**
 * What every table and column of the database means: the data dictionary is printed from it, rows are staged by it, and
 * a test holds the migrations against it. It never creates a table; the SQL files do.
 */
import { auditChainHeadTable, auditLogTable, configurationsTable } from './audit-tables.ts';
import { listingLinksTable, listingVersionsTable, marketTimesView, priceEventsView } from './history-tables.ts';
import {
  ledgerBatchesTable,
  requestLimitsTable,
  requestLogMinutesTable,
  robotsDecisionsTable,
} from './ledger-tables.ts';
import { dataLineageTable } from './lineage-tables.ts';
import { fieldColumns, provenanceColumns } from './listing-columns.ts';
import { openCitiesView } from './open-cities.ts';
import { forgottenListingsTable } from './privacy-tables.ts';
import { qualityTables, rereadPagesTable } from './quality-tables.ts';
import type { TableSpec } from './table-spec.ts';
import { count, flag, ids, json, number, share, text, utc } from './table-spec.ts';
import { validationsTable } from './validation-tables.ts';

export const listingsTable: TableSpec = {
  name: 'listings',
  meaning: 'One row for each listing ever stored, as its page said last',
  primaryKey: ['listing_id'],
  columns: [
    ...fieldColumns,
    utc('first_seen_at', 'When its page was first fetched', 'clock'),
    utc('last_seen_at', 'When it was last seen, on its page or on a search page', 'clock'),
    utc('gone_at', 'When it was found to be gone; null while it is offered', 'program'),
    share(
      'data_quality_score',
      '1 minus the costs of the issues: half for the core fields, half for what is wrong with the rest',
      'program',
    ),
    json('issues_json', 'What is wrong or missing: code, field, message and what it costs of the score', 'parser'),
    text('content_hash', 'SHA-256 of the field values; another hash means the listing changed', 'program'),
    ...provenanceColumns,
    text('gone_reason', 'removed or sold as its page said, 404, or unseen; null while it is offered', 'program'),
    text('gone_execution_id', 'Execution that found it gone; null while it is offered', 'program'),
  ],
};

const executionId = text('execution_id', 'Execution (one run of the collector)', 'program');
const city = text('city', 'City of the task', 'configuration');
const url = text('url', 'URL that was asked', 'request');

export const executionsTable: TableSpec = {
  name: 'executions',
  meaning: 'One row for each run of the collector, and for each day of the schedule without one',
  primaryKey: ['execution_id'],
  columns: [
    executionId,
    number('DATE', 'day', 'nominal_day', 'Day the run stands for, in Helsinki', 'clock'),
    text(
      'status',
      'running, completed, degraded, failed or interrupted; missed or paused for a day on which the schedule started none',
      'program',
    ),
    utc('started_at', 'First start; null for a day on which none was started', 'clock'),
    utc('finished_at', 'End; null while it runs; of a run whose process was killed, its last sign of life', 'clock'),
    count('successful_cities', 'Cities with verdict complete', 'program'),
    count('total_cities', 'Cities of the run', 'configuration'),
    count('new', 'Listings stored for the first time', 'counted'),
    count('changed', 'Listings whose values changed', 'counted'),
    count('unchanged', 'Listings whose values are as before, unfetched ones included', 'counted'),
    count('gone_candidates', 'Known listings that were not seen or are removed', 'counted'),
    count('failed', 'Listings given up', 'counted'),
    count('requests', 'Requests sent', 'counted'),
    number(
      'DOUBLE',
      's',
      'execution_time_seconds',
      'Time in which a process worked on it; null while it runs',
      'clock',
    ),
    json('missing_parts_json', 'Parts that the run went on without: part, reason and remedy of each', 'program'),
    utc('resumed_at', 'Last start of a run that was stopped and continued; null when it never was', 'clock'),
    number('DOUBLE', 's', 'earlier_time_seconds', 'Of execution_time_seconds, what was before resumed_at', 'clock'),
    count('unfetched', 'Of unchanged, listings whose card was as before: their page was not fetched', 'counted'),
    count('gone', 'Listings marked gone', 'counted'),
    count('returned', 'Listings that had been gone and were seen again', 'counted'),
    count('gone_waiting', 'Listings not seen, or removed, and not marked gone yet', 'counted'),
  ],
};

export const cityExecutionsTable: TableSpec = {
  name: 'city_executions',
  meaning: 'The receipt of one city in one execution: what the portal had, what became of it, and the verdict',
  primaryKey: ['execution_id', 'city'],
  columns: [
    executionId,
    city,
    count('listing_limit', 'Most listings to collect; null without a limit', 'configuration'),
    utc('started_at', 'Begin of the city; null before it began', 'clock'),
    utc('finished_at', 'End of the city; null before', 'clock'),
    text('verdict', 'complete, partial, failed or foreign; null while it is being collected', 'program'),
    text('reason', 'Why the verdict is not complete', 'program'),
    count('portal_total_start', "The portal's own total on the first search page", 'search response'),
    count('portal_total_end', "The portal's own total on the last search page", 'search response'),
    count('search_pages', 'Search pages read', 'counted'),
    count('failed_search_pages', 'Search pages given up', 'counted'),
    flag('is_list_complete', 'Every search page up to the last one was read', 'counted'),
    count('discovered', 'Distinct listings of the city on search pages', 'counted'),
    count('duplicate_cards', 'Cards seen again', 'counted'),
    count('foreign_cards', 'Distinct listings of other municipalities, dropped', 'counted'),
    count('new', 'Listings stored for the first time', 'counted'),
    count('changed', 'Listings whose values changed', 'counted'),
    count('unchanged', 'Listings whose values are as before, unfetched ones included', 'counted'),
    count('removed', 'Listings whose page says they are gone', 'counted'),
    count('failed', 'Listings given up', 'counted'),
    count('skipped', 'Listings over the listing limit', 'counted'),
    count('pending', 'Listings discovered whose outcome is not known', 'counted'),
    count(
      'gone_candidates',
      'Known listings of the deal types listed that were not seen, plus removed; 0 unless the list is complete',
      'counted',
    ),
    count('requests', 'Requests sent for the city', 'counted'),
    count('unfetched', 'Of unchanged, listings whose card was as before: their page was not fetched', 'counted'),
    ids('listed_deal_types', 'Deal types of the listings it has listed; it says nothing of others', 'counted'),
    count('gone', 'Listings marked gone', 'counted'),
    count('returned', 'Listings that had been gone and were seen again', 'counted'),
    count(
      'gone_waiting',
      'Listings not seen, or removed, and not marked gone yet; 0 unless the list is complete',
      'counted',
    ),
    text('delisting_note', 'Why none was marked gone though some were due', 'program'),
    count('reread_pages', 'Search pages read again because the list had shifted while it was read', 'counted'),
    flag(
      'is_quarantined',
      'Its changes were taken back, because they said something else than the city usually does',
      'program',
    ),
    text('drift', "What came of comparing it with the city's recent complete runs, in words", 'program'),
  ],
};

export const executionListingsTable: TableSpec = {
  name: 'execution_listings',
  meaning: 'What became of each listing that an execution discovered',
  primaryKey: ['execution_id', 'city', 'listing_id'],
  columns: [
    executionId,
    city,
    text('listing_id', 'Listing', 'search response'),
    count('page', 'Search page it was first seen on', 'search response'),
    text(
      'outcome',
      'new, changed, unchanged, unfetched (its card is as before), removed, failed, skipped or foreign; null while pending',
      'program',
    ),
    utc('settled_at', 'When the outcome was stored', 'clock'),
  ],
};

export const searchPagesTable: TableSpec = {
  name: 'search_pages',
  meaning: 'What each search page listed when the list was read first',
  primaryKey: ['execution_id', 'city', 'page'],
  columns: [
    executionId,
    city,
    count('page', 'Number of the page, from 1', 'request'),
    count(
      'portal_total',
      "The portal's own total of listings; null when the page does not print it",
      'search response',
    ),
    flag('is_last_page', 'Nothing follows this page', 'search response'),
    ids('listing_ids', 'Listings of the city to collect, in order', 'search response'),
    ids('skipped_listing_ids', 'Listings of the city over the listing limit', 'search response'),
    ids('foreign_listing_ids', 'Listings of other municipalities', 'search response'),
    utc('fetched_at', 'When the page was fetched', 'clock'),
    text('fetch_mode', 'http when the JSON search was asked, browser when the page was shown in one', 'program'),
  ],
};

export const failedListingsTable: TableSpec = {
  name: 'failed_listings',
  meaning: 'Each listing page, search page or rest of a city that was given up in an execution, with the reason',
  primaryKey: ['execution_id', 'city', 'job_kind', 'key'],
  columns: [
    executionId,
    city,
    text('job_kind', 'listing, search-page, or city when the rest of it was not asked', 'program'),
    text('key', 'Listing id, page:<number>, or city', 'program'),
    text('listing_id', 'Listing; null for anything else', 'search response'),
    count('page', 'Search page; null for anything else', 'request'),
    url,
    text('category', 'Kind of failure, e.g. TIMEOUT, BLOCKED, GONE', 'program'),
    text('code', 'Code of the error', 'program'),
    text('message', 'Sentence of the error', 'program'),
    count('attempts', 'Attempts made', 'program'),
    number('INTEGER', 'HTTP status', 'status', 'Status of the last response; null when there was none', 'response'),
    utc('failed_at', 'When it was given up', 'clock'),
  ],
};

export const requestLogTable: TableSpec = {
  name: 'request_log',
  meaning: 'Every request that left, in the order it was stored: the proof of politeness',
  primaryKey: [],
  columns: [
    utc('sent_at', 'When the request left', 'clock'),
    executionId,
    text('city', 'City of the task; null when it was not for one city', 'configuration'),
    text(
      'kind',
      'robots, session, search, listing, location, or part: what a page in a browser asks for besides',
      'program',
    ),
    url,
    number('INTEGER', 'HTTP status', 'status', 'Status of the response; null when there was none', 'response'),
    number('DOUBLE', 'ms', 'duration_ms', 'Time from sending to the end of the body', 'clock'),
    number('BIGINT', 'bytes', 'body_bytes', 'Size of the decoded body', 'response'),
    text('error_category', 'Kind of failure; null when the response was usable', 'program'),
    text('node_id', 'Node that sent it', 'configuration'),
  ],
};

const schemaMigrationsTable: TableSpec = {
  name: 'schema_migrations',
  meaning: 'Migrations that this file has',
  primaryKey: ['version'],
  columns: [
    number('INTEGER', 'number', 'version', 'Number of the migration', 'program'),
    text('name', 'File of the migration', 'program'),
    utc('applied_at', 'When it was applied', 'clock'),
  ],
};

/** All tables, in the order they are documented. */
export const tables: readonly TableSpec[] = [
  listingsTable,
  listingVersionsTable,
  priceEventsView,
  marketTimesView,
  listingLinksTable,
  executionsTable,
  cityExecutionsTable,
  openCitiesView,
  executionListingsTable,
  searchPagesTable,
  rereadPagesTable,
  failedListingsTable,
  requestLogTable,
  requestLogMinutesTable,
  requestLimitsTable,
  robotsDecisionsTable,
  ledgerBatchesTable,
  dataLineageTable,
  ...qualityTables,
  validationsTable,
  auditLogTable,
  auditChainHeadTable,
  configurationsTable,
  forgottenListingsTable,
  schemaMigrationsTable,
];
