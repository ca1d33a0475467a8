/**
 * Every knob under `global_settings`: what it means, its unit, its default and its environment variable. The names are
 * the published ones of the file (snake_case, seconds); docs/configuration.md is generated from here.
 */
import { booleanKind, choiceKind, nullable, numberKind, textKind, textListKind, wholeNumberKind } from './kinds.ts';
import type { ValuesOf } from './knob.ts';
import { knob } from './knob.ts';

const positiveNumber = numberKind('a number above 0', { min: Number.MIN_VALUE });
const positiveWholeNumber = wholeNumberKind('a whole number of 1 or more', { min: 1 });
const path = textKind('a path');

/** Both end up in a header: printable ASCII only, and a contact without the brackets it will stand in. */
const ownProductName = /^(?!.*\b(mozilla|chrome|safari|firefox|applewebkit)\/)[\x21-\x7e][\x20-\x7e]*$/i;
const contactAddress = /^(https?:\/\/[\x21-\x27\x2a-\x7e]+|[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+)$/i;

const crawler = {
  user_agent: knob(null, {
    doc: 'User-Agent header sent with every request. By default `oikotie-collector/<version>` with the contact. A browser name is refused.',
    env: 'SCRAPER_USER_AGENT',
    kind: nullable(textKind('a name of your own in printable ASCII, not a browser\'s ("Mozilla/…")', ownProductName)),
  }),
  contact: knob(null, {
    doc: 'E-mail address or web page where the portal can reach you; it is part of the User-Agent header.',
    env: 'SCRAPER_CONTACT',
    kind: nullable(textKind('an e-mail address or an http(s) URL', contactAddress)),
  }),
  max_requests_per_second: knob(2, {
    doc: 'Requests to the portal in all, over all cities. null leaves only the limits of the cities.',
    unit: 'requests/s',
    env: 'SCRAPER_MAX_REQUESTS_PER_SECOND',
    kind: nullable(positiveNumber),
  }),
  request_timeout_seconds: knob(30, {
    doc: 'Longest time for one request, from sending it to the last byte of the answer.',
    unit: 's',
    env: 'SCRAPER_REQUEST_TIMEOUT',
    kind: positiveNumber,
  }),
  max_body_bytes: knob(5_242_880, {
    doc: 'Largest answer that is read; a larger one is a failed request.',
    unit: 'bytes',
    env: 'SCRAPER_MAX_BODY_BYTES',
    kind: positiveWholeNumber,
  }),
  obey_robots: knob(true, {
    doc: 'Ask robots.txt before each request and keep to its rules and its crawl delay.',
    env: 'SCRAPER_OBEY_ROBOTS',
    kind: booleanKind,
  }),
  robots_ttl_hours: knob(24, {
    doc: 'How long a robots.txt is believed before it is fetched again; RFC 9309 allows 24 at most.',
    unit: 'h',
    env: 'SCRAPER_ROBOTS_TTL',
    kind: numberKind('a number above 0 and at most 24', { min: Number.MIN_VALUE, max: 24 }),
  }),
};

/** The knobs of one retry policy. `envPart` is `LISTING` or `CITY`. */
function retryKnobs(what: string, envPart: string, defaults: { attempts: number; base: number; max: number }) {
  const env = (name: string): string => `SCRAPER_${envPart}_${name}`;
  return {
    max_attempts: knob(defaults.attempts, {
      doc: `Times ${what} is tried in all before it is given up.`,
      unit: 'attempts',
      env: env('MAX_ATTEMPTS'),
      kind: positiveWholeNumber,
    }),
    base_delay_seconds: knob(defaults.base, {
      doc: 'Wait before the second attempt.',
      unit: 's',
      env: env('BASE_DELAY'),
      kind: numberKind('a number of 0 or more', { min: 0 }),
    }),
    max_delay_seconds: knob(defaults.max, {
      doc: 'Longest wait between two attempts; not below base_delay_seconds.',
      unit: 's',
      env: env('MAX_DELAY'),
      kind: numberKind('a number of 0 or more', { min: 0 }),
    }),
    multiplier: knob(2, {
      doc: 'Each wait is this many times the one before.',
      unit: 'times',
      env: env('BACKOFF_MULTIPLIER'),
      kind: numberKind('a number of 1 or more', { min: 1 }),
    }),
    jitter: knob(0.1, {
      doc: 'Share of the wait that is random, so that many retries do not come at once.',
      unit: '0 to 1',
      env: env('JITTER'),
      kind: numberKind('a number from 0 to 1', { min: 0, max: 1 }),
    }),
  };
}

const database = {
  memory_limit: knob('1GB', {
    doc: 'Memory DuckDB may use, as DuckDB writes it.',
    unit: 'e.g. 512MB, 1GB',
    env: 'SCRAPER_DATABASE_MEMORY_LIMIT',
    kind: textKind('a size such as "512MB" or "1GB"', /^\d+(\.\d+)?\s?([KMGT]i?B)$/i),
  }),
  threads: knob(2, {
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

const clusterCoordination = {
  redis_url: knob(null, {
    doc: 'Redis of the cluster; null runs standalone, in one process.',
    unit: 'redis:// or rediss:// URL',
    env: 'REDIS_URL',
    sensitive: true,
    kind: nullable(textKind('a redis:// or rediss:// URL', /^rediss?:\/\/\S+$/)),
  }),
  heartbeat_interval: knob(30, {
    doc: 'Time between two signs of life of a node.',
    unit: 's',
    env: 'HEARTBEAT_INTERVAL',
    kind: positiveNumber,
  }),
  lock_ttl: knob(300, {
    doc: 'Life of an explicit work lock whose owner is gone.',
    unit: 's',
    env: 'LOCK_TTL',
    kind: positiveNumber,
  }),
  work_distribution_strategy: knob('round_robin', {
    doc: 'How cities are spread over nodes: any idle node takes the next, or a node keeps the cities it had.',
    env: 'SCRAPER_WORK_DISTRIBUTION_STRATEGY',
    kind: choiceKind(['round_robin', 'sticky']),
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
  retry: {
    listing: retryKnobs('one request', 'LISTING', { attempts: 4, base: 30, max: 300 }),
    city: retryKnobs('a city', 'CITY', { attempts: 3, base: 60, max: 3600 }),
  },
  database,
  browser: {
    executable_path: knob(null, {
      doc: 'Chromium for the pages that need a browser; null means no browser.',
      unit: 'path',
      env: 'SCRAPER_BROWSER_PATH',
      kind: nullable(path),
    }),
  },
  cluster_coordination: clusterCoordination,
};

export type Settings = ValuesOf<typeof settingsSchema>;
