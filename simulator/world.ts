/**
 * The whole simulated portal as data: municipalities, advertisements, the calendar day, and the truth about them.
 * Everything follows from the seed; nothing here knows HTTP.
 */
import type { ListingRecord } from '../src/listings/fields.ts';
import type { City, CityOptions } from './cities.ts';
import { cityOf, defaultCities, neighbourCities } from './cities.ts';
import type { DayEvent } from './day.ts';
import { changesOfDay } from './day.ts';
import { createHome } from './home.ts';
import type { Listing } from './listing.ts';
import { recordOf, removedVariants } from './listing.ts';
import { outsideRepeatedHour } from './portal-format.ts';
import type { Random } from './random.ts';
import { createRandom, hashOf } from './random.ts';

export interface WorldOptions {
  /** Any whole number; the same seed makes the same world. Default 1. */
  readonly seed?: number;
  readonly cities?: readonly CityOptions[];
  /** First calendar day, `YYYY-MM-DD`. Default 2026-11-21. */
  readonly startDay?: string;
}

export interface World {
  readonly seed: number;
  /** The municipalities asked for, then their neighbours. */
  readonly cities: readonly City[];
  /** Today in the simulated portal, `YYYY-MM-DD`. */
  readonly day: () => string;
  /** Any listing ever published, gone ones included. */
  readonly listing: (listingId: string) => Listing | undefined;
  /** Active listings, most recently published or bumped first; null means the whole country. */
  readonly active: (city: City | null, dealType: 'sale' | 'rent') => readonly Listing[];
  /** The exact records of all active listings of a city. `origin` is the portal's scheme and host. */
  readonly truth: (cityName: string, dealType: 'sale' | 'rent', origin?: string) => readonly ListingRecord[];
  /** Lets one day pass and gives back what changed. */
  readonly advanceDay: () => readonly DayEvent[];
  /** Takes an active listing off the portal today, for good or until `restore`. @throws Error when it is not active. */
  readonly withdraw: (listingId: string) => void;
  /** Puts a listing that is off the portal on it again, under the same id. @throws Error when it is active or unknown. */
  readonly restore: (listingId: string) => void;
  /** All changes so far, oldest first. */
  readonly events: () => readonly DayEvent[];
  /** Moves some listings of a city to the top of the results, as a paid bump does; `published` stays. */
  readonly bump: (city: City | null, dealType: 'sale' | 'rent', count: number) => void;
}

/** Origin of URLs when none is named. @internal Exported for tests and benchmarks. */
export const portalOrigin = 'https://asunnot.oikotie.fi';
const DAY_MS = 86_400_000;

/**
 * Makes the world of a seed. Costs about 30 µs per listing; pages and truth are made on demand.
 * @throws Error when `startDay` is not a date.
 */
export function createWorld(options: WorldOptions = {}): World {
  const seed = options.seed ?? 1;
  const startDay = options.startDay ?? '2026-11-21';
  const start = Date.parse(`${startDay}T06:00:00Z`);
  if (Number.isNaN(start)) throw new Error(`world failed on startDay; expected YYYY-MM-DD, got "${startDay}"`);
  const cityOptions = withNeighbours(options.cities ?? defaultCities);
  const cities = cityOptions.map(cityOf);
  const listings = new Map<string, Listing>();
  const publish = createPublisher(createRandom(hashOf(seed, 'ids')), seed);
  for (const [index, city] of cities.entries()) {
    const counts = { sale: cityOptions[index]?.saleCount ?? 0, rent: cityOptions[index]?.rentCount ?? 0 };
    for (const dealType of ['sale', 'rent'] as const) {
      for (let made = 0; made < counts[dealType]; made += 1) {
        const listing = publish(city, dealType, start);
        listings.set(listing.id, listing);
      }
    }
  }
  return worldOf({ seed, cities, listings, publish, start });
}

interface WorldState {
  readonly seed: number;
  readonly cities: readonly City[];
  readonly listings: Map<string, Listing>;
  readonly publish: (city: City, dealType: 'sale' | 'rent', latestMs: number) => Listing;
  readonly start: number;
}

