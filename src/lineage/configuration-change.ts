/**
 * What is other in the settings of a run than in those that were in force before, as an audit event.
 */
import type { AuditEntry } from './audit-recorder.ts';

/** Each setting by its key, secrets hidden. */
export type ShownSettings = Readonly<Record<string, unknown>>;

interface SettingChange {
  readonly key: string;
  /** Null when the key was not there, or had no value. */
  readonly from: unknown;
  readonly to: unknown;
}

/** The settings that differ, by key; a value that is hidden in both looks the same. */
function changesOf(before: ShownSettings, after: ShownSettings): readonly SettingChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .map((key) => ({ key, from: before[key] ?? null, to: after[key] ?? null }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}

/** The event; null when nothing changed. @param before the settings kept last and the execution that had them first */
export function configurationEvent(
  before: { readonly executionId: string; readonly settings: ShownSettings },
  after: ShownSettings,
): AuditEntry | null {
  const changes = changesOf(before.settings, after);
  if (changes.length === 0) return null;
  const keys = changes.map(({ key }) => key);
  const more = keys.length > 5 ? ` and ${keys.length - 5} more` : '';
  return {
    type: 'CONFIGURATION_CHANGE',
    severity: 'WARNING',
    city: null,
    message: `the configuration is another than that of ${before.executionId}: ${keys.slice(0, 5).join(', ')}${more}`,
    details: { changes, previousExecutionId: before.executionId },
  };
}
