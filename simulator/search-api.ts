/**
 * The JSON search of the simulated portal in its newer (`/api/search`) and older (`/api/cards`) shape, and the location
 * resolver. Shapes follow recorded payloads and public type declarations; the content is invented.
 */
import type { City } from './cities.ts';
import { eurosPerMonth } from './finnish-format.ts';
import { pricePerM2Cents } from './home.ts';
import type { Listing } from './listing.ts';
import { cityShown, pathOf, textOf } from './listing.ts';
import { buildingTypeIds, portalIsoTime, portalTime, priceText, sizeText } from './portal-format.ts';
import type { SearchQuery } from './search-query.ts';
import { findListings } from './search-query.ts';
import type { World } from './world.ts';

export type ApiShape = 'search' | 'cards';

/** The answer to one search. `foreign` cards are of other municipalities and stand among the cards asked for. */
export function searchAnswer(input: {
  readonly query: SearchQuery;
  readonly world: World;
  readonly shape: ApiShape;
  readonly origin: string;
  readonly foreign: readonly Listing[];
}): Readonly<Record<string, unknown>> {
  const { query, world, shape, origin } = input;
  const found = findListings(query, world);
  const window = [...found.slice(query.offset, query.offset + query.limit), ...input.foreign];
  const cardOf = shape === 'search' ? newCard : oldCard;
  const answer = {
    found: found.length,
    start: query.offset,
    cards: window.map((listing) => cardOf(listing, origin)),
  };
  if (shape === 'cards') return answer;
  const nearby = query.limit === 0 ? [] : foreignListings(query, world, 3);
  return { ...answer, secondaryCards: nearby.map((listing) => newCard(listing, origin)) };
}

/** Listings of municipalities the search did not ask for: two of each, unless more are wanted than that gives. */
export function foreignListings(query: SearchQuery, world: World, count: number): readonly Listing[] {
  if (query.cities.length === 0) return [];
  const others = world.cities.filter((city) => !query.cities.includes(city));
  const perCity = count > 2 * others.length ? count : 2;
  return others.flatMap((city) => world.active(city, query.dealType).slice(0, perCity)).slice(0, count);
}

/** Answer of `/api/3.0/location?query=`: cities and districts whose name begins so. */
export function locationAnswer(text: string, world: World): readonly unknown[] {
  const start = text.trim().toLowerCase();
  if (start === '') return [];
  const country = { name: 'Suomi', cardId: 1, cardType: 9, coordinates: null };
  const cities = world.cities.filter((city) => city.name.toLowerCase().startsWith(start));
  const districts = world.cities.flatMap((city) =>
    city.districts
      .map((district, index) => ({ city, district, cardId: city.locationId * 1000 + index }))
      .filter(({ district }) => district.name.toLowerCase().startsWith(start)),
  );
  return [
    ...cities.map((city) => ({ card: cityPlace(city), parent: country })),
    ...districts.slice(0, 10).map(({ city, district, cardId }) => ({
      card: {
        name: district.name,
        cardId,
        cardType: 4,
        coordinates: { latitude: district.latitude, longitude: district.longitude },
      },
      parent: cityPlace(city),
    })),
  ];
}

function cityPlace(city: City) {
  return { name: city.name, cardId: city.locationId, cardType: 6, coordinates: null };
}

function newCard(listing: Listing, origin: string) {
  const { home } = listing;
  const media = `${origin}/media/${listing.id}`;
  return {
    cardId: Number(listing.id),
    cardType: listing.dealType === 'sale' ? 100 : 101,
    cardSubType: 1,
    url: `${origin}${pathOf(listing)}`,
    status: 1,
    data: newCardData(listing),
    location: {
      address: `${home.street} ${home.houseNumber}`,
      district: home.saysDistrict ? home.district.name : null,
      city: cityShown(home),
      zipCode: home.district.postalCode,
      country: 'Suomi',
      latitude: home.latitude,
      longitude: home.longitude,
    },
    meta: newCardMeta(listing),
    medias: [{ imageSmallJPEG: `${media}/1.jpg`, imageLargeJPEG: `${media}/2.jpg` }],
    company: {
      companyId: listing.seed % 5000,
      companyName: home.brokerCompany,
      companyBrandHighlightBackgroundColor: null,
      companyBrandHighlightFontColor: null,
      searchLogo: null,
      logo: null,
      realtorImage: null,
      realtorName: null,
    },
    recommendationId: null,
  };
}

