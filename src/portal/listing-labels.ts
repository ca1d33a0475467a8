/**
 * The table of labels: which printed label fills which field, read how. The listing page is read by this table alone;
 * a new spelling of the portal is one more word here. Labels not in the table are kept in otherDetailsJson.
 * The first label of a row is preferred; its other spellings are used when it is absent or empty.
 */
import type { DealType, ListingFieldName, ListingRecord } from '../listings/fields.ts';
import type { Reading } from '../listings/issue.ts';
import { normaliseLabel } from './normalise-label.ts';
import { readLocationText } from './place.ts';
import { readMonthlyEur, readPerM2Eur, readTotalEur, readYearlyEur } from './read-amount.ts';
import { readAreaM2 } from './read-area.ts';
import { readFloor, readInteger, readYear, readYesNo } from './read-count.ts';
import { readDay, readDayOrWords } from './read-date.ts';
import { readEnergyClass } from './read-energy-class.ts';
import {
  readBuildingType,
  readCondition,
  readHabitationType,
  readHoldingForm,
  readPlotOwnership,
} from './read-word.ts';
import type { Reader } from './reading.ts';
import { readingOf } from './reading.ts';

/** Fields of a record while it is being read. */
export type RecordDraft = { -readonly [Name in ListingFieldName]?: ListingRecord[Name] | null };

export interface LabelRow {
  readonly field: ListingFieldName;
  /** As printed, the preferred one first. */
  readonly labels: readonly string[];
  /** Normalised labels, the preferred one first. */
  readonly keys: readonly string[];
  /** Only on pages of this deal type; null on both. */
  readonly dealType: DealType | null;
  readonly read: Reader<string | number | boolean>;
}

type Plain<Name extends ListingFieldName> = Extract<ListingRecord[Name], string | number | boolean>;

function row<Name extends ListingFieldName>(
  labels: readonly string[],
  field: Name,
  read: Reader<Plain<Name>>,
  dealType: DealType | null = null,
): LabelRow {
  return { field, labels, keys: labels.map(normaliseLabel), dealType, read };
}

/** One part of a value that says several things. The first row of a label carries its issues, the others are quiet. */
function partOf<Whole, Part>(
  read: Reader<Whole>,
  pick: (whole: Whole) => Part | null,
  voice: 'issues' | 'quiet',
): Reader<Part> {
  return (text, field) => {
    const { value, issues } = read(text, field);
    return { value: value === null ? null : pick(value), issues: voice === 'issues' ? issues : [] };
  };
}

function readText(text: string): Reading<string | null> {
  return readingOf(text === '' || text === '-' ? null : text);
}

const readPlace: Reader<ReturnType<typeof readLocationText>> = (text) => readingOf(readLocationText(text));

