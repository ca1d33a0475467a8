/**
 * Labels of the section Talon ja tontin tiedot: the housing company, the building, its energy and its plot.
 */
import { eurosOf, finnishDate, grouped, NBSP } from '../finnish-format.ts';
import type { Home } from '../home.ts';
import { plotWords } from '../home.ts';
import type { Random } from '../random.ts';
import { sentencesOf } from '../texts.ts';
import { contactsPrint, plotAreaPrint } from './basic-labels.ts';
import type { Printed } from './label.ts';
import { isShare, labelsOf, oneOf, someOf, yesNo } from './label.ts';

export const buildingLabels = labelsOf('Talon ja tontin tiedot', [
  ['Uudiskohde', 0.96, (home) => yesNo(home.isNewDevelopment, (newDevelopment) => ({ newDevelopment }))],
  ['Valmistumisaika', 0.5, (home, random) => (home.isNewDevelopment ? completionPrint(random) : null)],
  [
    'Taloyhtiön nimi',
    0.97,
    (home) =>
      isShare(home) ? { text: home.housingCompany, fields: { housingCompanyName: home.housingCompany } } : null,
  ],
  ['Rakennusvuosi', 0.93, (home) => ({ text: String(home.yearBuilt), fields: { yearBuilt: home.yearBuilt } })],
  ['Rakennusvuoden lisätiedot', 0.4, (home) => String(home.yearBuilt)],
  [
    'Rakennuksen käyttöönottovuosi',
    0.33,
    (home) => ({ text: String(home.yearBuilt + 1), fields: { yearInUse: home.yearBuilt + 1 } }),
  ],
  [
    'Huoneistojen lukumäärä',
    0.97,
    (home) =>
      isShare(home) ? { text: String(home.apartmentCount), fields: { apartmentCount: home.apartmentCount } } : null,
  ],
  ['Liiketilojen pinta-ala', 0.4, (_home, random) => `${random.integer(0, 400)}${NBSP}m²`],
  ['Liikehuoneistojen lukumäärä', 0.5, (_home, random) => String(random.integer(0, 9))],
  ['Liikehuoneistojen pinta-ala', 0.08, (_home, random) => `${random.integer(20, 600)}${NBSP}m²`],
  ['Kerroksia', 0.88, (home) => ({ text: String(home.floorCount), fields: { floorCount: home.floorCount } })],
  ['Hissi', 0.72, (home) => yesNo(home.hasElevator, (hasElevator) => ({ hasElevator }))],
  [
    'Taloyhtiössä on sauna',
    0.75,
    (home, random) => (isShare(home) ? yesNo(random.chance(0.7), (hasSharedSauna) => ({ hasSharedSauna })) : null),
  ],
  [
    'Rakennusmateriaali',
    0.96,
    (_home, random) => asIs(random, ['Betoni', 'Puu', 'Tiili', 'puu ja tiili', 'Kevytbetoni'], 'buildingMaterial'),
  ],
  ['Kattomateriaali', 0.96, oneOf('Pelti', 'Huopa', 'Tiilikate', 'Bitumikermi')],
  ['Kattotyyppi', 0.92, oneOf('Harjakatto', 'Tasakatto', 'Pulpettikatto')],
  ['Energialuokka', 0.92, (_home, random) => energyPrint(random)],
  [
    'Energiatodistus',
    0.58,
    (_home, random) => yesNo(random.chance(0.9), (hasEnergyCertificate) => ({ hasEnergyCertificate })),
  ],
  ['Kiinteistön antennijärjestelmä', 0.58, oneOf('Kaapeli-TV', 'Antenni', 'Kaapeli-TV liittymä')],
  ['Kiinteistön laajakaistayhteys', 0.08, oneOf('Perusnopeus 50 Mbps', 'Valokuitu')],
  ['TV-palvelut', 0.08, oneOf('Antenni-TV', 'Kaapeli-TV')],
  ['Tontin koko', 0.96, (home) => plotAreaPrint(home)],
  ['Tontin omistus', 1, (home) => ({ text: home.plot, fields: { plotOwnership: plotWords[home.plot] } })],
  ['Maanvuokraaja', 0.95, (home) => (hasLease(home) ? 'Kunta' : null)],
  ['Tontin vuokra', 0.8, (home, random) => (hasLease(home) ? plotRentPrint(random) : null)],
  ['Vuokra-aika', 0.2, (home) => (hasLease(home) ? leaseEndPrint(home, 'Tontin vuokrasopimus päättyy: ') : null)],
  ['Tontin vuokra päättyy', 0.6, (home) => (hasLease(home) ? leaseEndPrint(home, '') : null)],
  ['Tontin kuvaus', 0.1, (_home, random) => sentencesOf(random, 1)],
  ['Kiinteistötunnus', 0.1, (home, random) => propertyIdPrint(home, random)],
  ['Kaavatilanne', 0.58, oneOf('Asemakaava', 'Yleiskaava')],
  ['Kaavoitustiedot', 0.4, oneOf('Kunnan kaavoitusosasto', 'Ks. kunnan karttapalvelu')],
  ['Kaavatiedot', 0.04, oneOf('Asemakaava-alue', 'Ei asemakaavaa')],
  ['Kiinteistönhoito', 0.4, oneOf('Huoltoyhtiö', 'Asukkaat', 'Talonmies')],
  ['Isännöinti', 0.54, (home, random) => (isShare(home) ? contactsPrint(random, 'Kotipihan Isännöinti Oy, ') : null)],
  ['Lunastuspykälä', 0.3, (home, random) => (isShare(home) ? redemptionClause(random) : null)],
  [
    'Liikenneyhteydet',
    0.67,
    oneOf('Bussipysäkki 200 m', 'Juna-asema n. 800 m, hyvät pyöräily-yhteydet', 'Raitiotie lähellä'),
  ],
  [
    'Lämmitys',
    0.96,
    (_home, random) => asIs(random, ['Kaukolämpö', 'Maalämpö', 'Sähkö', 'Ilmalämpöpumppu, sähkö', 'Öljy'], 'heating'),
  ],
  ['Lisätietoja lämmityksestä', 0.83, oneOf('Vesikeskuslämmitys', 'Koneellinen poistoilmanvaihto', 'Lattialämmitys')],
  ['Lämmönjakelu', 0.08, oneOf('Vesikiertoinen patterilämmitys', 'Lattialämmitys')],
  ['Ilmanvaihto', 0.08, oneOf('Painovoimainen', 'Koneellinen')],
  ['Ilmastointijärjestelmä', 0.17, oneOf('Painovoimainen ilmanvaihto', 'Koneellinen poisto')],
  [
    'Lisätietoja talosta',
    0.67,
    () => ({ text: 'Siirry talosivulle', html: '<a href="/talo/tiedot">Siirry talosivulle</a>' }),
  ],
  ['Lisätietoa taloyhtiöstä', 0.1, oneOf('Taloyhtiön lainat:\nHoitolaina päättyy 2031', 'Yhtiö on hoidettu hyvin')],
  ['Taloyhtiön tilat ja tuotot', 0.08, oneOf('Yhtiö omistaa yhden liiketilan', 'Kerhotila ja varasto vuokrattu')],
  [
    'Pysäköintitilan kuvaus',
    0.67,
    oneOf('Pihapaikkoja, jonotus', 'Autohalli ja sähköpistokepaikkoja: 12', 'Kadunvarsi'),
  ],
  [
    'Yhteiset tilat',
    0.85,
    someOf('Pesutupa', 'kuivaushuone', 'väestönsuoja', 'urheiluvälinevarasto', 'kerhohuone', 'mankeli'),
  ],
  ['Pihan kuvaus', 0.17, oneOf('Leikkipaikka, istutuksia ja grillikatos', 'Asfaltoitu sisäpiha')],
  ['Pihan ilmansuunnat', 0.08, someOf('itä', 'etelä', 'länsi')],
  ['Kuntotutkimus', 0.17, oneOf('Kuntoarvio tehty 2022\nKosteuskartoitus tehty 2023', 'Ei tutkimuksia')],
  ['Rannan omistus', 0.1, oneOf('Ei rantaa', 'Oma ranta', 'Yhteinen ranta')],
  ['Vesi ja jätevesi', 0.1, oneOf('Kunnan vesijohto', 'Porakaivo')],
  ['Viemäröinti', 0.1, oneOf('Kunnan', 'Umpikaivo')],
  ['Postitoimipaikka', 0.17, (home) => home.city.name],
  ['Rakennusoikeus', 0.04, (_home, random) => `${random.integer(120, 900)}${NBSP}m²`],
  ['Tietyyppi', 0.03, oneOf('Kunnan katu', 'Yksityistie')],
  ['Palovaroittimet', 0.03, oneOf('Taloyhtiön vastuulla', 'Asukkaan vastuulla')],
]);