function newCardData(listing: Listing) {
  const { home } = listing;
  const area = home.areaTenthsM2 / 10;
  return {
    description: textOf(listing).printed.slice(0, 147),
    rooms: home.saysRooms ? home.rooms : null,
    roomConfiguration: `${Math.max(1, home.rooms)}h+k`,
    price: priceText(home),
    size: sizeText(home),
    buildYear: home.yearBuilt,
    sizeLot: home.plotAreaTenthsM2 / 10,
    sizeMin: area,
    sizeMax: area,
    nextViewing: null,
    newDevelopment: home.isNewDevelopment,
    isOnlineOffer: false,
    extraVisibility: listing.seed % 9 === 0,
    visits: listing.seed % 900,
    visitsWeekly: listing.seed % 90,
    securityDeposit: null,
    maintenanceFee: home.dealType === 'sale' ? eurosPerMonth(home.maintenanceCents) : null,
    floor: home.floor,
    buildingFloorCount: home.floorCount,
    pricePerSqm: home.dealType === 'sale' ? Math.round(pricePerM2Cents(home) / 100) : null,
    condition: null,
    sourceType: 1,
  };
}

function newCardMeta(listing: Listing) {
  return {
    published: portalTime(listing.publishedAt),
    contractType: listing.dealType === 'sale' ? 1 : 2,
    listingType: 1,
    cardViewType: 1,
    listingTypes: [1],
    sellStatus: null,
    priceChanged: listing.priceChangedAt === null ? null : portalTime(listing.priceChangedAt),
    vendorAdId: `V${listing.id}`,
    vendorCompanyId: String(listing.seed % 5000),
    senderNode: 'simulator',
    publishedSort: portalTime(listing.publishedSortAt),
  };
}

function oldCard(listing: Listing, origin: string) {
  const { home } = listing;
  const area = home.areaTenthsM2 / 10;
  return {
    id: Number(listing.id),
    url: `${origin}${pathOf(listing)}`,
    description: textOf(listing).printed.slice(0, 147),
    rooms: home.saysRooms ? home.rooms : null,
    roomConfiguration: `${Math.max(1, home.rooms)}h+k`,
    price: priceText(home),
    nextViewing: null,
    images: { wide: `${origin}/media/${listing.id}/1.jpg`, thumb: `${origin}/media/${listing.id}/2.jpg` },
    newDevelopment: home.isNewDevelopment,
    published: portalIsoTime(listing.publishedAt),
    size: area,
    sizeMin: area,
    sizeMax: area,
    sizeLot: home.plotAreaTenthsM2 / 10,
    cardType: listing.dealType === 'sale' ? 100 : 101,
    contractType: listing.dealType === 'sale' ? 1 : 2,
    onlineOffer: null,
    isOnlineOffer: false,
    extraVisibility: null,
    extraVisibilityString: null,
    buildingData: {
      address: `${home.street} ${home.houseNumber}`,
      district: home.saysDistrict ? home.district.name : null,
      city: cityShown(home),
      country: 'Suomi',
      year: home.yearBuilt,
      buildingType: buildingTypeIds[home.buildingType],
      floor: home.floor,
      floorCount: home.floorCount,
    },
    coordinates: { latitude: home.latitude, longitude: home.longitude },
    brand: { image: null, name: home.brokerCompany, id: listing.seed % 5000 },
    priceChanged: listing.priceChangedAt === null ? null : portalIsoTime(listing.priceChangedAt),
    visits: listing.seed % 900,
    visits_weekly: listing.seed % 90,
    cardSubType: [1],
    status: 1,
    condition: null,
    publishedSort: portalIsoTime(listing.publishedSortAt),
  };
}
