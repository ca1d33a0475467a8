/**
 * What a label of a listing page is: its section, how often it occurs, and how its value is printed for a home together
 * with the typed fields a correct reader takes from that very print. Labels and frequencies follow recorded pages.
 */
import type { ListingRecord } from '../../src/listings/fields.ts';
import { amountWithCents, eurosOf, eurosPerMonth, NBSP } from '../finnish-format.ts';
import type { Home } from '../home.ts';
import type { Random } from '../random.ts';
import { hashOf } from '../random.ts';

export const sections = [
  'Perustiedot',
  'Hintatiedot ja muut kustannukset',
  'Talon ja tontin tiedot',
  'Tilat ja materiaalit',
] as const;
export type Section = (typeof sections)[number];

export interface Printed {
  /** The value as text, before HTML escaping; `\n` is a line break. */
  readonly text: string;
  /** The typed fields this print says. */
  readonly fields?: Partial<ListingRecord>;
  /** The value as kept when contacts are masked; absent when it is the visible text. */
  readonly masked?: string;
  /** Content of the `dd` when it is more than escaped text. */
  readonly html?: string;
}

export interface LabelSpec {
  readonly label: string;
  readonly section: Section;
  /** Hash of the label, so that each label of each listing has its own random sequence. */
  readonly hash: number;
  /** The print for this home, or null when this page leaves the label out. */
  readonly print: (home: Home, random: Random) => Printed | null;
}

type Print = (home: Home, random: Random) => Printed | string | null;

/** Labels of one section; `share` is the part of pages that carry the label, 0 to 1. */
export function labelsOf(
  section: Section,
  rows: readonly (readonly [label: string, share: number, print: Print])[],
): readonly LabelSpec[] {
  return rows.map(([label, share, print]) => ({
    label,
    section,
    hash: hashOf(label),
    print: (home, random) => {
      if (!random.chance(share)) return null;
      const printed = print(home, random);
      return typeof printed === 'string' ? { text: printed } : printed;
    },
  }));
}

/** One of these texts. */
export function oneOf(...texts: readonly string[]): Print {
  return (_home, random) => random.pick(texts);
}

/** Several different ones of these words, joined with commas. */
export function someOf(...words: readonly string[]): Print {
  return (_home, random) => {
    const chosen = words.filter(() => random.chance(0.5));
    return chosen.length === 0 ? random.pick(words) : chosen.join(', ');
  };
}

/** `Kyllä` or `Ei`, and the field it stands for. */
export function yesNo(isTrue: boolean, fields: (flag: boolean) => Partial<ListingRecord>): Printed {
  return { text: isTrue ? 'Kyllä' : 'Ei', fields: fields(isTrue) };
}

/** A monthly amount in one of the ways pages print it. */
export function monthlyPrint(cents: number, random: Random): string {
  return random.weighted([
    [eurosPerMonth(cents), 88],
    [`${amountWithCents(cents)}${NBSP}€ kuukaudessa`, 4],
    [`${amountWithCents(cents)} EUR/kk`, 4],
    [`${amountWithCents(cents)} e / kk`, 4],
  ]);
}

/** A one-off amount. */
export function amountPrint(cents: number, fields: (euros: number) => Partial<ListingRecord>): Printed {
  return { text: eurosOf(cents), fields: fields(cents / 100) };
}

/** True for flats in housing companies; houses on their own plot have no company labels. */
export function isShare(home: Home): boolean {
  return !home.isRealEstate;
}
