/**
 * The thread of workers/page-reader.ts: reads one page per message and says what it read. It says `ready` once its code
 * is loaded, so that loading does not count as reading.
 */
import { parentPort } from 'node:worker_threads';
import type { ListingPageContext } from '../src/portal/listing-page.ts';
import { parseListingPage } from '../src/portal/listing-page.ts';

/** A page as it goes into the thread; the reading comes back. */
export interface PageMessage {
  readonly html: string;
  readonly context: ListingPageContext;
}

parentPort?.on('message', ({ html, context }: PageMessage) => {
  parentPort?.postMessage(parseListingPage(html, context));
});
parentPort?.postMessage('ready');
