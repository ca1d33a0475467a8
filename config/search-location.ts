/**
 * What a task's url says about where it searches: the `locations` triples `[cardId, cardType, name]`. Also the ids that
 * are known, because the portal's id of a city is easily mistaken for its municipality number.
 */

/** Card type of a city in a location triple. */
export const cityCardType = 6;

export interface SearchLocation {
  readonly id: number;
  /** 3 neighbourhood, 4 district, 5 postcode, 6 city, 7 region, 9 country. */
  readonly cardType: number;
  readonly name: string;
}

interface KnownCity {
  readonly locationId: number;
  /** The official municipality number, which is not the portal's id. */
  readonly municipalityNumber: number;
  /** Whether several independent sources or recorded answers agree on the id. */
  readonly isVerified: boolean;
}

/** Location ids as seen in public data up to November 2026. */
export const knownCities: Readonly<Record<string, KnownCity>> = {
  Helsinki: { locationId: 64, municipalityNumber: 91, isVerified: true },
  Espoo: { locationId: 39, municipalityNumber: 49, isVerified: true },
  Vantaa: { locationId: 65, municipalityNumber: 92, isVerified: true },
  Kauniainen: { locationId: 130, municipalityNumber: 235, isVerified: true },
  Kirkkonummi: { locationId: 147, municipalityNumber: 257, isVerified: true },
  Tampere: { locationId: 71, municipalityNumber: 837, isVerified: false },
  Turku: { locationId: 79, municipalityNumber: 853, isVerified: false },
  Oulu: { locationId: 54, municipalityNumber: 564, isVerified: false },
  Jyväskylä: { locationId: 43, municipalityNumber: 179, isVerified: false },
  Kuopio: { locationId: 46, municipalityNumber: 297, isVerified: false },
  Lahti: { locationId: 47, municipalityNumber: 398, isVerified: false },
};

/** The locations of a search url: empty when it has none (the whole country), null when they cannot be read. */
export function readLocations(url: URL): SearchLocation[] | null {
  const text = url.searchParams.get('locations');
  if (text === null) return [];
  const triples = parseJson(text);
  if (!Array.isArray(triples) || triples.length === 0) return null;
  const locations: SearchLocation[] = [];
  for (const triple of triples) {
    const location = readLocation(triple);
    if (location === null) return null;
    locations.push(location);
  }
  return locations;
}

function readLocation(triple: unknown): SearchLocation | null {
  if (!Array.isArray(triple)) return null;
  const [id, cardType, name]: unknown[] = triple;
  if (!isWholeNumber(id) || !isWholeNumber(cardType) || typeof name !== 'string') return null;
  return { id, cardType, name };
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an expected answer here: the caller says what was expected and shows the text.
    return null;
  }
}
