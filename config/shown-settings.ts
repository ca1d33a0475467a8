/**
 * The settings in force as they may be kept and printed: by key, with secrets hidden. A task is named by its city, so that
 * taking one out of the list does not look like a change of all that follow.
 */
import { maskSecret } from './mask-secret.ts';
import type { EffectiveKnob } from './read-section.ts';

/** What may be shown of one setting. */
export function shownValue({ value, knob }: Pick<EffectiveKnob, 'value' | 'knob'>): unknown {
  return knob.sensitive ? maskSecret(value, knob.sensitive) : value;
}

/** Every setting by its key, e.g. `tasks[Espoo].rate_limit_seconds`. */
export function showSettings(knobs: readonly EffectiveKnob[]): Readonly<Record<string, unknown>> {
  const cityOf = new Map<string, string>();
  for (const { path, value } of knobs) {
    const [, place] = /^(tasks\[\d+\])\.city$/.exec(path) ?? [];
    if (place !== undefined) cityOf.set(place, String(value));
  }
  const entries = knobs.map((knob) => {
    const place = knob.path.slice(0, knob.path.indexOf('.'));
    const city = cityOf.get(place);
    const key = city === undefined ? knob.path : `tasks[${city}]${knob.path.slice(place.length)}`;
    return [key, shownValue(knob)] as const;
  });
  return Object.fromEntries(entries);
}