export const listingLabels: readonly LabelRow[] = [
  // Where
  row(['Kaupunki', 'Kunta'], 'cityAsPrinted', readText),
  row(['Kaupunginosa', 'Kaupunginosa/kylä'], 'district', readText),
  row(
    ['Sijainti', 'Osoite'],
    'address',
    partOf(readPlace, (place) => place.address, 'issues'),
  ),
  row(
    ['Sijainti', 'Osoite'],
    'postalCode',
    partOf(readPlace, (place) => place.postalCode, 'quiet'),
  ),
  // What
  row(['Rakennuksen tyyppi', 'Talotyyppi'], 'buildingType', readBuildingType),
  row(['Asumistyyppi', 'Asumismuoto'], 'habitationType', readHabitationType),
  row(['Kohde on'], 'holdingForm', readHoldingForm),
  row(['Huoneiston kokoonpano', 'Kokoonpano'], 'roomConfiguration', readText),
  row(['Huoneita', 'Huoneiden lukumäärä'], 'rooms', readInteger),
  row(['Asuinpinta-ala'], 'areaM2', readAreaM2),
  row(['Kokonaispinta-ala'], 'totalAreaM2', readAreaM2),
  row(
    ['Kerros'],
    'floor',
    partOf(readFloor, (pair) => pair.floor, 'issues'),
  ),
  row(['Kerroksia', 'Kerrosten lukumäärä'], 'floorCount', readInteger),
  row(
    ['Kerros'],
    'floorCount',
    partOf(readFloor, (pair) => pair.floorCount, 'quiet'),
  ),
  row(['Kunto'], 'condition', readCondition),
  row(['Uudiskohde'], 'newDevelopment', readYesNo),
  row(['Vuokrattu'], 'isRented', readYesNo),
  row(['Asunnossa sauna', 'Oma sauna'], 'hasSauna', readYesNo),
  row(['Parveke'], 'hasBalcony', readYesNo),
  // Price
  row(['Velaton hinta', 'Velaton myyntihinta'], 'debtFreePriceEur', readTotalEur, 'sale'),
  row(['Myyntihinta', 'Asumisoikeusmaksu'], 'salePriceEur', readTotalEur, 'sale'),
  row(['Velkaosuus', 'Lainaosuus'], 'debtShareEur', readTotalEur, 'sale'),
  row(['Neliöhinta'], 'pricePerM2Eur', readPerM2Eur, 'sale'),
  row(
    ['Vuokra', 'Kuukausivuokra', 'Vuokra/kk', 'Vuokra / kk', 'Kokonaisvuokra'],
    'rentEurMonth',
    readMonthlyEur,
    'rent',
  ),
  row(['Vakuus', 'Takuuvuokra'], 'securityDepositEur', readTotalEur, 'rent'),
  row(['Lemmikit sallittu', 'Lemmikkieläimet sallittu'], 'isPetFriendly', readYesNo),
  row(['Kalustettu', 'Vuokrataan kalustettuna'], 'isFurnished', readYesNo, 'rent'),
  // Monthly fees
  row(['Hoitovastike'], 'maintenanceFeeEurMonth', readMonthlyEur),
  row(['Pääomavastike', 'Rahoitusvastike'], 'financingFeeEurMonth', readMonthlyEur),
  row(['Yhtiövastike yhteensä', 'Yhtiövastike'], 'totalFeeEurMonth', readMonthlyEur),
  row(['Tontin vuokravastike', 'Tonttivastike'], 'plotRentFeeEurMonth', readMonthlyEur),
  row(['Vesimaksu'], 'waterFeeEurMonth', readMonthlyEur),
  row(['Saunan kustannukset', 'Saunamaksu'], 'saunaFeeEurMonth', readMonthlyEur),
  row(['Autopaikan kustannukset', 'Autopaikkamaksu'], 'parkingFeeEurMonth', readMonthlyEur),
  row(['Lämmityskustannukset'], 'heatingCostEurMonth', readMonthlyEur),
  // Building
  row(['Taloyhtiön nimi'], 'housingCompanyName', readText),
  row(['Rakennusvuosi'], 'yearBuilt', readYear),
  row(['Rakennuksen käyttöönottovuosi', 'Käyttöönottovuosi'], 'yearInUse', readYear),
  row(['Huoneistojen lukumäärä'], 'apartmentCount', readInteger),
  row(['Hissi'], 'hasElevator', readYesNo),
  row(['Taloyhtiössä on sauna'], 'hasSharedSauna', readYesNo),
  row(['Rakennusmateriaali'], 'buildingMaterial', readText),
  row(['Lämmitys'], 'heating', readText),
  row(
    ['Energialuokka'],
    'energyClass',
    partOf(readEnergyClass, (energy) => energy.energyClass, 'issues'),
  ),
  row(
    ['Energialuokka'],
    'energyCertificateValidUntil',
    partOf(readEnergyClass, (energy) => energy.validUntil, 'quiet'),
  ),
  row(['Energiatodistus', 'Energiatoditus'], 'hasEnergyCertificate', readYesNo),
  // Plot
  row(['Tontin koko', 'Tontin pinta-ala'], 'plotAreaM2', readAreaM2),
  row(['Tontin omistus'], 'plotOwnership', readPlotOwnership),
  row(['Tontin vuokra'], 'plotRentEurYear', readYearlyEur),
  row(['Tontin vuokra päättyy'], 'plotLeaseEndsOn', readDay),
  // On rentals Vuokra-aika is how long the home is let.
  row(['Vuokra-aika'], 'plotLeaseEndsOn', readDay, 'sale'),
  row(
    ['Valinnaisen vuokratontin lunastusosuus', 'Vuokratontin lunastusosuus', 'Tontin lunastusosuus'],
    'plotRedemptionEur',
    readTotalEur,
  ),
  row(['Kiinteistötunnus'], 'propertyId', readText),
  // Advertisement
  row(['Kohdenumero'], 'brokerReference', readText),
  row(['Varaustilanne'], 'reservationStatus', readText),
  row(['Lunastuspykälä', 'Lunastusoikeus'], 'redemptionClause', readText),
  row(['Lisätietoa vapautumisesta', 'Vapautuu', 'Vapautuminen'], 'availability', readText),
  row(['Vapautuu', 'Vapautuminen'], 'availableFrom', readDayOrWords),
  row(['Valmistumisaika', 'Arvioitu valmistuminen'], 'completesOn', readDayOrWords),
];

/** Normalised labels by which a page is known to be a listing. */
export const knownLabelKeys: ReadonlySet<string> = new Set(listingLabels.flatMap(({ keys }) => keys));

const keyOfPrinted: ReadonlyMap<string, string> = new Map(
  listingLabels.flatMap(({ labels, keys }) => labels.map((label, index) => [label, keys[index] ?? ''])),
);

/** The key of a printed label; those of the table are known by heart. */
export function keyOfLabel(label: string): string {
  const trimmed = label.trim();
  return keyOfPrinted.get(trimmed) ?? normaliseLabel(trimmed);
}

/** Labels of the price table: a page that has one of them is a listing, whatever else it says. */
export const priceLabelKeys: ReadonlySet<string> = new Set(
  listingLabels
    .filter(({ field }) => field === 'debtFreePriceEur' || field === 'salePriceEur' || field === 'rentEurMonth')
    .flatMap(({ keys }) => keys),
);
