/**
 * Every knob under `global_settings`: what it means, its unit, its default and its environment variable. The names are
 * the published ones of the file (snake_case, seconds); docs/configuration.md is generated from here.
 */

import { alerts } from './alerts-schema.ts';
import { rawArchiveS3 } from './archive-schema.ts';
import { audit } from './audit-schema.ts';
import { clusterCoordination } from './cluster-schema.ts';
import { browser, crawler, politeness, resources } from './crawler-schema.ts';
import { dashboard } from './dashboard-schema.ts';
import { booleanKind, choiceKind, nullable, numberKind, textKind, textListKind, wholeNumberKind } from './kinds.ts';
import type { ValuesOf } from './knob.ts';
import { knob } from './knob.ts';
import { lineage } from './lineage-schema.ts';
import { publish } from './publish-schema.ts';
import { quality } from './quality-schema.ts';
import { circuitBreaker, retry } from './retry-schema.ts';
import { schedule } from './schedule-schema.ts';
import { delisting, relisting } from './series-schema.ts';
import { telemetry } from './telemetry-schema.ts';
import { validation } from './validation-schema.ts';

const positiveNumber = numberKind('a number above 0', { min: Number.MIN_VALUE });
const positiveWholeNumber = wholeNumberKind('a whole number of 1 or more', { min: 1 });
const path = textKind('a path');

const database = {
  memory_limit: knob('1GB', {
    doc: 'Memory DuckDB may use, as DuckDB writes it.',
    unit: 'e.g. 512MB, 1GB',
    env: 'SCRAPER_DATABASE_MEMORY_LIMIT',
    kind: textKind('a size such as "512MB" or "1GB"', /^\d+(\.\d+)?\s?([KMGT]i?B)$/i),
  }),
  threads: knob(1, {
    doc: 'Threads DuckDB may use.',
    unit: 'threads',
    env: 'SCRAPER_DATABASE_THREADS',
    kind: wholeNumberKind('a whole number from 1 to 256', { min: 1, max: 256 }),
  }),
  batch_rows: knob(500, {
    doc: 'Listings written in one transaction at most.',
    unit: 'rows',
    env: 'SCRAPER_DATABASE_BATCH_ROWS',
    kind: wholeNumberKind('a whole number from 1 to 100000', { min: 1, max: 100_000 }),
  }),
  batch_delay_ms: knob(2000, {
    doc: 'Longest time a listing waits for others before it is written.',
    unit: 'ms',
    env: 'SCRAPER_DATABASE_BATCH_DELAY_MS',
    kind: wholeNumberKind('a whole number from 0 to 60000', { min: 0, max: 60_000 }),
  }),
};

