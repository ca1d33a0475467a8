/**
 * Invented listings for the benchmarks of the store, as wide as real ones.
 */
import type { ListingWrite } from '../src/jobs/store-writes.ts';
import type { ListingRecord } from '../src/listings/fields.ts';
import { listingFieldNames, listingFields } from '../src/listings/fields.ts';

const labels = 50;

/** A listing as wide as a real one: about three fields of four filled, 50 labels, 600 characters of text; 4 KB. */
function sampleRecord(id: number, version: number): ListingRecord {
  const fields: Record<string, unknown> = {};
  listingFieldNames.forEach((name, index) => {
    fields[name] = (id + index) % 4 === 0 ? null : sampleValue(listingFields[name].type, id + index, version);
  });
  const details: Record<string, string> = {};
  for (let label = 0; label < labels; label++)
    details[`${(label * 37) % labels} otsikko`] = `arvo ${id + label} € / kk, tietoa`;
  const record = {
    ...fields,
    listingId: String(10_000_000 + id),
    url: `https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/${10_000_000 + id}`,
    dealType: 'sale',
    city: 'Helsinki',
    description: `Keksitty koti numero ${id}. `.repeat(25),
    otherDetailsJson: details,
  };
  // The names come from the field table and the required ones are set above, which the compiler cannot follow.
  return record as unknown as ListingRecord;
}

function sampleValue(type: string, seed: number, version: number): unknown {
  if (type === 'number') return (seed % 100_000) + version / 100;
  if (type === 'integer') return (seed % 1000) + version;
  if (type === 'boolean') return seed % 2 === 0;
  if (type === 'date') return '2035-12-31';
  if (type === 'timestamp') return '2026-11-01T10:00:00.000Z';
  return `teksti ${seed % 500}`;
}

/** The page of the listing in this version, one hour after the version before. */
export function sampleWrite(id: number, version: number): ListingWrite {
  return {
    record: sampleRecord(id, version),
    issues: [],
    dataQualityScore: 0.95,
    provenance: {
      executionId: `execution-${version}`,
      requestUrl: `https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/${10_000_000 + id}`,
      status: 200,
      fetchedAtUtc: new Date(Date.UTC(2026, 0, 1) + version * 3_600_000).toISOString(),
      responseSha256: 'ab'.repeat(32),
      parser: 'listing-page/1',
      etag: null,
      lastModified: null,
      cardHash: 'bench',
      nodeId: 'bench',
    },
  };
}