function asIs(random: Random, texts: readonly string[], field: 'heating' | 'buildingMaterial'): Printed {
  const text = random.pick(texts);
  return { text, fields: field === 'heating' ? { heating: text } : { buildingMaterial: text } };
}

function completionPrint(random: Random): Printed {
  const month = String(random.integer(1, 12)).padStart(2, '0');
  const day = `2027-${month}-28`;
  if (random.chance(0.6)) return { text: day, fields: { completesOn: day } };
  return { text: `Arviolta ${random.integer(1, 12)}/2027` };
}

function energyPrint(random: Random): Printed {
  if (random.chance(0.12)) return { text: 'Ei lain edellyttämää energiatodistusta' };
  const energyClass = `${random.pick(['A', 'B', 'C', 'D', 'E', 'F', 'G'])}${random.pick([2007, 2013, 2018])}`;
  const until = `20${random.integer(27, 36)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`;
  const withDate = { energyClass, energyCertificateValidUntil: until };
  return random.weighted<Printed>([
    [{ text: energyClass, fields: { energyClass } }, 50],
    [{ text: `${energyClass} Voimassa ${finnishDate(until)}.`, fields: withDate }, 25],
    [{ text: `${energyClass} Voimassa ${finnishDate(until)} saakka.`, fields: withDate }, 10],
    [
      {
        text: `Energialuokka: ${energyClass}, Energiatodistuksen voimassaoloaika: ${finnishDate(until)}`,
        fields: withDate,
      },
      15,
    ],
  ]);
}

