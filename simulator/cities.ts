/**
 * The municipalities of the simulated portal: location ids, map position and price level. Districts and streets are
 * made up from word parts; no real address is meant. Neighbour municipalities exist so that foreign cards can occur.
 */
import { createRandom, hashOf } from './random.ts';

export interface CityOptions {
  readonly name: string;
  /** The portal's own location id, as used in `locations=[[id,6,"name"]]`. */
  readonly locationId: number;
  readonly saleCount: number;
  readonly rentCount: number;
}

export interface District {
  readonly name: string;
  readonly postalCode: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface City {
  readonly name: string;
  /** Path segment of its listing pages, e.g. `helsinki`. */
  readonly slug: string;
  readonly locationId: number;
  /** Typical price of a dwelling, euros per square metre. */
  readonly euroPerM2: number;
  readonly districts: readonly District[];
  /** Municipality number, first part of a cadastral id. */
  readonly municipalityNumber: number;
}

export const defaultCities: readonly CityOptions[] = [
  { name: 'Helsinki', locationId: 64, saleCount: 120, rentCount: 60 },
  { name: 'Espoo', locationId: 39, saleCount: 80, rentCount: 40 },
  { name: 'Vantaa', locationId: 65, saleCount: 60, rentCount: 30 },
  { name: 'Tampere', locationId: 71, saleCount: 50, rentCount: 30 },
];

/** Municipalities that are always there, besides the ones asked for. Id 49 is not Espoo: it is the mistake to catch. */
export const neighbourCities: readonly CityOptions[] = [
  { name: 'Kauniainen', locationId: 130, saleCount: 12, rentCount: 6 },
  { name: 'Kirkkonummi', locationId: 147, saleCount: 14, rentCount: 6 },
  { name: 'Hausjärvi', locationId: 49, saleCount: 30, rentCount: 10 },
];

interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly postalPrefix: string;
  readonly euroPerM2: number;
  readonly municipalityNumber: number;
}

const places: Readonly<Record<string, Place>> = {
  Helsinki: { latitude: 60.21, longitude: 24.95, postalPrefix: '00', euroPerM2: 4800, municipalityNumber: 91 },
  Espoo: { latitude: 60.2, longitude: 24.66, postalPrefix: '02', euroPerM2: 3900, municipalityNumber: 49 },
  Vantaa: { latitude: 60.3, longitude: 25.04, postalPrefix: '01', euroPerM2: 3100, municipalityNumber: 92 },
  Tampere: { latitude: 61.5, longitude: 23.77, postalPrefix: '33', euroPerM2: 3000, municipalityNumber: 837 },
  Turku: { latitude: 60.45, longitude: 22.27, postalPrefix: '20', euroPerM2: 2500, municipalityNumber: 853 },
  Oulu: { latitude: 65.01, longitude: 25.47, postalPrefix: '90', euroPerM2: 2200, municipalityNumber: 564 },
  Kauniainen: { latitude: 60.21, longitude: 24.73, postalPrefix: '02', euroPerM2: 4600, municipalityNumber: 235 },
  Kirkkonummi: { latitude: 60.12, longitude: 24.44, postalPrefix: '02', euroPerM2: 2600, municipalityNumber: 257 },
  Hausjärvi: { latitude: 60.78, longitude: 25.02, postalPrefix: '12', euroPerM2: 1300, municipalityNumber: 86 },
};

const elsewhere: Place = {
  latitude: 62.2,
  longitude: 25.7,
  postalPrefix: '40',
  euroPerM2: 1900,
  municipalityNumber: 999,
};

const districtStems = [
  'Kuusi',
  'Mänty',
  'Harju',
  'Pelto',
  'Niitty',
  'Lehto',
  'Salmi',
  'Kallio',
  'Mylly',
  'Paja',
  'Tuuli',
  'Kanerva',
  'Havu',
  'Louhi',
  'Vesi',
  'Pähkinä',
];
const districtEndings = ['mäki', 'niemi', 'laakso', 'ranta', 'lahti', 'kylä', 'metsä', 'saari'];

/** The municipality with its districts; the same name always gives the same districts. */
export function cityOf(options: CityOptions): City {
  const place = places[options.name] ?? elsewhere;
  const random = createRandom(hashOf('city', options.name));
  const districts: District[] = [];
  const names = new Set<string>();
  while (districts.length < 24) {
    const name = `${random.pick(districtStems)}${random.pick(districtEndings)}`;
    if (names.has(name)) continue;
    names.add(name);
    districts.push({
      name,
      postalCode: `${place.postalPrefix}${random.integer(10, 99)}0`,
      latitude: place.latitude + (random.next() - 0.5) * 0.09,
      longitude: place.longitude + (random.next() - 0.5) * 0.24,
    });
  }
  return {
    name: options.name,
    slug: slugOf(options.name),
    locationId: options.locationId,
    euroPerM2: place.euroPerM2,
    municipalityNumber: place.municipalityNumber,
    districts,
  };
}

function slugOf(name: string): string {
  return name.toLowerCase().replaceAll('ä', 'a').replaceAll('ö', 'o').replaceAll('å', 'a').replaceAll(' ', '-');
}
