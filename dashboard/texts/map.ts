/** The texts of the map. */
import type { Translated } from './common.ts';

const en = {
  title: 'Map',
  titleOf: (city: string) => `Map: ${city}`,
  city: 'City',
  deal: 'Offer',
  sale: 'For sale',
  rent: 'For rent',
  colour: 'Colour',
  perM2: '€/m²',
  days: 'Days since listed',
  apply: 'Show',
  map: (city: string) => `Listings of ${city} on a map; the lists below have the same.`,
  count: (count: string) => `${count} listings with a position`,
  none: 'No listing with a position is offered here.',
  legend: 'Median',
  upTo: (limit: string) => `up to ${limit}`,
  above: (limit: string) => `above ${limit}`,
  unknown: 'not known',
  areas: 'By postal code',
  postal: 'Postal code',
  listings: 'Listings',
  list: 'The newest of them',
  listAll: (count: string) => `Show all ${count} in the list`,
  many: (count: string) => `${count} listings`,
  noScript: 'The map needs scripts; the lists below do not.',
};
export type MapTexts = typeof en;

const fi: MapTexts = {
  title: 'Kartta',
  titleOf: (city) => `Kartta: ${city}`,
  city: 'Kaupunki',
  deal: 'Tarjous',
  sale: 'Myytävänä',
  rent: 'Vuokrattavana',
  colour: 'Väri',
  perM2: '€/m²',
  days: 'Päiviä julkaisusta',
  apply: 'Näytä',
  map: (city) => `Kaupungin ${city} ilmoitukset kartalla; samat ovat alla luetteloina.`,
  count: (count) => `${count} ilmoitusta, joiden sijainti tiedetään`,
  none: 'Täällä ei ole tarjolla yhtään ilmoitusta, jonka sijainti tiedetään.',
  legend: 'Mediaani',
  upTo: (limit) => `enintään ${limit}`,
  above: (limit) => `yli ${limit}`,
  unknown: 'ei tiedossa',
  areas: 'Postinumeroittain',
  postal: 'Postinumero',
  listings: 'Ilmoituksia',
  list: 'Niistä uusimmat',
  listAll: (count) => `Näytä kaikki ${count} luettelossa`,
  many: (count) => `${count} ilmoitusta`,
  noScript: 'Kartta tarvitsee skriptejä; alla olevat luettelot eivät.',
};

export const mapTexts: Translated<MapTexts> = { en, fi };
