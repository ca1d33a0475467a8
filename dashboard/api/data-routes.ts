/** The data: listings and their past, prices, times on the market, the dictionary, the datasets. */
import { z } from 'zod';
import { toUtcIso } from '../../src/clock.ts';
import { dealTypes, listingFields } from '../../src/listings/fields.ts';
import { listDatasets } from '../../src/storage/dataset.ts';
import { readOrigin } from '../../src/storage/explain-reader.ts';
import { readListingHistory } from '../../src/storage/history-reader.ts';
import {
  listingLinksTable,
  listingVersionsTable,
  marketTimesView,
  priceEventsView,
} from '../../src/storage/history-tables.ts';
import type { QueryRow } from '../../src/storage/query.ts';
import {
  listingRecords,
  listingVersionRecords,
  marketTimeRecords,
  priceEventRecords,
} from '../../src/storage/record-sources.ts';
import { readRecords, recordNameOf } from '../../src/storage/records.ts';
import type { ColumnSpec } from '../../src/storage/table-spec.ts';
import { tables } from '../../src/storage/tables.ts';
import {
  choiceParameter,
  flagParameter,
  instantParameter,
  numberParameter,
  textParameter,
  wholeNumberParameter,
} from './parameters.ts';
import { ApiProblem } from './problem.ts';
import { recordSchema } from './record-schema.ts';
import type { ApiRoute } from './route.ts';
import { otherRoute, pageRoute, seriesRoute } from './route.ts';
import { dataDictionarySchema, datasetSchema, originSchema } from './schemas.ts';

const mostRooms = 100;
const listingIdInPath = { listingId: textParameter('Id of the listing') };
const city = textParameter('Only this city, in any case');
const dealType = choiceParameter('Only for sale or only for rent', dealTypes);
const listingId = textParameter('Only of this listing');
const isOffered = flagParameter('Only those that are offered (true) or gone (false)');

const listingSchema = recordSchema(listingRecords);
const linkSchema = recordSchema({
  columns: listingLinksTable.columns,
  key: ['listing_id'],
  required: listingLinksTable.columns.map(({ name }) => name),
});

const listings = pageRoute({
  name: 'listListings',
  path: '/listings',
  scope: 'read:data',
  group: 'Data',
  summary: 'Listings as they are or were last; with asOf those that were offered at an instant, as they were then',
  inPath: {},
  filters: {
    city,
    dealType,
    buildingType: choiceParameter('Only of this type', listingFields.buildingType.values ?? []),
    postalCode: textParameter('Only with this postal code', 5),
    minPriceEur: numberParameter('Price, or of a rental the rent a month, in EUR, from this on'),
    maxPriceEur: numberParameter('Price, or of a rental the rent a month, in EUR, up to this'),
    minAreaM2: numberParameter('Living area in m2 from this on'),
    maxAreaM2: numberParameter('Living area in m2 up to this'),
    minRooms: wholeNumberParameter('Rooms from this on', 0, mostRooms),
    maxRooms: wholeNumberParameter('Rooms up to this', 0, mostRooms),
    fetchedSince: instantParameter('Only those whose page was fetched at this instant or later'),
    text: textParameter('Part of the address, district, title or description, in any case'),
    isOffered,
    asOf: instantParameter('As they were at this instant'),
  },
  source: listingRecords,
  otherSource: { source: listingVersionRecords, isMeant: ({ asOf }) => asOf !== undefined },
  hasLines: true,
});

const listing = seriesRoute({
  name: 'getListing',
  path: '/listings/:listingId',
  scope: 'read:data',
  group: 'Data',
  summary: 'One listing as it is or was last',
  inPath: listingIdInPath,
  inQuery: {},
  answer: { listing: listingSchema },
  read: async ({ inPath }, { database }) => {
    const question = { filters: inPath, limit: 1, isCounted: false };
    const [line] = (await readRecords(database, listingRecords, question)).lines;
    if (line === undefined) throw unknownListing(inPath.listingId);
    return { listing: JSON.parse(line) as unknown };
  },
});

