/**
 * Every knob of one entry of `tasks`: one city to collect. Tasks are set by the file alone; no environment variable
 * reaches into a list.
 */

import { proxyKind } from './crawler-schema.ts';
import type { Kind } from './kinds.ts';
import { booleanKind, choiceKind, nullable, numberKind, textKind, textListKind, wholeNumberKind } from './kinds.ts';
import type { ValuesOf } from './knob.ts';
import { knob, requiredKnob } from './knob.ts';

type Bounds = readonly [number, number, number, number];

const boundsKind: Kind<Bounds> = {
  expected: '[min_lon, min_lat, max_lon, max_lat] in degrees',
  accepts: (value): value is Bounds =>
    Array.isArray(value) && value.length === 4 && value.every((degrees) => Number.isFinite(degrees)),
  fromText: (text) => text,
};

/** One entry of the file's `tasks`. */
export const taskSchema = {
  city: requiredKnob({
    doc: 'City to collect, by its Finnish name; the key of the task.',
    kind: textKind('the name of a city'),
  }),
  enabled: requiredKnob({ doc: 'Whether a run collects this city.', kind: booleanKind }),
  url: requiredKnob({
    doc: "Search page of the city, with the portal's `locations` and `cardType` (100 sale, 101 rent).",
    unit: 'http(s) URL',
    kind: textKind('an http(s) URL', /^https?:\/\/[^\s/]+/i),
  }),
  max_detail_workers: knob(5, {
    doc: 'Listing pages of this city fetched at once.',
    unit: 'requests',
    kind: wholeNumberKind('a whole number from 1 to 100', { min: 1, max: 100 }),
  }),
  rate_limit_seconds: knob(1, {
    doc: 'Smallest time between two requests for this city.',
    unit: 's',
    kind: numberKind('a number of 0 or more', { min: 0 }),
  }),
  coordinate_bounds: knob(null, {
    doc: 'Box that the listings of the city lie in, as [min_lon, min_lat, max_lon, max_lat].',
    unit: 'degrees WGS84',
    kind: nullable(boundsKind),
  }),
  geospatial_sources: knob([], {
    doc: 'Public sources of buildings and addresses for this city.',
    kind: textListKind('a list of names such as ["osm_buildings"]', /^[a-z][a-z0-9_]*$/),
  }),
  priority: knob(1, {
    doc: 'Cities with a higher number run first.',
    kind: wholeNumberKind('a whole number from -1000 to 1000', { min: -1000, max: 1000 }),
  }),
  data_governance: {
    max_requests_per_second: knob(null, {
      doc: 'Requests for this city per second at most; the slower of this and rate_limit_seconds holds.',
      unit: 'requests/s',
      kind: nullable(numberKind('a number above 0', { min: Number.MIN_VALUE })),
    }),
    bulk_download_preference: knob(true, {
      doc: 'Fetch only the listing pages that are new or whose card has changed, and let the search pages tell the rest; prefer a whole data set over single look-ups where a geospatial source offers one. false fetches every page of every run.',
      kind: booleanKind,
    }),
    daily_request_budget: knob(20_000, {
      doc: 'Requests for this city a day (Helsinki time), of every kind; then the city stops as partial with that reason. null sets no budget.',
      unit: 'requests',
      kind: nullable(wholeNumberKind('a whole number of 1 or more', { min: 1 })),
    }),
    cache_duration_hours: knob(24, {
      doc: 'How long an answer of a geospatial source is kept.',
      unit: 'h',
      kind: numberKind('a number of 0 or more', { min: 0 }),
    }),
  },
  fetch_mode: knob('auto', {
    doc: 'How pages are fetched: plain `http`, a `browser` for all of them, or `auto`: http, and the browser for search pages while the JSON search does not work.',
    kind: choiceKind(['http', 'browser', 'auto']),
  }),
  proxy_url: knob(null, {
    doc: 'Proxy for this city in place of crawler.http_proxy and https_proxy.',
    unit: 'http(s) URL',
    sensitive: true,
    kind: nullable(proxyKind),
  }),
  listing_limit: knob(null, {
    doc: 'Listing pages of this city per run at most; null takes all.',
    unit: 'listings',
    kind: nullable(wholeNumberKind('a whole number of 1 or more', { min: 1 })),
  }),
};

export type Task = ValuesOf<typeof taskSchema>;
