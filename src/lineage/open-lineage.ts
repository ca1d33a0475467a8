/**
 * Audit events of runs and cities as OpenLineage run events (https://openlineage.io/spec/2-0-2/OpenLineage.json), for
 * catalogues that collect them. Pure.
 */
import { hash } from 'node:crypto';
import type { AuditEvent } from './audit-event.ts';

interface OpenLineageOptions {
  /** URI of the program and its version that makes the events. */
  readonly producer: string;
  /** Host the data comes from, as the namespace of what is read, e.g. `https://asunnot.oikotie.fi`. */
  readonly source: string;
  /** Absolute path of the database, as the name of where it is written. */
  readonly databasePath: string;
}

const schemaUrl = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';
const facetSchema = (name: string, version: string, definition: string) =>
  `https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${definition}`;

type RunState = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** The run event of an audit event; null for one that neither begins nor ends an execution or a city. */
export function openLineageEvent(event: AuditEvent, options: OpenLineageOptions): object | null {
  const state = stateOf(event);
  const { executionId, city, occurredAtUtc, message, details } = event;
  if (state === null || executionId === null) return null;
  const { producer, source, databasePath } = options;
  const facet = { _producer: producer };
  const parent = {
    parent: {
      ...facet,
      _schemaURL: facetSchema('ParentRunFacet', '1-0-1', 'ParentRunFacet'),
      run: { runId: runIdOf(executionId, null) },
      job: { namespace: 'oikotie', name: 'run' },
    },
  };
  const failure = {
    errorMessage: {
      ...facet,
      _schemaURL: facetSchema('ErrorMessageRunFacet', '1-0-1', 'ErrorMessageRunFacet'),
      ...{ message, programmingLanguage: 'TypeScript' },
    },
  };
  const statistics = {
    outputStatistics: {
      ...facet,
      _schemaURL: facetSchema('OutputStatisticsOutputDatasetFacet', '1-0-2', 'OutputStatisticsOutputDatasetFacet'),
      rowCount: countOf(details['new']) + countOf(details['changed']),
    },
  };
  return {
    eventType: state,
    eventTime: occurredAtUtc,
    producer,
    schemaURL: schemaUrl,
    run: {
      runId: runIdOf(executionId, city),
      facets: { ...(city === null ? {} : parent), ...(state === 'FAIL' ? failure : {}) },
    },
    job: { namespace: 'oikotie', name: city === null ? 'run' : `run.${city}` },
    inputs: city === null ? [] : [{ namespace: source, name: city }],
    outputs: [
      {
        ...{ namespace: 'file', name: `${databasePath}/listings` },
        ...(state === 'START' ? {} : { outputFacets: statistics }),
      },
    ],
  };
}

function stateOf({ type, severity, details }: AuditEvent): RunState | null {
  if (type === 'AUTOMATION_START' || type === 'CITY_EXECUTION_START') return 'START';
  if (type === 'CITY_EXECUTION_SUCCESS') return 'COMPLETE';
  if (type === 'CITY_EXECUTION_ERROR') return 'FAIL';
  if (type !== 'AUTOMATION_COMPLETE') return null;
  const { status } = details;
  if (status === 'completed' || status === 'degraded') return 'COMPLETE';
  if (status === 'failed' || severity === 'CRITICAL') return 'FAIL';
  return 'ABORT';
}

function countOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** The same execution and city are the same run, whoever says so: a UUID (version 8) made of their names. */
function runIdOf(executionId: string, city: string | null): string {
  const hex = hash('sha256', JSON.stringify([executionId, city]));
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
