/**
 * What open pages show, rendered once for each state and language, with names for what was rendered: a page says which it has,
 * and is sent only what has changed since.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import type { Format } from '../format.ts';
import { createFormats } from '../format.ts';
import type { Language } from '../texts/common.ts';

/** HTML by the name of the part; a page puts it in place of the element with that name. */
export type Parts = Readonly<Record<string, string>>;

export interface HubContext {
  readonly language: Language;
  readonly format: Format;
  readonly nowMs: number;
}

export interface Rendition {
  /** Of this process and these parts alone. */
  readonly id: string;
  readonly parts: Parts;
}

export interface Renditions<State> {
  /** The same rendition as long as no part is another. */
  readonly of: (state: State, language: Language) => Rendition;
  /** Parts that were rendered not long ago, in whatever language; null when they are no longer known. */
  readonly known: (id: string) => Parts | null;
}

/** A page that was away for longer gets everything. */
const keptRenditions = 100;

export function createRenditions<State>(
  render: (state: State, context: HubContext) => Parts,
  clock: Pick<Clock, 'now'>,
): Renditions<State> {
  const formats = createFormats();
  // Another process must not take its ids for ours.
  const process = randomUUID();
  const kept = new Map<string, Parts>();
  const last = new Map<Language, { readonly state: State; readonly rendition: Rendition }>();
  let count = 0;

  const keep = (parts: Parts): Rendition => {
    count += 1;
    const id = `${process}.${count}`;
    kept.set(id, parts);
    const [oldest] = kept.keys();
    if (kept.size > keptRenditions && oldest !== undefined) kept.delete(oldest);
    return { id, parts };
  };

  return {
    of: (state, language) => {
      const before = last.get(language);
      if (before?.state === state) return before.rendition;
      const parts = render(state, { language, format: formats[language], nowMs: clock.now() });
      const isSame = before !== undefined && hasSameParts(before.rendition.parts, parts);
      const rendition = isSame ? before.rendition : keep(parts);
      last.set(language, { state, rendition });
      return rendition;
    },
    known: (id) => kept.get(id) ?? null,
  };
}

function hasSameParts(one: Parts, other: Parts): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

/** What a page that has `before` lacks. */
export function changedParts(before: Parts, now: Parts): Parts {
  return Object.fromEntries(Object.entries(now).filter(([name, html]) => before[name] !== html));
}
