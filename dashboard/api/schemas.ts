/**
 * The shapes of what is no row of a table: put together by the readers of the storage room, and checked against these in
 * the tests.
 */
import { z } from 'zod';
import { auditEventTypes, auditSeverities } from '../../src/lineage/audit-event.ts';
import { cityDayStates } from '../../src/storage/city-days-reader.ts';
import { daySchema, utcSchema } from './record-schema.ts';

const text = z.string();
const count = z.int().min(0);
const share = z.number().min(0).max(1);
const verdict = z.enum(['complete', 'partial', 'failed', 'foreign']);

export const cityTodaySchema = z.object({
  city: text,
  executionId: text,
  nominalDay: daySchema,
  verdict: verdict.nullable().meta({ description: 'Null while the city is being collected' }),
  isQuarantined: z.boolean(),
  reason: text.nullable().meta({ description: 'Why it is not complete' }),
  drift: text.nullable(),
  portalTotal: count.nullable(),
  discovered: count.nullable(),
  new: count.nullable(),
  changed: count.nullable(),
  unchanged: count.nullable(),
  gone: count.nullable(),
  failed: count.nullable(),
  requests: count.nullable(),
  startedAtUtc: utcSchema.nullable(),
  finishedAtUtc: utcSchema.nullable(),
  lastCompleteDay: daySchema.nullable(),
});

export const cityFactsSchema = z.object({
  city: text,
  firstDay: daySchema.nullable(),
  lastDay: daySchema.nullable(),
  lastCompleteDay: daySchema.nullable(),
  receipts: count,
  listingsOffered: count,
  listingsStored: count,
});

export const cityDaySchema = z.object({
  city: text,
  nominalDay: daySchema,
  state: z.enum(cityDayStates).meta({ description: 'Of the best run of the day; missed when no run had the city' }),
  executionId: text.nullable(),
  reason: text.nullable(),
  discovered: count.nullable(),
  portalTotal: count.nullable(),
});

export const openQuarantineSchema = z.object({
  executionId: text,
  city: text,
  state: z.enum(['open', 'released', 'discarded']),
  reason: text,
  listings: count,
  released: count.nullable(),
  openedAtUtc: utcSchema,
  closedAtUtc: utcSchema.nullable(),
});

const fieldCoverageSchema = z.object({
  dealType: z.enum(['sale', 'rent']),
  field: text.meta({ description: 'Column of listings' }),
  pages: count,
  present: count,
  usualShare: share.nullable().meta({ description: 'Median share of the runs compared with [0 to 1]' }),
  runs: count,
});

export const cityQualitySchema = z.object({
  city: text,
  run: z
    .object({
      executionId: text,
      startedAtUtc: utcSchema,
      verdict,
      isQuarantined: z.boolean(),
      drift: text.nullable(),
      discovered: count,
      coverage: z.array(fieldCoverageSchema),
      usualVolume: z.number().nullable(),
      volumeRuns: count,
    })
    .nullable(),
  scores: z.object({ listings: count, mean: share.nullable(), lowest: share.nullable(), low: count }),
  flags: z.array(z.object({ code: text, field: text.nullable(), listings: count })),
});

const changes = { new: count, changed: count, unchanged: count, unfetched: count, removed: count };
const dataChangesSchema = z.object({ ...changes, goneCandidates: count, failed: count });

export const auditReportSchema = z.object({
  executionId: text,
  nominalDay: daySchema,
  status: text,
  startedAtUtc: utcSchema.nullable(),
  finishedAtUtc: utcSchema.nullable(),
  executionTimeSeconds: z.number().nullable(),
  missingParts: z.array(z.object({ part: text, reason: text })),
  dataChanges: dataChangesSchema,
  cities: z.array(
    dataChangesSchema.extend({
      city: text,
      verdict: verdict.nullable(),
      reason: text.nullable(),
      startedAtUtc: utcSchema.nullable(),
      finishedAtUtc: utcSchema.nullable(),
      discovered: count,
      requests: count,
      retries: count,
      rateLimitHits: count,
      breakerTrips: count,
    }),
  ),
  requests: z.array(
    z.object({
      kind: text,
      requests: count,
      failed: count,
      bytes: count,
      medianMs: z.number().nullable(),
      p95Ms: z.number().nullable(),
      maxMs: z.number().nullable(),
    }),
  ),
  errors: z.array(z.object({ category: text, requests: count, givenUp: count })),
  eventCounts: z.partialRecord(z.enum(auditEventTypes), count),
  timeline: z.array(
    z.object({
      occurredAtUtc: utcSchema,
      type: z.enum(auditEventTypes),
      severity: z.enum(auditSeverities),
      city: text.nullable(),
      nodeId: text,
      correlationId: text.nullable(),
      message: text,
    }),
  ),
  eventsLeftOut: count,
});

export const originSchema = z.object({
  origin: z.object({
    listingId: text,
    url: text,
    city: text,
    address: text.nullable(),
    executionId: text,
    requestUrl: text,
    fetchedAtUtc: utcSchema,
    firstSeenAtUtc: utcSchema,
    lastSeenAtUtc: utcSchema,
    goneAtUtc: utcSchema.nullable(),
    goneReason: text.nullable(),
    responseSha256: text,
    parser: text,
    nodeId: text,
    dataQualityScore: share,
    executionStatus: text.nullable(),
    nominalDay: daySchema.nullable(),
    verdict: text.nullable(),
    outcome: text.nullable(),
  }),
  request: z
    .object({
      sentAtUtc: utcSchema,
      status: z.int().nullable(),
      durationMs: z.number(),
      bodyBytes: count,
      nodeId: text,
    })
    .nullable()
    .meta({ description: 'Null when single requests of that day are no longer kept' }),
  versions: z.array(
    z.object({
      validFromUtc: utcSchema,
      validToUtc: utcSchema.nullable(),
      endReason: text.nullable(),
      executionId: text,
      responseSha256: text,
      parser: text,
      priceEur: z.number().nullable(),
      rentEurMonth: z.number().nullable(),
    }),
  ),
  lineage: z.array(
    z.object({
      operation: z.enum(['INSERT', 'UPDATE', 'DELETE']),
      executionId: text,
      transformation: text,
      dataSource: text,
      status: z.int().nullable(),
      fetchedAtUtc: utcSchema.nullable(),
      responseSha256: text.nullable(),
    }),
  ),
});

export const dataDictionarySchema = z.object({
  tables: z.array(
    z.object({
      name: text,
      meaning: text,
      primaryKey: z.array(text),
      isView: z.boolean(),
      columns: z.array(z.object({ name: text, type: text, unit: text.nullable(), meaning: text, source: text })),
    }),
  ),
});

export const datasetSchema = z.object({
  version: text,
  generatedAtUtc: text,
  executionId: text,
  nominalDay: daySchema,
  status: text,
  schemaVersion: count,
  openCities: z.array(text).meta({ description: 'Cities that were not whole when it was written' }),
  tables: z.array(z.object({ name: text, rows: count })),
  files: count,
  bytes: count,
});
