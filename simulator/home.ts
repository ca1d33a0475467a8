/**
 * The values of one home, made before any page is rendered: amounts in whole cents, areas in tenths of a square metre,
 * so that the identities of the site hold exactly (debt-free = sale + share, price per m2 = debt-free / area).
 */
import type { City, District } from './cities.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';
import { brokerCompanyName, housingCompanyName, streetAddress } from './texts.ts';

export const buildingTypeWords = {
  Kerrostalo: 'apartment_building',
  Rivitalo: 'row_house',
  Paritalo: 'semi_detached_house',
  Omakotitalo: 'detached_house',
  Erillistalo: 'separate_house',
  Luhtitalo: 'gallery_access_building',
  'Puutalo-osake': 'wooden_building_share',
  'Vapaa-ajan asunto': 'holiday_home',
  Muu: 'other',
} as const;
export type BuildingTypeWord = keyof typeof buildingTypeWords;

export const habitationWords = {
  Omistus: 'ownership',
  Asumisoikeus: 'right_of_occupancy',
  Osaomistus: 'part_ownership',
  Vuokra: 'rental',
} as const;
export type HabitationWord = keyof typeof habitationWords;

export const conditionWords = { Uusi: 'new', Hyvä: 'good', Tyydyttävä: 'satisfactory', Välttävä: 'passable' } as const;
export type ConditionWord = keyof typeof conditionWords;

export const plotWords = { Oma: 'own', Vuokralla: 'rented', 'Valinnainen vuokratontti': 'optional_rental' } as const;
export type PlotWord = keyof typeof plotWords;

export interface Home {
  readonly dealType: 'sale' | 'rent';
  readonly city: City;
  readonly district: District;
  /** Whether the page says the district at all. */
  readonly saysDistrict: boolean;
  /** Municipality as printed: `Helsinki`, `HELSINKI`, `Helsinki 00720`. */
  readonly cityPrinted: string;
  readonly street: string;
  readonly houseNumber: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly buildingType: BuildingTypeWord;
  readonly habitation: HabitationWord;
  readonly isRealEstate: boolean;
  readonly isNewDevelopment: boolean;
  readonly areaTenthsM2: number;
  readonly rooms: number;
  /** Whether page and card say the number of rooms at all. */
  readonly saysRooms: boolean;
  readonly floor: number | null;
  readonly floorCount: number;
  readonly yearBuilt: number;
  readonly condition: ConditionWord;
  readonly plot: PlotWord;
  /** Tenths of m2; a whole number of 100 m2 when it is a hectare or more. */
  readonly plotAreaTenthsM2: number;
  readonly apartmentCount: number;
  /** Price with the share of company debt. */
  readonly debtFreeCents: number;
  readonly debtShareCents: number;
  readonly rentCents: number;
  readonly maintenanceCents: number;
  readonly financingCents: number;
  readonly hasSauna: boolean;
  readonly hasBalcony: boolean;
  readonly hasElevator: boolean;
  readonly housingCompany: string;
  readonly brokerCompany: string;
}

/** The home that follows from a seed. */
export function createHome(seed: number, city: City, dealType: 'sale' | 'rent'): Home {
  const random = createRandom(seed);
  const kind = kindOf(random, dealType);
  const size = sizeOf(random, kind.buildingType, dealType);
  const money = moneyOf(random, city, dealType, kind, size.areaTenthsM2);
  return { dealType, city, ...kind, ...placeOf(random, city), ...size, ...money, ...buildingOf(random, kind) };
}

/** The same home at another asking price (sale) or rent, in cents. */
export function withPrice(home: Home, cents: number): Home {
  if (home.dealType === 'rent') return { ...home, rentCents: cents };
  return { ...home, debtFreeCents: cents, debtShareCents: Math.min(home.debtShareCents, Math.floor(cents / 2)) };
}

/** The asking price or rent, in cents. */
export function askingCents(home: Home): number {
  return home.dealType === 'rent' ? home.rentCents : home.debtFreeCents;
}

/** Debt-free price per square metre in cents, rounded as the site rounds. */
export function pricePerM2Cents(home: Home): number {
  return Math.round((home.debtFreeCents * 10) / home.areaTenthsM2);
}

interface Kind {
  readonly buildingType: BuildingTypeWord;
  readonly habitation: HabitationWord;
  readonly isRealEstate: boolean;
  readonly isNewDevelopment: boolean;
}

function kindOf(random: Random, dealType: 'sale' | 'rent'): Kind {
  const buildingType = random.weighted<BuildingTypeWord>([
    ['Kerrostalo', dealType === 'rent' ? 84 : 66],
    ['Rivitalo', 11],
    ['Paritalo', 4],
    ['Omakotitalo', dealType === 'rent' ? 2 : 9],
    ['Erillistalo', 2],
    ['Luhtitalo', 3],
    ['Puutalo-osake', 2],
    ['Vapaa-ajan asunto', 1],
    ['Muu', 1],
  ]);
  if (dealType === 'rent') return { buildingType, habitation: 'Vuokra', isRealEstate: false, isNewDevelopment: false };
  const isRealEstate = buildingType === 'Omakotitalo' || buildingType === 'Vapaa-ajan asunto';
  const habitation = isRealEstate
    ? 'Omistus'
    : random.weighted<HabitationWord>([
        ['Omistus', 86],
        ['Asumisoikeus', 12],
        ['Osaomistus', 2],
      ]);
  const isNewDevelopment = habitation === 'Omistus' && !isRealEstate && random.chance(0.12);
  return { buildingType, habitation, isRealEstate, isNewDevelopment };
}

