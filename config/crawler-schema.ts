/**
 * The knobs of how the portal is asked: how we name ourselves, limits of one request, politeness, proxies, the browser.
 * Data only.
 */
import { booleanKind, nullable, numberKind, textKind, textListKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

const positiveNumber = numberKind('a number above 0', { min: Number.MIN_VALUE });
const positiveWholeNumber = wholeNumberKind('a whole number of 1 or more', { min: 1 });

/** Both end up in a header: printable ASCII only, and a contact without the brackets it will stand in. */
const ownProductName = /^(?!.*\b(mozilla|chrome|safari|firefox|applewebkit)\/)[\x21-\x7e][\x20-\x7e]*$/i;
const contactAddress = /^(https?:\/\/[\x21-\x27\x2a-\x7e]+|[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9.-]+)$/i;
const proxyAddress = /^https?:\/\/[^\s/]+\/?$/;

/** An http(s) proxy; its URL may hold a password. */
export const proxyKind = textKind('an http(s) URL such as "http://proxy.example.org:3128"', proxyAddress);

export const crawler = {
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
  refresh_factor: knob(7, {
    doc: 'A listing page whose card on the search page is as before is fetched again after `cache_duration_hours` times this; a quarter of that time is spread over the listings.',
    env: 'SCRAPER_REFRESH_FACTOR',
    kind: numberKind('a number of 0 or more', { min: 0 }),
  }),
  request_timeout_seconds: knob(30, {
    doc: 'Longest time for one request, from sending it to the last byte of the answer.',
    unit: 's',
    env: 'SCRAPER_REQUEST_TIMEOUT',
    kind: positiveNumber,
  }),
  parse_timeout_seconds: knob(5, {
    doc: 'Longest time for reading one page; a page that takes longer is a failed one.',
    unit: 's',
    env: 'SCRAPER_PARSE_TIMEOUT',
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
  http_proxy: knob(null, {
    doc: 'Proxy for http:// addresses; null goes without.',
    unit: 'http(s) URL',
    env: 'HTTP_PROXY',
    isEnvInAnyCase: true,
    sensitive: true,
    kind: nullable(proxyKind),
  }),
  https_proxy: knob(null, {
    doc: 'Proxy for https:// addresses; null goes without.',
    unit: 'http(s) URL',
    env: 'HTTPS_PROXY',
    isEnvInAnyCase: true,
    sensitive: true,
    kind: nullable(proxyKind),
  }),
  no_proxy: knob(['localhost', '127.0.0.1', '[::1]'], {
    doc: 'Hosts asked without the proxy; `.example.org` stands for all below it, `*` for all.',
    unit: 'host[:port], in the environment separated by commas',
    env: 'NO_PROXY',
    isEnvInAnyCase: true,
    kind: textListKind('a list of hosts such as ["localhost", ".example.org"]'),
  }),
};

export const politeness = {
  daily_request_budget: knob(50_000, {
    doc: 'Requests a day (Helsinki time) in all, of every kind; then the run stops as partial with that reason. null sets no budget.',
    unit: 'requests',
    env: 'SCRAPER_DAILY_REQUEST_BUDGET',
    kind: nullable(positiveWholeNumber),
  }),
  quiet_hours: knob([], {
    doc: 'Times of day (Helsinki) in which nothing is asked; what waits goes on afterwards. The end is not part of it.',
    unit: 'HH:MM-HH:MM, in the environment separated by commas',
    env: 'SCRAPER_QUIET_HOURS',
    kind: textListKind(
      'a list of times such as ["07:00-09:00", "22:30-05:00"]',
      /^(?!(.+)-\1$)([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/,
    ),
  }),
  adaptive_slow_down: knob(true, {
    doc: 'Ask more slowly while answers take much longer than usual or errors rise; never faster than configured.',
    env: 'SCRAPER_ADAPTIVE_SLOW_DOWN',
    kind: booleanKind,
  }),
  max_slow_down: knob(8, {
    doc: 'Most times slower than configured.',
    unit: 'times',
    env: 'SCRAPER_MAX_SLOW_DOWN',
    kind: numberKind('a number of 1 or more', { min: 1 }),
  }),
  request_log_days: knob(30, {
    doc: 'Days for which each single request is kept; older ones are added up per minute.',
    unit: 'days',
    env: 'SCRAPER_REQUEST_LOG_DAYS',
    kind: positiveWholeNumber,
  }),
};

export const browser = {
  executable_path: knob(null, {
    doc: 'Chromium for the pages that need a browser; null takes the one found on PATH.',
    unit: 'path',
    env: 'SCRAPER_BROWSER_PATH',
    kind: nullable(textKind('a path')),
  }),
  max_pages: knob(2, {
    doc: 'Pages open at once.',
    unit: 'pages',
    env: 'SCRAPER_BROWSER_MAX_PAGES',
    kind: wholeNumberKind('a whole number from 1 to 20', { min: 1, max: 20 }),
  }),
  pages_per_browser: knob(100, {
    doc: 'Pages after which a browser is closed and a new one started.',
    unit: 'pages',
    env: 'SCRAPER_BROWSER_PAGES_PER_BROWSER',
    kind: positiveWholeNumber,
  }),
  max_memory_mb: knob(1024, {
    doc: 'Memory of a browser with all its processes above which it is replaced.',
    unit: 'MB',
    env: 'SCRAPER_BROWSER_MAX_MEMORY',
    kind: positiveNumber,
  }),
};

export const resources = {
  max_memory_mb: knob(1024, {
    doc: 'Memory of this process above which fewer listing pages are fetched at once, down to one.',
    unit: 'MB',
    env: 'SCRAPER_MAX_MEMORY',
    kind: positiveNumber,
  }),
  max_cpu_percent: knob(90, {
    doc: 'Load of the CPU core this process runs on above which fewer listing pages are fetched at once.',
    unit: '%',
    env: 'SCRAPER_MAX_CPU',
    kind: numberKind('a number above 0 and at most 100', { min: Number.MIN_VALUE, max: 100 }),
  }),
};
