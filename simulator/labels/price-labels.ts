/**
 * Labels of the section Hintatiedot ja muut kustannukset: price, fees and rent, in the mixed formats of real pages.
 */
import { amountWithCents, eurosOf, eurosPerMonth, NBSP } from '../finnish-format.ts';
import type { Home } from '../home.ts';
import { pricePerM2Cents } from '../home.ts';
import type { Random } from '../random.ts';
import type { Printed } from './label.ts';
import { amountPrint, isShare, labelsOf, monthlyPrint, oneOf, yesNo } from './label.ts';

export const priceLabels = labelsOf('Hintatiedot ja muut kustannukset', [
  [
    'Velaton hinta',
    1,
    (home) =>
      saysDebtFree(home) ? amountPrint(home.debtFreeCents, (debtFreePriceEur) => ({ debtFreePriceEur })) : null,
  ],
  [
    'Myyntihinta',
    1,
    (home) =>
      isSale(home) ? amountPrint(home.debtFreeCents - home.debtShareCents, (salePriceEur) => ({ salePriceEur })) : null,
  ],
  [
    'Velkaosuus',
    0.46,
    (home) =>
      isSale(home) && saysDebtFree(home) && home.debtShareCents > 0
        ? amountPrint(home.debtShareCents, (debtShareEur) => ({ debtShareEur }))
        : null,
  ],
  ['Neliöhinta', 1, (home) => (saysDebtFree(home) ? pricePerM2(home) : null)],
  [
    'Vuokra',
    1,
    (home, random) => (home.dealType === 'rent' && !usesLongRentLabel(home) ? rentPrint(home, random) : null),
  ],
  [
    'Kuukausivuokra',
    1,
    (home, random) => (home.dealType === 'rent' && usesLongRentLabel(home) ? rentPrint(home, random) : null),
  ],
  ['Vakuus', 0.85, (home, random) => (home.dealType === 'rent' ? depositPrint(home, random) : null)],
  [
    'Vuokra-ajan lisätiedot',
    0.5,
    (home, random) =>
      home.dealType === 'rent' ? random.pick(['Toistaiseksi voimassa oleva', 'Vähintään 12 kk']) : null,
  ],
  [
    'Lemmikit sallittu',
    0.5,
    (home, random) =>
      home.dealType === 'rent' ? yesNo(random.chance(0.7), (isPetFriendly) => ({ isPetFriendly })) : null,
  ],
  [
    'Kalustettu',
    0.4,
    (home, random) => (home.dealType === 'rent' ? yesNo(random.chance(0.1), (isFurnished) => ({ isFurnished })) : null),
  ],
  ['Tupakointi sallittu', 0.4, (home) => (home.dealType === 'rent' ? 'Ei' : null)],
  [
    'Hoitovastike',
    0.96,
    (home, random) =>
      hasFees(home)
        ? feePrint(home.maintenanceCents, random, (maintenanceFeeEurMonth) => ({ maintenanceFeeEurMonth }))
        : null,
  ],
  [
    'Pääomavastike',
    0.92,
    (home, random) =>
      hasFees(home) && home.financingCents > 0 && !usesFinancingLabel(home)
        ? feePrint(home.financingCents, random, (financingFeeEurMonth) => ({ financingFeeEurMonth }))
        : null,
  ],
  [
    'Rahoitusvastike',
    0.92,
    (home, random) =>
      hasFees(home) && home.financingCents > 0 && usesFinancingLabel(home)
        ? feePrint(home.financingCents, random, (financingFeeEurMonth) => ({ financingFeeEurMonth }))
        : null,
  ],
  ['Yhtiövastike yhteensä', 1, (home) => (hasFees(home) && !usesShortTotal(home) ? totalFee(home) : null)],
  ['Yhtiövastike', 1, (home) => (hasFees(home) && usesShortTotal(home) ? totalFee(home) : null)],
  [
    'Lämmityskustannukset',
    0.1,
    (_home, random) =>
      feePrint(random.integer(40, 320) * 100, random, (heatingCostEurMonth) => ({ heatingCostEurMonth })),
  ],
  [
    'Saunan kustannukset',
    0.33,
    (_home, random) => feePrint(random.integer(10, 60) * 50, random, (saunaFeeEurMonth) => ({ saunaFeeEurMonth })),
  ],
  [
    'Vesimaksu',
    0.6,
    (_home, random) => feePrint(random.integer(12, 70) * 50, random, (waterFeeEurMonth) => ({ waterFeeEurMonth })),
  ],
  [
    'Vesimaksun lisätiedot',
    0.83,
    oneOf('henkilöluvun mukaan', '23 € / hlö / kk', 'Kulutuksen mukaan, tasaus kaksi kertaa vuodessa'),
  ],
  ['Sähkömaksu', 0.05, oneOf('Oma sähkösopimus', 'kulutuksen mukaan')],
  [
    'Autopaikan kustannukset',
    0.2,
    (_home, random) => feePrint(random.integer(10, 90) * 100, random, (parkingFeeEurMonth) => ({ parkingFeeEurMonth })),
  ],
  [
    'Tontin vuokravastike',
    1,
    (home, random) => (hasFees(home) && home.plot !== 'Oma' && random.chance(0.35) ? plotFee(random) : null),
  ],
  [
    'Muut kustannukset',
    0.6,
    oneOf(
      'Autopaikka 25,00€/kk, pesutupa 10,00€/kk.',
      'Ilmoitusmaksut ja kaupanvahvistus ostajalta.',
      'Hallituksella valtuus periä yksi ylimääräinen vastike vuodessa.',
    ),
  ],
  ['Lainaosuuden maksu', 0.2, (home) => (home.debtShareCents > 0 ? 'Kyllä' : null)],
  ['Rahoitusmuoto', 0.3, (home) => (home.isNewDevelopment ? 'Yhtiölaina 25 vuotta, lyhennysvapaata 2 vuotta.' : null)],
  [
    'Vastikkeet lyhennysvapaakaudella',
    0.6,
    (home) => (home.isNewDevelopment ? `Hoitovastike ${eurosPerMonth(home.maintenanceCents)}` : null),
  ],
  [
    'Vastikkeet lyhennysvapaakauden jälkeen',
    0.6,
    (home) => (home.isNewDevelopment ? `Yhteensä ${eurosPerMonth(home.maintenanceCents + home.financingCents)}` : null),
  ],
  [
    'Valinnaisen vuokratontin lunastusosuus',
    0.8,
    (home) => (home.plot === 'Valinnainen vuokratontti' ? redemption(home) : null),
  ],
  ['Vuokratontin lunastusosuus', 0.4, (home) => (home.plot === 'Valinnainen vuokratontti' ? redemption(home) : null)],
  ['Onko osuus lunastettu', 0.5, (home) => (home.plot === 'Valinnainen vuokratontti' ? 'Ei' : null)],
  ['Onko osuus tontista lunastettu', 0.5, (home) => (home.plot === 'Valinnainen vuokratontti' ? 'Ei' : null)],
  ['Kiinnitykset', 0.06, (_home, random) => `${eurosOf(random.integer(50, 900) * 100000)}, panttikirjat pankissa`],
  ['Kiinteistövero', 0.05, (_home, random) => `${random.integer(150, 900)}${NBSP}€ / vuosi`],
  ['Jätehuoltomaksu', 0.03, oneOf('sisältyy hoitovastikkeeseen', 'kulutuksen mukaan')],
]);

