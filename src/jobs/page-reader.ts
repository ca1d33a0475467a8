/**
 * The port through which a listing page is read, so that a page on which the reader never ends costs one job and not the
 * process. Its adapter (workers/page-reader.ts) reads ordinary pages at once and unusual ones in a thread it can end.
 */
import type { ListingPageContext, ListingPageReading, PageText } from '../portal/listing-page.ts';

/**
 * Reads a page.
 * @throws ScraperError PARSING_ERROR: PARSE_TIMEOUT when it takes longer than allowed, PARSE_FAILED when it needs more
 * memory than allowed; the signal's reason when aborted.
 */
export type ReadListingPage = (
  page: PageText,
  context: ListingPageContext,
  signal: AbortSignal,
) => Promise<ListingPageReading>;
