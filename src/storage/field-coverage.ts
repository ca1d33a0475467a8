/**
 * What the pages that a run fetched of a city had, set beside the city's recent complete runs. Pages whose changes are in
 * quarantine count as fetched, so that asking again gives the same; a run in quarantine is no example, unless it was
 * released: from then on it is the first example of what had drifted.
 */
import { z } from 'zod';
import { columnOf, requiredFields } from '../listings/fields.ts';
import type { CityMeasure, DriftLimits } from '../quality/judge-drift.ts';
import { fieldColumns } from './listing-columns.ts';
import type { Session } from './session.ts';

const required: readonly string[] = requiredFields.map(columnOf);
const judgedNames = fieldColumns.map(({ name }) => name).filter((name) => !required.includes(name));

const forgetCoverage = 'DELETE FROM field_coverage WHERE execution_id = $executionId AND city = $city';

const ofRun = 'WHERE execution_id = $executionId AND city = $city';
const addCoverage = `INSERT INTO field_coverage
  SELECT $executionId, $city, deal_type, unnest([${judgedNames.map((name) => `'${name}'`).join(', ')}]), count(*),
    unnest([${judgedNames.map((name) => `count(${name})`).join(', ')}])
  FROM (
    SELECT deal_type, ${judgedNames.join(', ')} FROM listings ${ofRun}
    UNION ALL SELECT deal_type, ${judgedNames.join(', ')} FROM quarantined_versions ${ofRun}
  ) GROUP BY deal_type`;

/** Earlier complete runs of the city that may be compared with. */
const earlierRuns = `earlier AS (
  SELECT c.execution_id, c.started_at, c.discovered
  FROM city_executions c LEFT JOIN quarantines q ON q.execution_id = c.execution_id AND q.city = c.city
  WHERE c.city = $city AND c.verdict = 'complete' AND (q.state IS NULL OR q.state = 'released')
    AND c.started_at < (SELECT started_at FROM city_executions WHERE execution_id = $executionId AND city = $city)
), accepted AS (
  SELECT c.started_at, json_extract_string(q.drifts_json, '$[*].field') AS fields,
    list_contains(json_extract_string(q.drifts_json, '$[*].kind'), 'volume') AS has_volume
  FROM quarantines q JOIN city_executions c ON c.execution_id = q.execution_id AND c.city = q.city
  WHERE q.city = $city AND q.state = 'released'
)`;

const selectCoverage = `WITH ${earlierRuns}, since AS (
  SELECT field, max(started_at) AS started_at FROM (SELECT unnest(fields) AS field, started_at FROM accepted) GROUP BY field
), examples AS (
  SELECT f.deal_type, f.field, f.present / f.rows AS share
  FROM field_coverage f JOIN earlier e ON e.execution_id = f.execution_id LEFT JOIN since s ON s.field = f.field
  WHERE f.city = $city AND f.rows >= $minPages AND (s.started_at IS NULL OR e.started_at >= s.started_at)
  QUALIFY row_number() OVER (PARTITION BY f.deal_type, f.field ORDER BY e.started_at DESC) <= $historyRuns
), usual AS (
  SELECT deal_type, field, median(share)::DOUBLE AS share, count(*) AS runs FROM examples GROUP BY deal_type, field
)
SELECT f.deal_type AS dealType, f.field, f.rows::DOUBLE AS pages, f.present::DOUBLE AS present, u.share AS usualShare,
  coalesce(u.runs, 0)::DOUBLE AS runs
FROM field_coverage f LEFT JOIN usual u ON u.deal_type = f.deal_type AND u.field = f.field
WHERE f.execution_id = $executionId AND f.city = $city
ORDER BY f.deal_type, f.field`;
const coverageRow = z.object({
  dealType: z.enum(['sale', 'rent']),
  field: z.string(),
  pages: z.number(),
  present: z.number(),
  usualShare: z.number().nullable(),
  runs: z.number(),
});

const selectVolume = `WITH ${earlierRuns}, examples AS (
  SELECT discovered FROM earlier
  WHERE started_at >= coalesce((SELECT max(started_at) FROM accepted WHERE has_volume), '-infinity')
  ORDER BY started_at DESC LIMIT $historyRuns
)
SELECT median(discovered)::DOUBLE AS usualVolume, count(*)::DOUBLE AS volumeRuns FROM examples`;
const volumeRow = z.object({ usualVolume: z.number().nullable(), volumeRuns: z.number() });

type MeasureLimits = Pick<DriftLimits, 'historyRuns' | 'minPages'>;

/** Counts the fields of the pages that the run fetched, and keeps the counts. To be run inside a transaction. */
export async function countFields(session: Session, executionId: string, city: string): Promise<void> {
  await session.run(forgetCoverage, { executionId, city });
  await session.run(addCoverage, { executionId, city });
}

/** The kept counts of the run beside those of the city's recent complete runs. */
export async function selectMeasure(
  session: Session,
  run: { readonly executionId: string; readonly city: string },
  { historyRuns, minPages }: MeasureLimits,
): Promise<CityMeasure> {
  const { executionId, city } = run;
  const coverage = await session.rows(selectCoverage, { executionId, city, historyRuns, minPages });
  const [volume] = await session.rows(selectVolume, { executionId, city, historyRuns });
  return { coverage: coverage.map((row) => coverageRow.parse(row)), ...volumeRow.parse(volume) };
}