function worldOf(state: WorldState): World {
  const { seed, cities, listings } = state;
  const history: DayEvent[] = [];
  let dayNumber = 0;
  let bumps = 0;
  let sorted = new Map<string, readonly Listing[]>();
  const now = (): number => state.start + dayNumber * DAY_MS;
  const active: World['active'] = (city, dealType) => {
    const key = `${city?.name ?? ''}/${dealType}`;
    const known = sorted.get(key);
    if (known !== undefined) return known;
    const found = [...listings.values()].filter((listing) => isOffered(listing, city, dealType));
    found.sort((a, b) => b.publishedSortAt - a.publishedSortAt || Number(b.id) - Number(a.id));
    sorted.set(key, found);
    return found;
  };
  const replace = (listing: Listing): void => {
    listings.set(listing.id, listing);
    sorted = new Map();
  };
  const today = (): string => new Date(now()).toISOString().slice(0, 10);
  const move = (listingId: string, type: 'removed' | 'returned'): void => {
    const listing = movable(listings.get(listingId), listingId, type);
    replace({ ...listing, state: type === 'removed' ? 'removed' : 'active' });
    history.push({ day: today(), type, city: listing.city.name, dealType: listing.dealType, listingId });
  };
  return {
    seed,
    cities,
    day: today,
    listing: (listingId) => listings.get(listingId),
    active,
    truth: (cityName, dealType, origin = portalOrigin) => {
      const city = cities.find((candidate) => candidate.name === cityName);
      return city === undefined ? [] : active(city, dealType).map((listing) => recordOf(listing, origin));
    },
    advanceDay: () => {
      dayNumber += 1;
      const day = today();
      const random = createRandom(hashOf(seed, 'day', dayNumber));
      const changes = changesOfDay({ day, nowMs: now(), random, cities, active, publish: state.publish });
      for (const listing of changes.listings) replace(listing);
      history.push(...changes.events);
      return changes.events;
    },
    withdraw: (listingId) => move(listingId, 'removed'),
    restore: (listingId) => move(listingId, 'returned'),
    events: () => history,
    bump: (city, dealType, count) => {
      const candidates = active(city, dealType);
      if (candidates.length === 0) return;
      for (let done = 0; done < count; done += 1) {
        bumps += 1;
        const listing = createRandom(hashOf(seed, 'bump', bumps)).pick(candidates);
        replace({ ...listing, publishedSortAt: now() + bumps * 1000 });
      }
    },
  };
}

function isOffered(listing: Listing, city: City | null, dealType: 'sale' | 'rent'): boolean {
  return listing.state === 'active' && listing.dealType === dealType && (city === null || listing.city === city);
}

function movable(listing: Listing | undefined, listingId: string, type: 'removed' | 'returned'): Listing {
  const isActive = listing?.state === 'active';
  if (listing !== undefined && isActive === (type === 'removed')) return listing;
  const expected = `expected a listing that is ${type === 'removed' ? 'active' : 'off the portal'}`;
  throw new Error(`${listingId} cannot be ${type}; ${expected}, got ${listing?.state ?? 'none'}`);
}

/** Gives out listings with growing ids; the first ones were published up to 400 days ago. */
function createPublisher(random: Random, seed: number) {
  let lastId = 23_000_000;
  return (city: City, dealType: 'sale' | 'rent', latestMs: number): Listing => {
    lastId += random.integer(1, 37);
    const listingSeed = hashOf(seed, lastId);
    const ageMs = Math.floor(random.next() ** 3 * 400) * DAY_MS + random.integer(0, 80_000) * 1000;
    const publishedAt = outsideRepeatedHour(latestMs - ageMs);
    return {
      id: String(lastId),
      city,
      dealType,
      seed: listingSeed,
      textSeed: listingSeed,
      home: createHome(listingSeed, city, dealType),
      publishedAt,
      publishedSortAt: publishedAt,
      priceChangedAt: null,
      state: 'active',
      goneAs: random.pick(removedVariants.filter((variant) => variant !== 'myyty')),
    };
  };
}

function withNeighbours(cities: readonly CityOptions[]): readonly CityOptions[] {
  const asked = new Set(cities.flatMap((city) => [city.name, city.locationId]));
  return [...cities, ...neighbourCities.filter((city) => !asked.has(city.name) && !asked.has(city.locationId))];
}
