/**
 * The tables of the history: what each listing was, and when.
 */
import { fieldColumns, provenanceColumns } from './listing-columns.ts';
import type { TableSpec } from './table-spec.ts';
import { count, json, number, share, text, utc } from './table-spec.ts';

export const listingVersionsTable: TableSpec = {
  name: 'listing_versions',
  meaning:
    'What each listing was, and when: a row for each time it changed; `listings_as_of(time)` gives those of a time. ' +
    'One listing has no two versions with the same begin, and none that overlap',
  primaryKey: [],
  columns: [
    ...fieldColumns,
    utc('valid_from', 'When the page was fetched that first said so, or when the listing was seen again', 'clock'),
    utc('valid_to', 'When it ceased to hold: the begin of the next version, or gone; null while it holds', 'program'),
    text('end_reason', 'changed, or gone; null while it holds', 'program'),
    share('data_quality_score', 'Share of the expected fields that were read without an issue', 'program'),
    json('issues_json', 'Issues recorded while the page was read and stored', 'parser'),
    text('content_hash', 'SHA-256 of the field values', 'program'),
    ...provenanceColumns,
  ],
};

const listingId = text('listing_id', 'Listing', 'URL');

export const listingLinksTable: TableSpec = {
  name: 'listing_links',
  meaning:
    'Listings that advertise a home which was listed before under another id: found when a city is closed, never merged',
  primaryKey: ['listing_id'],
  columns: [
    listingId,
    text('earlier_listing_id', 'Listing that was gone before, of the same home', 'program'),
    share('score', 'How much they are alike; from `relisting.min_score` on', 'program'),
    json('reasons_json', 'In what they agree: field, points of the score, words', 'program'),
    utc('linked_at', 'When it was found', 'clock'),
    text('execution_id', 'Execution that found it', 'program'),
  ],
};

export const priceEventsView: TableSpec = {
  name: 'price_events',
  meaning: 'The first price of each listing, and each cut and raise since; of a rental, the rent',
  primaryKey: [],
  isView: true,
  columns: [
    listingId,
    text('deal_type', 'sale or rent', 'URL path'),
    utc('event_at', 'When the page was fetched that first showed the price', 'clock'),
    text('kind', 'first, cut or raise', 'derived'),
    number('DOUBLE', 'EUR or EUR/month', 'before_eur', 'Price before, of the same basis; null at the first', 'derived'),
    number('DOUBLE', 'EUR or EUR/month', 'price_eur', 'Price asked, or rent', 'derived'),
    number('DOUBLE', 'EUR or EUR/month', 'amount_eur', 'Difference; below 0 for a cut', 'derived'),
    number('DOUBLE', '%', 'percent', 'Difference of the price before; below 0 for a cut', 'derived'),
  ],
};

export const marketTimesView: TableSpec = {
  name: 'market_times',
  meaning:
    'How long each listing has been offered until now, alone and with the earlier listings of its home; ' +
    '`market_times_as_of(time)` says it for another time',
  primaryKey: [],
  isView: true,
  columns: [
    listingId,
    utc('listed_at', 'When it was published, or first seen when that is not known or later', 'derived'),
    utc('gone_at', 'When it was gone; null while it is offered', 'derived'),
    number(
      'DOUBLE',
      'days',
      'days_on_market',
      'Time it was offered; times in which it was gone do not count',
      'derived',
    ),
    count('earlier_listings', 'Earlier listings of its home that are linked', 'derived'),
    utc('home_listed_at', 'When the first of them was listed; `listed_at` when there is none', 'derived'),
    number('DOUBLE', 'days', 'home_days_on_market', 'Time the home was offered in all of them', 'derived'),
  ],
};