const history = seriesRoute({
  name: 'getListingHistory',
  path: '/listings/:listingId/history',
  scope: 'read:data',
  group: 'Data',
  summary: 'What a listing was and when: versions, prices, days on the market, other listings of the home',
  inPath: listingIdInPath,
  inQuery: {},
  answer: {
    listing: listingSchema,
    versions: z.array(recordSchema(listingVersionRecords)),
    priceEvents: z.array(recordSchema({ ...priceEventRecords, columns: priceEventsView.columns })),
    marketTimes: recordSchema({ ...marketTimeRecords, columns: marketTimesView.columns }),
    earlier: z.array(linkSchema),
    later: z.array(linkSchema),
  },
  read: async ({ inPath }, { database, edition }) => {
    // Until the snapshot was made: so the answer holds as long as the snapshot does.
    const found = await readListingHistory(database, inPath.listingId, edition.publishedAtMs);
    if (found === null) throw unknownListing(inPath.listingId);
    const named = (columns: readonly ColumnSpec[]) => (row: QueryRow) => recordOf(columns, row);
    return {
      listing: recordOf(listingRecords.columns, found.listing),
      versions: found.versions.map(named(listingVersionsTable.columns)),
      priceEvents: found.priceEvents.map(named(priceEventsView.columns)),
      marketTimes: recordOf(marketTimesView.columns, found.marketTimes),
      earlier: found.earlier.map(named(listingLinksTable.columns)),
      later: found.later.map(named(listingLinksTable.columns)),
    };
  },
});

const lineage = seriesRoute({
  name: 'getListingLineage',
  path: '/listings/:listingId/lineage',
  scope: 'read:audit',
  group: 'Audit',
  summary: 'The way from the row of a listing back to the response it was read from',
  inPath: listingIdInPath,
  inQuery: {},
  answer: originSchema.shape,
  read: async ({ inPath }, { database }) => ({
    ...(await database.use((session) => readOrigin(session, inPath.listingId))),
  }),
});

const priceEvents = pageRoute({
  name: 'listPriceEvents',
  path: '/price-events',
  scope: 'read:data',
  group: 'Data',
  summary: 'First prices, cuts and raises, latest first; of a rental, the rent',
  inPath: {},
  filters: {
    city,
    dealType,
    kind: choiceParameter('Only of this kind', ['first', 'cut', 'raise']),
    listingId,
    since: instantParameter('From this instant on'),
    until: instantParameter('Before this instant'),
  },
  source: priceEventRecords,
});

const marketTimes = pageRoute({
  name: 'listMarketTimes',
  path: '/market-times',
  scope: 'read:data',
  group: 'Data',
  summary: 'How long each listing was offered until the snapshot was made, or until asOf',
  inPath: {},
  filters: { city, dealType, listingId, isOffered, asOf: instantParameter('Until this instant') },
  source: marketTimeRecords,
  always: ({ edition }) => ({ asOf: toUtcIso(edition.publishedAtMs) }),
});

const dataDictionary = otherRoute({
  name: 'getDataDictionary',
  path: '/data-dictionary',
  scope: 'read:data',
  group: 'Data',
  summary: 'Every table and column of the database, with unit and meaning',
  answer: dataDictionarySchema,
  read: async () => ({ tables: tables.map((table) => ({ ...table, isView: table.isView === true })) }),
});

const datasets = otherRoute({
  name: 'listDatasets',
  path: '/datasets',
  scope: 'read:data',
  group: 'Data',
  summary: 'The datasets that have been written, newest first',
  answer: z.object({ datasets: z.array(datasetSchema) }),
  read: async ({ dashboard }) => {
    const manifests = await listDatasets(dashboard.datasetsFolder);
    return {
      datasets: manifests.map(({ files, tables: written, format, program, licence, receipts, ...facts }) => ({
        ...facts,
        tables: written.map(({ name, rows }) => ({ name, rows })),
        files: files.length,
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      })),
    };
  },
});

/** A row by column as the other answers name its fields. */
function recordOf(columns: readonly ColumnSpec[], row: QueryRow): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map((column) => [recordNameOf(column), row[column.name] ?? null]));
}

function unknownListing(listingId: string): ApiProblem {
  return new ApiProblem('not-found', `listing ${listingId}: expected the id of a stored listing, got one that is not`);
}

export const dataRoutes: readonly ApiRoute[] = [
  listings,
  listing,
  history,
  lineage,
  priceEvents,
  marketTimes,
  dataDictionary,
  datasets,
];
