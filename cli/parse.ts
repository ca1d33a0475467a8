/**
 * `oikotie parse`: reads one page or answer from a file, standard input or a URL, tells by its content what it is, and
 * prints value and issues as JSON on stdout. It stores nothing, and fetches only through the function it is given.
 */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../src/errors.ts';
import { listingPageParser, pageUrlOf, parseListingPage } from '../src/portal/listing-page.ts';
import { listingIdOf } from '../src/portal/listing-url.ts';
import { parseLocationResponse } from '../src/portal/location-response.ts';
import { readRobots } from '../src/portal/robots.ts';
import { parseSearchPage } from '../src/portal/search-page.ts';
import { parseSearchResponse } from '../src/portal/search-response.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';

export const parseKinds = ['search-page', 'search-response', 'listing-page', 'location-response', 'robots'] as const;
export type ParseKind = (typeof parseKinds)[number];

export interface ParseOptions {
  /** A file, `-` for standard input, or an http(s) URL. */
  readonly source: string;
  /** What it is; told by its content when absent. */
  readonly kind?: ParseKind | undefined;
  /** City a listing page should be of; by default whatever it prints. */
  readonly city?: string | undefined;
  /** Keeps phone numbers, e-mail addresses and contact persons. */
  readonly personalData?: boolean | undefined;
  /** Fetches a URL's text; without it URLs are refused. */
  readonly fetchText?: ((url: string) => Promise<string>) | undefined;
  /** Standard input, for tests. */
  readonly stdin?: AsyncIterable<Uint8Array | string> | undefined;
}

/** Product token that robots.txt is read for, and a URL to show its effect on. */
const robotsToken = 'oikotie';
const robotsPaths = ['/myytavat-asunnot', '/api/search', '/api/cards', '/api/3.0/location'] as const;
/** A listing page in a file may not name its own URL. */
const fallbackUrl = 'https://asunnot.oikotie.fi/myytavat-asunnot/kohde/000000';

const isUrl = /^https?:\/\//i;
const robotsLine = /^\s*(?:user-agent|disallow|allow|crawl-delay|sitemap)\s*:/im;

/**
 * Parses the source and prints what was read.
 * Exit code: 0 understood; 1 blocked, failed or not understood; 2 the source cannot be read.
 */
export async function runParse(options: ParseOptions, io: CommandIo): Promise<number> {
  let text: string;
  try {
    text = await readSource(options);
  } catch (error) {
    io.stderr.write(`parse: cannot read "${options.source}": ${messageOf(error)}; give a readable file, - or a URL\n`);
    return exitCodes.badInput;
  }
  const kind = options.kind ?? kindOf(text);
  const reading =
    kind === null
      ? { kind: 'unknown', reason: 'neither a page, an answer nor robots.txt' }
      : parseAs(kind, text, options);
  io.stdout.write(`${JSON.stringify({ input: kind ?? 'unknown', ...reading }, null, 2)}\n`);
  const isUnderstood = !['unknown', 'blocked', 'error_state', 'error_envelope'].includes(reading.kind);
  return isUnderstood ? exitCodes.ok : exitCodes.degraded;
}

async function readSource({ source, fetchText, stdin = process.stdin }: ParseOptions): Promise<string> {
  if (isUrl.test(source)) {
    if (fetchText === undefined) throw new Error('URLs cannot be fetched here');
    return fetchText(source);
  }
  if (source !== '-') return readFile(source, 'utf8');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Tells by content what the text is; null when it is nothing known. */
function kindOf(text: string): ParseKind | null {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('[')) return 'location-response';
  if (start.startsWith('{')) return 'search-response';
  if (start.startsWith('<')) return pageKindOf(start);
  return robotsLine.test(start) ? 'robots' : null;
}

/** A page that names itself by a listing's URL is one, and so is any other page that is no search page. */
function pageKindOf(html: string): ParseKind {
  const url = pageUrlOf(html);
  if (url !== null && listingIdOf(url) !== null) return 'listing-page';
  return parseSearchPage(html).kind === 'unknown' ? 'listing-page' : 'search-page';
}

function parseAs(kind: ParseKind, text: string, options: ParseOptions): { readonly kind: string } {
  switch (kind) {
    case 'search-page':
      return parseSearchPage(text);
    case 'search-response':
      return parseSearchResponse(text);
    case 'location-response':
      return parseLocationResponse(text);
    case 'robots':
      return robotsReading(text);
    case 'listing-page':
      return listingReading(text, options);
  }
}

function listingReading(html: string, { source, city, personalData = false }: ParseOptions): { readonly kind: string } {
  const named = [isUrl.test(source) ? source : null, pageUrlOf(html)];
  const url = named.find((candidate) => candidate !== null && listingIdOf(candidate) !== null);
  const read = (wanted: string) =>
    parseListingPage(html, { url: url ?? fallbackUrl, city: wanted, card: null, collectsPersonalData: personalData });
  const reading = read(city ?? '');
  const printedCity = reading.kind === 'listing' ? reading.record.cityAsPrinted : null;
  const own = city === undefined && printedCity !== null ? read(printedCity) : reading;
  return { ...own, ...{ parser: listingPageParser } };
}

function robotsReading(text: string): { readonly kind: string } & Record<string, unknown> {
  const rules = readRobots(text, robotsToken);
  const isAllowed = Object.fromEntries(robotsPaths.map((path) => [path, rules.isAllowed(path)]));
  return { kind: 'robots', crawlDelayMs: rules.crawlDelayMs, isAllowed };
}
