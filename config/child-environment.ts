/**
 * The environment for processes that are to do only what their configuration file says: this one's, without the
 * variables that set a knob. Beside the loader this is the only place that touches the process environment.
 */
import { flattenKnobs } from './knob.ts';
import { settingsSchema } from './schema.ts';
import { secretFileVariable } from './secret-file.ts';

/** The variables of this process that are no settings of ours, and those of `more`. */
export function childEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const settings = new Set(
    flattenKnobs(settingsSchema, '').flatMap(({ knob }) => [knob.env, secretFileVariable(knob)]),
  );
  const kept = Object.entries(process.env).filter(([name]) => !settings.has(name));
  return { ...Object.fromEntries(kept), ...more };
}
