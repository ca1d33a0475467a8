/**
 * The data contract: every typed field of a listing, with its unit, its allowed values and the page element it is read
 * from. The TypeScript record, the database columns and the data dictionary all follow from this table.
 * It never holds personal data: contact persons have no field here.
 */

export type FieldType = 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'timestamp' | 'json';

export interface FieldSpec {
  readonly type: FieldType;
  /** Unit of the value, or null for a plain word, count or flag. */
  readonly unit: string | null;
  /** What the value says. */
  readonly meaning: string;
  /** Page element or card field it comes from; Finnish labels as printed. */
  readonly source: string;
  /** The allowed values of an enumeration. */
  readonly values?: readonly string[];
}

export const dealTypes = ['sale', 'rent'] as const;
export type DealType = (typeof dealTypes)[number];

const text = (meaning: string, source: string, values?: readonly string[]) =>
  ({ type: 'text', unit: null, meaning, source, ...(values === undefined ? {} : { values }) }) as const;
const number = (unit: string, meaning: string, source: string) => ({ type: 'number', unit, meaning, source }) as const;
const integer = (unit: string | null, meaning: string, source: string) =>
  ({ type: 'integer', unit, meaning, source }) as const;
const flag = (meaning: string, source: string) => ({ type: 'boolean', unit: null, meaning, source }) as const;
const date = (meaning: string, source: string) => ({ type: 'date', unit: 'day', meaning, source }) as const;
const timestamp = (meaning: string, source: string) => ({ type: 'timestamp', unit: 'UTC', meaning, source }) as const;

