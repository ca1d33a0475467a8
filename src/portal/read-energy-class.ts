/**
 * The energy class and the last day of its certificate, in the ways pages print them: `D2018 Voimassa 21.06.2035.`,
 * `Energialuokka: C2018, Energiatodistuksen voimassaoloaika: 14.12.2033`, `F2007`.
 * A home that needs no certificate has none, without an issue.
 */
import type { Reading } from '../listings/issue.ts';
import { daysIn } from './read-date.ts';
import { readingOf, unreadable } from './reading.ts';

export interface EnergyClass {
  /** Letter and year of the rules, e.g. `D2018`; the letter alone when no year is printed. */
  readonly energyClass: string | null;
  /** `YYYY-MM-DD`. */
  readonly validUntil: string | null;
}

const classWithYear = /(?<![\p{L}\d])([A-G])\s?(20\d{2})(?!\d)/giu;
const classAlone = /^(?:energialuokka:?\s*)?([A-G])(?=$|[\s,.(])/iu;
const certificateNotNeeded = /(?<!\p{L})ei(?!\p{L}).*(?:energiatodistu|vaadi|tarvi|edellyt)/isu;

/** Reads the class; several different classes are left empty with an issue. */
export function readEnergyClass(text: string, field: string): Reading<EnergyClass | null> {
  const scanned = text.trim().slice(0, 500);
  if (scanned === '' || scanned === '-') return readingOf(null);
  const days = daysIn(scanned);
  const validUntil = days.length === 1 ? (days[0] ?? null) : null;
  const classes = new Set<string>();
  for (const match of scanned.matchAll(classWithYear)) classes.add(`${(match[1] ?? '').toUpperCase()}${match[2]}`);
  const [found] = classes;
  if (classes.size > 1) {
    return {
      ...unreadable(field, `one energy class, got ${classes.size}`, text),
      value: { energyClass: null, validUntil },
    };
  }
  const energyClass = found ?? classAlone.exec(scanned)?.[1]?.toUpperCase();
  if (energyClass !== undefined) return readingOf({ energyClass, validUntil });
  if (certificateNotNeeded.test(scanned)) return readingOf(null);
  return unreadable(field, 'an energy class such as D2018', text);
}
