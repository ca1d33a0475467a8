/**
 * Run events against what OpenLineage 2-0-2 requires (https://openlineage.io/spec/2-0-2/OpenLineage.json and the facets it
 * refers to), written down by hand: no package brings the schema.
 */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AuditEvent } from '../../src/lineage/audit-event.ts';
import { openLineageEvent } from '../../src/lineage/open-lineage.ts';
import { auditEvent } from './audit-sample.ts';

const uri = z.string().refine((text) => URL.canParse(text), 'a URI');
const baseFacet = { _producer: uri, _schemaURL: uri };
const job = z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) });
const runId = z.uuid();

const runFacets = z.strictObject({
  parent: z.strictObject({ ...baseFacet, run: z.strictObject({ runId }), job }).optional(),
  errorMessage: z.strictObject({ ...baseFacet, message: z.string(), programmingLanguage: z.string() }).optional(),
});
const outputFacets = z.strictObject({
  outputStatistics: z.strictObject({ ...baseFacet, rowCount: z.int().min(0) }),
});

/** Strict, although the schema allows more: a field that is spelt wrong is one that is missing. */
const runEvent = z.strictObject({
  eventType: z.enum(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']),
  eventTime: z.iso.datetime(),
  producer: uri,
  schemaURL: z.literal('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'),
  run: z.strictObject({ runId, facets: runFacets }),
  job,
  inputs: z.array(z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) })),
  outputs: z.array(
    z.strictObject({ namespace: z.string().min(1), name: z.string().min(1), outputFacets: outputFacets.optional() }),
  ),
});

const options = {
  ...{ producer: 'pkg:npm/oikotie@1.2.3', source: 'https://asunnot.oikotie.fi' },
  databasePath: '/srv/data/real_estate.duckdb',
};
const toldOf = (fields: Partial<AuditEvent>) => runEvent.parse(openLineageEvent(auditEvent(fields), options));

describe('an OpenLineage run event', () => {
  it.each([
    ['START', { type: 'AUTOMATION_START', city: null, details: {} }],
    ['START', { type: 'CITY_EXECUTION_START', details: {} }],
    ['COMPLETE', { type: 'CITY_EXECUTION_SUCCESS', details: { new: 3, changed: 1 } }],
    ['FAIL', { type: 'CITY_EXECUTION_ERROR', severity: 'ERROR', details: { new: 0 } }],
    ['COMPLETE', { type: 'AUTOMATION_COMPLETE', city: null, details: { status: 'degraded', new: 3 } }],
    ['ABORT', { type: 'AUTOMATION_COMPLETE', city: null, details: { status: 'interrupted' } }],
    ['FAIL', { type: 'AUTOMATION_COMPLETE', city: null, severity: 'CRITICAL', details: {} }],
  ] as const)('%s of %j has what the specification requires, and nothing it does not know', (state, fields) => {
    const told = toldOf(fields);

    expect(told.eventType).toBe(state);
    expect(told.run.facets.parent === undefined).toBe('city' in fields);
    expect(told.run.facets.errorMessage === undefined).toBe(state !== 'FAIL');
    expect(told.outputs[0]?.outputFacets === undefined).toBe(state === 'START');
  });

  it('says what it is a part of by the id that its run has itself', () => {
    const city = toldOf({ type: 'CITY_EXECUTION_START', details: {} });
    const run = toldOf({ type: 'AUTOMATION_START', city: null, details: {} });

    expect(city.run.facets.parent).toMatchObject({ run: { runId: run.run.runId }, job: run.job });
    expect(city.run.runId).not.toBe(run.run.runId);
  });
});