/** The file's `global_settings`. */
export const settingsSchema = {
  database_path: knob('data/real_estate.duckdb', {
    doc: 'DuckDB file that keeps the series; its folder is made when missing.',
    unit: 'path',
    env: 'SCRAPER_DATABASE_PATH',
    kind: path,
  }),
  output_directory: knob('output', {
    doc: 'Folder for exports and reports.',
    unit: 'path',
    env: 'SCRAPER_OUTPUT_DIRECTORY',
    kind: path,
  }),
  state_directory: knob(null, {
    doc: 'Folder of what must survive a restart beside the database, e.g. open breakers; null takes `state` beside the database file.',
    unit: 'path',
    env: 'SCRAPER_STATE_DIRECTORY',
    kind: nullable(path),
  }),
  logs_directory: knob('logs', {
    doc: 'Folder of the log and the audit log, one file a day each; null writes no files, the audit log is in the database all the same.',
    unit: 'path',
    env: 'SCRAPER_LOGS_DIRECTORY',
    kind: nullable(path),
  }),
  logs_keep_days: knob(30, {
    doc: 'Days after which a log file is deleted; audit logs are kept.',
    unit: 'days',
    env: 'SCRAPER_LOGS_KEEP_DAYS',
    kind: positiveWholeNumber,
  }),
  raw_archive_directory: knob(null, {
    doc: 'Folder that keeps each search answer and listing page under its SHA-256; null keeps none. Pages name people, so it needs collect_personal_data.',
    unit: 'path',
    env: 'SCRAPER_RAW_ARCHIVE_DIRECTORY',
    kind: nullable(path),
  }),
  raw_archive_keep_days: knob(null, {
    doc: 'Days after which a response that did not come again is deleted at the end of a run, unless the current row of a listing was read from it; null keeps all.',
    unit: 'days',
    env: 'SCRAPER_RAW_ARCHIVE_KEEP_DAYS',
    kind: nullable(positiveWholeNumber),
  }),
  raw_archive_max_mb: knob(20_000, {
    doc: 'Most space of that folder, or of the bucket; when it is full the run goes on without it and says so.',
    unit: 'MB',
    env: 'SCRAPER_RAW_ARCHIVE_MAX_MB',
    kind: positiveNumber,
  }),
  raw_archive_s3: rawArchiveS3,
  metrics_port: knob(null, {
    doc: 'Port where a process serves `/metrics`, `/healthz` and `/readyz`; 0 takes a free one, null serves none.',
    unit: 'port',
    env: 'SCRAPER_METRICS_PORT',
    kind: nullable(wholeNumberKind('a whole number from 0 to 65535', { min: 0, max: 65_535 })),
  }),
  metrics_host: knob('127.0.0.1', {
    doc: 'Address that port is on; 0.0.0.0 lets other machines ask. They are told counts and names of cities, and need no password.',
    unit: 'address',
    env: 'SCRAPER_METRICS_HOST',
    kind: textKind('an address such as 127.0.0.1 or 0.0.0.0', /^[\w.:-]+$/),
  }),
  metrics_file: knob(null, {
    doc: "File that a run in one process leaves its metrics in when it ends, for the textfile collector of Prometheus' node exporter; null leaves none.",
    unit: 'path, ending in .prom',
    env: 'SCRAPER_METRICS_FILE',
    kind: nullable(textKind('a path that ends in .prom', /\S\.prom$/)),
  }),
  geodata_directory: knob(null, {
    doc: 'Folder with the downloaded data sets of `geospatial_sources`, `<source>.geojson` each; null uses none.',
    unit: 'path',
    env: 'SCRAPER_GEODATA_DIRECTORY',
    kind: nullable(path),
  }),
  log_level: knob('INFO', {
    doc: 'Least serious log line that is written.',
    env: 'SCRAPER_LOG_LEVEL',
    kind: choiceKind(['DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR']),
  }),
  node_id: knob(null, {
    doc: 'Name of this machine in logs, provenance and the cluster; null takes the host name.',
    env: 'NODE_ID',
    kind: nullable(textKind('a name of 1 to 64 letters, digits, dots, dashes or underscores', /^[\w.-]{1,64}$/)),
  }),
  concurrent_cities: knob(1, {
    doc: 'Cities collected at the same time.',
    unit: 'cities',
    env: 'SCRAPER_CONCURRENT_CITIES',
    kind: positiveWholeNumber,
  }),
  collect_personal_data: knob(false, {
    doc: 'Keep phones, e-mail addresses and contact persons; false masks them before anything is stored.',
    env: 'SCRAPER_COLLECT_PERSONAL_DATA',
    kind: booleanKind,
  }),
  allowed_hosts: knob([], {
    doc: 'Hosts that may be asked besides the portal and this machine, with the port when it is not the default.',
    unit: 'host[:port], in the environment separated by commas',
    env: 'SCRAPER_ALLOWED_HOSTS',
    kind: textListKind(
      'a list of hosts such as ["mirror.example.org:8080"]',
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/,
    ),
  }),
  crawler,
  politeness,
  quality,
  retry,
  circuit_breaker: circuitBreaker,
  browser,
  resources,
  database,
  cluster_coordination: clusterCoordination,
  schedule,
  delisting,
  lineage,
  audit,
  relisting,
  publish,
  validation,
  dashboard,
  alerts,
  telemetry,
};

export type Settings = ValuesOf<typeof settingsSchema>;
