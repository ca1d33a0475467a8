/**
 * Cities that are being collected: of them, a database or a snapshot has what is stored so far. Whoever reads is told, so that
 * half a city is not taken for the whole of it.
 */
import type { Session } from './session.ts';
import type { TableSpec } from './table-spec.ts';
import { text, utc } from './table-spec.ts';

export const openCitiesView: TableSpec = {
  name: 'open_cities',
  meaning:
    'Cities that a run has begun and not ended yet: what is stored of them is not whole. Empty while no run goes on; after one that was killed, until the next begins',
  primaryKey: [],
  isView: true,
  columns: [
    text('city', 'City of the task', 'configuration'),
    text('execution_id', 'Execution that collects it', 'program'),
    utc('open_since', 'When it began to be collected, or the run to go on', 'clock'),
  ],
};

/** Their names, each once, sorted. */
export async function selectOpenCities(session: Session): Promise<readonly string[]> {
  const rows = await session.rows('SELECT DISTINCT city FROM open_cities ORDER BY city', {});
  return rows.map((row) => String(row['city']));
}
