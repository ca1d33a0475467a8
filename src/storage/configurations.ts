/**
 * The settings of executions: a row where they are other than before.
 */
import { z } from 'zod';
import type { KeptConfiguration } from '../jobs/series-store.ts';
import type { Session } from './session.ts';

const configurationRow = z.object({ executionId: z.string(), settings: z.string() });
const settingsSchema = z.record(z.string(), z.unknown());

/** Keeps the settings unless the last ones are the same; gives those that were kept before, or null. */
export async function keepConfiguration(
  session: Session,
  { executionId, inForceFromUtc, settings }: KeptConfiguration & { readonly inForceFromUtc: string },
): Promise<KeptConfiguration | null> {
  const [row] = await session.rows(
    `SELECT execution_id AS executionId, settings_json::VARCHAR AS settings FROM configurations
      ORDER BY rowid DESC LIMIT 1`,
    {},
  );
  const last = row === undefined ? null : configurationRow.parse(row);
  const text = JSON.stringify(settings);
  if (last?.settings !== text) {
    await session.run('INSERT INTO configurations VALUES ($executionId, $inForceFromUtc::TIMESTAMP, $text::JSON)', {
      ...{ executionId, inForceFromUtc, text },
    });
  }
  if (last === null) return null;
  return { executionId: last.executionId, settings: settingsSchema.parse(JSON.parse(last.settings)) };
}