export const listingFields = {
  listingId: text('Key of the listing: the id in its URL (not Kohdenumero)', 'URL'),
  url: text('Canonical URL of the listing page, query stripped', 'URL'),
  dealType: text('Whether the home is for sale or for rent', 'URL path', dealTypes),
  city: text('City of the task that collected it, e.g. Helsinki', 'configuration'),
  cityAsPrinted: text('Municipality exactly as the page prints it', 'Kaupunki, Sijainti'),
  district: text('District as printed', 'Kaupunginosa'),
  address: text('Street address with house number and staircase', 'Sijainti, title'),
  postalCode: text('Five-digit postal code, leading zeros kept', 'Sijainti'),
  latitude: number('degrees WGS84', 'Latitude', 'meta place:location:latitude, JSON-LD geo, card location'),
  longitude: number('degrees WGS84', 'Longitude', 'meta place:location:longitude, JSON-LD geo, card location'),
  title: text('Title of the page: street, district, city', 'title'),
  description: text(
    'Free text of the advertisement; phones and e-mail addresses masked by default',
    'listing overview',
  ),
  buildingType: text('Type of the building', 'Rakennuksen tyyppi', [
    'apartment_building',
    'row_house',
    'semi_detached_house',
    'detached_house',
    'separate_house',
    'gallery_access_building',
    'wooden_building_share',
    'holiday_home',
    'other',
  ]),
  habitationType: text('Form of tenure offered', 'Asumistyyppi', [
    'ownership',
    'right_of_occupancy',
    'part_ownership',
    'rental',
  ]),
  holdingForm: text('Share in a housing company, or real estate', 'Kohde on', ['housing_share', 'real_estate']),
  priceEur: number('EUR', 'Price asked: debt-free price, else sale price; price_basis says which', 'see price_basis'),
  priceBasis: text('Which amount price_eur is', 'derived', ['debt_free_price', 'sale_price', 'right_of_occupancy_fee']),
  salePriceEur: number('EUR', 'Price without the share of company debt', 'Myyntihinta'),
  debtFreePriceEur: number('EUR', 'Price with the share of company debt', 'Velaton hinta'),
  debtShareEur: number('EUR', 'Share of company debt', 'Velkaosuus'),
  pricePerM2Eur: number('EUR/m2', 'Price per square metre as printed', 'Neliöhinta'),
  rentEurMonth: number('EUR/month', 'Monthly rent', 'Vuokra, Kuukausivuokra'),
  securityDepositEur: number('EUR', 'Security deposit of a rental', 'Vakuus'),
  maintenanceFeeEurMonth: number('EUR/month', 'Maintenance fee', 'Hoitovastike'),
  financingFeeEurMonth: number('EUR/month', 'Financing fee', 'Pääomavastike, Rahoitusvastike'),
  totalFeeEurMonth: number('EUR/month', 'Housing company fee in all', 'Yhtiövastike yhteensä, Yhtiövastike'),
  plotRentFeeEurMonth: number('EUR/month', 'Plot rent fee', 'Tontin vuokravastike'),
  waterFeeEurMonth: number('EUR/month', 'Water fee', 'Vesimaksu'),
  saunaFeeEurMonth: number('EUR/month', 'Sauna fee', 'Saunan kustannukset'),
  parkingFeeEurMonth: number('EUR/month', 'Parking fee', 'Autopaikan kustannukset'),
  heatingCostEurMonth: number('EUR/month', 'Heating cost', 'Lämmityskustannukset'),
  plotRentEurYear: number('EUR/year', 'Rent of the plot', 'Tontin vuokra'),
  plotRedemptionEur: number('EUR', 'Share to redeem the plot', 'Tontin lunastusosuus variants'),
  areaM2: number('m2', 'Living area', 'Asuinpinta-ala'),
  totalAreaM2: number('m2', 'Total area', 'Kokonaispinta-ala'),
  plotAreaM2: number('m2', 'Area of the plot, hectares converted', 'Tontin pinta-ala, Tontin koko'),
  rooms: integer('rooms', 'Number of rooms, kitchen not counted', 'Huoneita'),
  roomConfiguration: text('Layout as printed, e.g. 3h+k+s', 'Huoneiston kokoonpano'),
  floor: integer('floor', 'Floor of the flat, 1 = ground', 'Kerros'),
  floorCount: integer('floors', 'Floors of the building', 'Kerros, Kerroksia'),
  yearBuilt: integer('year', 'Year of construction', 'Rakennusvuosi'),
  yearInUse: integer('year', 'Year the building was taken into use', 'Rakennuksen käyttöönottovuosi'),
  apartmentCount: integer('flats', 'Flats in the housing company', 'Huoneistojen lukumäärä'),
  energyClass: text('Energy class with its year, e.g. D2018', 'Energialuokka'),
  energyCertificateValidUntil: date('Last day of the energy certificate', 'Energialuokka'),
  hasEnergyCertificate: flag('An energy certificate exists', 'Energiatodistus'),
  condition: text('Condition', 'Kunto', ['new', 'good', 'satisfactory', 'passable']),
  plotOwnership: text('Ownership of the plot', 'Tontin omistus', ['own', 'rented', 'optional_rental']),
  plotLeaseEndsOn: date('Last day of the plot lease', 'Tontin vuokra päättyy'),
  newDevelopment: flag('New development', 'Uudiskohde'),
  hasElevator: flag('Elevator', 'Hissi'),
  hasSauna: flag('Sauna in the home', 'Asunnossa sauna'),
  hasSharedSauna: flag('Sauna in the housing company', 'Taloyhtiössä on sauna'),
  hasBalcony: flag('Balcony', 'Parveke'),
  isRented: flag('Sold with a tenant', 'Vuokrattu'),
  isPetFriendly: flag('Pets allowed', 'Lemmikit sallittu'),
  isFurnished: flag('Rented out furnished', 'Kalustettu'),
  heating: text('Heating as printed', 'Lämmitys'),
  buildingMaterial: text('Building material as printed', 'Rakennusmateriaali'),
  housingCompanyName: text('Name of the housing company', 'Taloyhtiön nimi'),
  propertyId: text('Cadastral id, e.g. 91-45-31-53', 'Kiinteistötunnus'),
  brokerReference: text("The broker's own number; not unique", 'Kohdenumero'),
  brokerCompany: text('Name of the broker company (an organisation, not a person)', 'listing company, card company'),
  reservationStatus: text('Reservation status as printed', 'Varaustilanne'),
  redemptionClause: text('Right of redemption as printed', 'Lunastuspykälä'),
  availability: text('When the home becomes free, as printed', 'Vapautuu, Lisätietoa vapautumisesta'),
  availableFrom: date('Day the home becomes free, when it is a date', 'Vapautuu'),
  completesOn: date('Day a new building is completed, when it is a date', 'Valmistumisaika'),
  publishedAt: timestamp('First publication', 'card published, page analytics'),
  priceChangedAt: timestamp('Last change of price, as the portal says', 'card priceChanged'),
  otherDetailsJson: {
    type: 'json',
    unit: null,
    meaning: 'Every label of the page with its value as printed, personal contacts masked',
    source: 'all labels',
  },
} as const satisfies Record<string, FieldSpec>;

export type ListingFieldName = keyof typeof listingFields;
export const listingFieldNames = Object.keys(listingFields) as readonly ListingFieldName[];

interface ValueTypes {
  readonly text: string;
  readonly integer: number;
  readonly number: number;
  readonly boolean: boolean;
  readonly date: string;
  readonly timestamp: string;
  readonly json: Readonly<Record<string, string>>;
}

/** Fields that every record has; any other may be null. */
export const requiredFields = [
  'listingId',
  'url',
  'dealType',
  'city',
  'otherDetailsJson',
] as const satisfies readonly ListingFieldName[];
type RequiredField = (typeof requiredFields)[number];
type ValueOf<Name extends ListingFieldName> = ValueTypes[(typeof listingFields)[Name]['type']];

/**
 * One listing as the page and its card say it. Dates are `YYYY-MM-DD`, timestamps ISO 8601 in UTC.
 * A field is null when the page does not say it or says it in a way that cannot be read (then an issue says so).
 */
export type ListingRecord = {
  readonly [Name in ListingFieldName]: Name extends 'dealType'
    ? DealType
    : Name extends RequiredField
      ? ValueOf<Name>
      : ValueOf<Name> | null;
};

/** `areaM2` -> `area_m2`: the database column of a field. */
export function columnOf(fieldName: string): string {
  return fieldName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