function isSale(home: Home): boolean {
  return home.dealType === 'sale';
}

/** Houses and half of the right-of-occupancy flats have no Velaton hinta and so no Neliöhinta. */
function saysDebtFree(home: Home): boolean {
  if (!isSale(home) || home.isRealEstate) return false;
  return home.habitation !== 'Asumisoikeus' || home.maintenanceCents % 200 < 100;
}

function hasFees(home: Home): boolean {
  return isSale(home) && isShare(home);
}

function usesLongRentLabel(home: Home): boolean {
  return home.areaTenthsM2 % 50 === 35;
}

function usesFinancingLabel(home: Home): boolean {
  return home.apartmentCount % 12 === 0;
}

function usesShortTotal(home: Home): boolean {
  return home.apartmentCount % 14 === 0;
}

function pricePerM2(home: Home): Printed {
  const cents = pricePerM2Cents(home);
  return { text: `${eurosOf(cents)} / m²`, fields: { pricePerM2Eur: cents / 100 } };
}

function rentPrint(home: Home, random: Random): Printed {
  const text = random.chance(0.97) ? eurosPerMonth(home.rentCents) : `${amountWithCents(home.rentCents)} €/kk`;
  return { text, fields: { rentEurMonth: home.rentCents / 100 } };
}

/** Usually an amount; sometimes a number of rents, which is no amount. */
function depositPrint(home: Home, random: Random): Printed {
  const months = random.integer(1, 3);
  if (random.chance(0.15)) return { text: `${months} kk vuokra` };
  return amountPrint(home.rentCents * months, (securityDepositEur) => ({ securityDepositEur }));
}

function feePrint(cents: number, random: Random, fields: (euros: number) => NonNullable<Printed['fields']>): Printed {
  return { text: monthlyPrint(cents, random), fields: fields(cents / 100) };
}

function totalFee(home: Home): Printed {
  const cents = home.maintenanceCents + home.financingCents;
  return { text: eurosPerMonth(cents), fields: { totalFeeEurMonth: cents / 100 } };
}

/** Now and then the amount is missing and only the unit is left. */
function plotFee(random: Random): Printed {
  if (random.chance(0.25)) return { text: '/ kk' };
  const cents = random.integer(2000, 140000);
  return { text: eurosPerMonth(cents), fields: { plotRentFeeEurMonth: cents / 100 } };
}

function redemption(home: Home): Printed {
  return amountPrint(Math.round(home.debtFreeCents * 0.11), (plotRedemptionEur) => ({ plotRedemptionEur }));
}