function placeOf(random: Random, city: City) {
  const district = random.pick(city.districts);
  const { street, number } = streetAddress(random);
  const cityPrinted = random.weighted([
    [city.name, 950],
    [city.name.toUpperCase(), 25],
    [city.name.toLowerCase(), 15],
    [`${city.name} ${district.postalCode}`, 4],
  ]);
  const streetPrinted = random.weighted([
    [street, 94],
    [street.toUpperCase(), 3],
    [street.toLowerCase(), 3],
  ]);
  return {
    district,
    saysDistrict: random.chance(0.985),
    cityPrinted,
    street: streetPrinted,
    houseNumber: number,
    latitude: roundedTo(district.latitude + (random.next() - 0.5) * 0.01, 6),
    longitude: roundedTo(district.longitude + (random.next() - 0.5) * 0.02, 6),
  };
}

function sizeOf(random: Random, buildingType: BuildingTypeWord, dealType: 'sale' | 'rent') {
  const isHouse = buildingType !== 'Kerrostalo' && buildingType !== 'Luhtitalo';
  const rooms = isHouse ? random.integer(2, 6) : random.weighted(flatRooms);
  const areaTenthsM2 = rooms * random.integer(36, 52) * 5 + random.integer(10, 24) * 5;
  if (dealType === 'sale') return { rooms, areaTenthsM2, saysRooms: true };
  const saysRooms = random.chance(0.987);
  if (random.chance(0.985)) return { rooms, areaTenthsM2, saysRooms };
  return random.chance(0.5) ? { rooms: 0, areaTenthsM2, saysRooms } : { rooms, areaTenthsM2: 10, saysRooms };
}

const flatRooms = [
  [1, 30],
  [2, 38],
  [3, 20],
  [4, 9],
  [5, 3],
] as const;

function moneyOf(random: Random, city: City, dealType: 'sale' | 'rent', kind: Kind, areaTenthsM2: number) {
  const level = city.euroPerM2 * (0.55 + random.next() * 1.1);
  const isOccupancy = kind.habitation === 'Asumisoikeus';
  const debtFree = isOccupancy ? random.integer(15000, 60000) : roundedPrice((level * areaTenthsM2) / 10);
  const hasShare = !isOccupancy && !kind.isRealEstate && dealType === 'sale' && random.chance(0.55);
  const shareOfPrice = kind.isNewDevelopment ? 0.65 : random.next() * 0.4;
  const debtShareCents = hasShare ? Math.round(debtFree * 100 * shareOfPrice) : 0;
  const fee = Math.round(areaTenthsM2 * (38 + random.next() * 26));
  const rent = 350 + (areaTenthsM2 / 10) * (9 + random.next() * 8);
  return {
    debtFreeCents: debtFree * 100,
    debtShareCents,
    rentCents: random.chance(0.6) ? Math.round(rent) * 100 : Math.round(rent * 100),
    maintenanceCents: random.chance(0.5) ? Math.round(fee / 100) * 100 : fee - (fee % 10),
    financingCents: hasShare ? Math.round(debtShareCents / 300) : 0,
  };
}

function buildingOf(random: Random, kind: Kind) {
  const isFlat = kind.buildingType === 'Kerrostalo' || kind.buildingType === 'Luhtitalo';
  const floorCount = isFlat ? random.integer(2, 8) : random.integer(1, 2);
  const plotWhole = isFlat ? random.integer(900, 38000) : random.integer(400, 12500);
  const plotTenths = random.chance(0.15) ? random.integer(1, 9) : 0;
  const yearBuilt = kind.isNewDevelopment ? random.integer(2025, 2027) : random.integer(1899, 2024);
  return {
    floor: kind.isRealEstate ? null : random.integer(1, floorCount),
    floorCount,
    yearBuilt,
    condition: kind.isNewDevelopment ? ('Uusi' as const) : random.weighted(conditions),
    plot: random.weighted(plots),
    plotAreaTenthsM2: plotWhole >= 10000 ? Math.round(plotWhole / 100) * 1000 : plotWhole * 10 + plotTenths,
    apartmentCount: kind.isRealEstate ? 1 : random.integer(4, 180),
    hasSauna: random.chance(0.45),
    hasBalcony: random.chance(0.7),
    hasElevator: isFlat && floorCount > 2 && random.chance(0.8),
    housingCompany: housingCompanyName(random),
    brokerCompany: brokerCompanyName(random),
  };
}

const conditions = [
  ['Uusi', 5],
  ['Hyvä', 62],
  ['Tyydyttävä', 28],
  ['Välttävä', 5],
] as const;

const plots = [
  ['Oma', 64],
  ['Vuokralla', 28],
  ['Valinnainen vuokratontti', 8],
] as const;

/** Asking prices end in round thousands; a few are millions. */
function roundedPrice(euros: number): number {
  return Math.max(18, Math.round(euros / 1000)) * 1000;
}

function roundedTo(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