/** Yearly rent of the plot; free-text forms use a decimal point and no thousands separator. */
function plotRentPrint(random: Random): Printed {
  const cents = random.integer(300000, 40000000);
  const whole = Math.floor(cents / 100);
  const plain = String(cents / 100);
  return random.weighted<Printed>([
    [{ text: `${eurosOf(cents)} / vuosi`, fields: { plotRentEurYear: cents / 100 } }, 40],
    [{ text: `Tontin vuokran määrä: ${whole} € / vuosi.`, fields: { plotRentEurYear: whole } }, 20],
    [{ text: `Tontin vuokran määrä: ${plain} € / vuosi.`, fields: { plotRentEurYear: cents / 100 } }, 15],
    [{ text: `${plain} EUR/v.`, fields: { plotRentEurYear: cents / 100 } }, 15],
    [{ text: `${grouped(whole)} € / v`, fields: { plotRentEurYear: whole } }, 10],
  ]);
}

/** Rental pages say nothing about the lease of the plot. */
function hasLease(home: Home): boolean {
  return home.plot !== 'Oma' && home.dealType === 'sale';
}

function leaseEndPrint(home: Home, words: string): Printed {
  const day = `${2030 + (home.apartmentCount % 56)}-12-31`;
  return { text: `${words}${finnishDate(day)}`, fields: { plotLeaseEndsOn: day } };
}

function propertyIdPrint(home: Home, random: Random): Printed {
  const text = `${home.city.municipalityNumber}-${random.integer(1, 60)}-${random.integer(1, 400)}-${random.integer(1, 90)}`;
  return { text, fields: { propertyId: text } };
}

function redemptionClause(random: Random): Printed {
  const text = random.pick([
    'Taloyhtiöllä 30 päivän lunastusoikeus.\nOsakkailla ei lunastusoikeutta.',
    'Ei lunastusoikeutta.',
    'Osakkailla lunastusoikeus autopaikkoihin.',
  ]);
  return { text, fields: { redemptionClause: text } };
}
