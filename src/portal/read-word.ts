/**
 * Finnish words of enumerations -> the values of the data contract (listingFields).
 * An unknown word is never mapped to "other": the field stays empty with an UNKNOWN_WORD issue.
 */
import type { listingFields } from '../listings/fields.ts';
import type { Reading } from '../listings/issue.ts';
import { normaliseLabel } from './normalise-label.ts';
import type { Reader } from './reading.ts';
import { issueOf, readingOf } from './reading.ts';

type Fields = typeof listingFields;
type WordOf<Name extends keyof Fields> = Fields[Name] extends { readonly values?: readonly (infer Word)[] }
  ? Word
  : never;
type Words<Word> = Readonly<Record<string, Word>>;

const buildingTypes = {
  kerrostalo: 'apartment_building',
  rivitalo: 'row_house',
  paritalo: 'semi_detached_house',
  omakotitalo: 'detached_house',
  erillistalo: 'separate_house',
  luhtitalo: 'gallery_access_building',
  'puutalo-osake': 'wooden_building_share',
  puutalo: 'wooden_building_share',
  'vapaa-ajan_asunto': 'holiday_home',
  mokki: 'holiday_home',
  huvila: 'holiday_home',
  mokki_tai_huvila: 'holiday_home',
  muu: 'other',
} as const satisfies Words<WordOf<'buildingType'>>;

const habitationTypes = {
  omistus: 'ownership',
  omistusasunto: 'ownership',
  asumisoikeus: 'right_of_occupancy',
  asumisoikeusasunto: 'right_of_occupancy',
  osaomistus: 'part_ownership',
  osaomistusasunto: 'part_ownership',
  vuokra: 'rental',
  vuokra_asunto: 'rental',
  'vuokra-asunto': 'rental',
} as const satisfies Words<WordOf<'habitationType'>>;

const holdingForms = {
  osakehuoneisto: 'housing_share',
  osake: 'housing_share',
  kiinteisto: 'real_estate',
} as const satisfies Words<WordOf<'holdingForm'>>;

const conditions = {
  uusi: 'new',
  hyva: 'good',
  tyydyttava: 'satisfactory',
  valttava: 'passable',
} as const satisfies Words<WordOf<'condition'>>;

const plotOwnerships = {
  oma: 'own',
  vuokralla: 'rented',
  vuokra: 'rented',
  vuokratontti: 'rented',
  valinnainen_vuokratontti: 'optional_rental',
  valinnainen: 'optional_rental',
} as const satisfies Words<WordOf<'plotOwnership'>>;

/** Kerrostalo, Rivitalo, … -> listingFields.buildingType. */
export const readBuildingType = wordReader(buildingTypes);
/** Omistus, Asumisoikeus, … -> listingFields.habitationType. */
export const readHabitationType = wordReader(habitationTypes);
/** Osakehuoneisto, Kiinteistö -> listingFields.holdingForm. */
export const readHoldingForm = wordReader(holdingForms);
/** Uusi, Hyvä, … -> listingFields.condition. */
export const readCondition = wordReader(conditions);
/** Oma, Vuokralla, … -> listingFields.plotOwnership. */
export const readPlotOwnership = wordReader(plotOwnerships);

function wordReader<Word extends string>(words: Words<Word>): Reader<Word> {
  const known = new Map<string, Word>(Object.entries(words));
  return (text, field): Reading<Word | null> => {
    const key = normaliseLabel(text.slice(0, 100)).replace(/\.$/, '');
    if (key === '' || key === '-') return readingOf(null);
    const word = known.get(key);
    if (word !== undefined) return readingOf(word);
    const message = `${field}: expected one of ${[...known.keys()].join(', ')}; the value is left empty`;
    return { value: null, issues: [issueOf('UNKNOWN_WORD', field, message, text)] };
  };
}
