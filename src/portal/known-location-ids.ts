/**
 * Location ids of municipalities, as far as they are known, and the numbers that are mistaken for them.
 * An id that is not verified must be resolved by name (`/api/3.0/location`) before it is relied on.
 */

export interface KnownLocation {
  readonly id: number;
  readonly name: string;
  /** `verified`: seen in recorded answers or in several independent public sources; `unverified`: one source. */
  readonly confidence: 'verified' | 'unverified';
  /** The municipality number (kuntanumero), which is NOT a location id but is often written in its place. */
  readonly municipalityNumber: number;
}

/** Location ids by confidence. @internal Exported for its tests. */
export const knownLocationIds: readonly KnownLocation[] = [
  { id: 64, name: 'Helsinki', confidence: 'verified', municipalityNumber: 91 },
  { id: 39, name: 'Espoo', confidence: 'verified', municipalityNumber: 49 },
  { id: 65, name: 'Vantaa', confidence: 'verified', municipalityNumber: 92 },
  { id: 130, name: 'Kauniainen', confidence: 'verified', municipalityNumber: 235 },
  { id: 147, name: 'Kirkkonummi', confidence: 'verified', municipalityNumber: 257 },
  { id: 71, name: 'Tampere', confidence: 'unverified', municipalityNumber: 837 },
  { id: 79, name: 'Turku', confidence: 'unverified', municipalityNumber: 853 },
  { id: 54, name: 'Oulu', confidence: 'unverified', municipalityNumber: 564 },
  { id: 43, name: 'Jyväskylä', confidence: 'unverified', municipalityNumber: 179 },
  { id: 46, name: 'Kuopio', confidence: 'unverified', municipalityNumber: 297 },
  { id: 47, name: 'Lahti', confidence: 'unverified', municipalityNumber: 398 },
];

export type LocationVerdict =
  | { readonly kind: 'verified' }
  /** The id agrees with what is known, on one source only. */
  | { readonly kind: 'unverified' }
  /** Nothing is known of this municipality or id. */
  | { readonly kind: 'not_known' }
  /** The id is the municipality number: the classic mistake. */
  | { readonly kind: 'municipality_number'; readonly knownId: number }
  /** The id is another one than the one known for the name. */
  | { readonly kind: 'mismatch'; readonly knownId: number };

/** Type of a city in a location triple `[id, type, name]`. */
const cityType = 6;

/** Which location the url of a city's task probably means, in words; nobody is asked. */
export function adviseOnLocationOf(city: string): string {
  const known = locationNamed(city);
  if (known === undefined)
    return `the location id of ${city} is not known here: "oikotie doctor" asks the portal for it`;
  const triple = `locations=[[${known.id},${cityType},"${known.name}"]]`;
  return known.confidence === 'verified'
    ? `the location id of ${city} is ${known.id}: use ${triple} in the url of its task`
    : `${triple} was probably meant in the url of its task (not verified: "oikotie doctor" asks the portal)`;
}

function locationNamed(name: string): KnownLocation | undefined {
  return knownLocationIds.find((location) => location.name.toLowerCase() === name.trim().toLowerCase());
}

/** What is known of a city's location id. Only for locations of type 6 (city). */
export function checkLocationId(id: number, name: string): LocationVerdict {
  const known = locationNamed(name);
  if (known === undefined) return { kind: 'not_known' };
  if (known.id === id) return { kind: known.confidence };
  const kind = known.municipalityNumber === id ? 'municipality_number' : 'mismatch';
  return { kind, knownId: known.id };
}
