/**
 * Labels of the section Perustiedot: where the home is, how big it is, what shape it is in.
 */
import { areaOf, escapeHtml, finnishDate, hectaresOf } from '../finnish-format.ts';
import type { Home } from '../home.ts';
import { buildingTypeWords, conditionWords, habitationWords } from '../home.ts';
import type { Random } from '../random.ts';
import { contactPerson, sentencesOf } from '../texts.ts';
import type { Printed } from './label.ts';
import { isShare, labelsOf, oneOf, someOf, yesNo } from './label.ts';

export const basicLabels = labelsOf('Perustiedot', [
  [
    'Kaupunginosa',
    1,
    (home) => (home.saysDistrict ? { text: home.district.name, fields: { district: home.district.name } } : null),
  ],
  [
    'Kaupunki',
    1,
    (home, random) => ({
      text: `${home.cityPrinted}${random.chance(0.05) ? ' ' : ''}`,
      fields: { cityAsPrinted: home.cityPrinted },
    }),
  ],
  ['Sijainti', 1, (home) => locationPrint(home)],
  ['Kohdenumero', 1, (_home, random) => brokerReference(random)],
  ['Tontin pinta-ala', 0.95, (home) => plotAreaPrint(home)],
  ['Asuinpinta-ala', 1, (home) => ({ text: areaOf(home.areaTenthsM2), fields: { areaM2: home.areaTenthsM2 / 10 } })],
  ['Kokonaispinta-ala', 0.95, (home, random) => totalArea(home, random)],
  [
    'Pinta-alan lähde',
    0.4,
    oneOf('Yhtiöjärjestyksen mukainen pinta-ala', 'Isännöitsijäntodistuksen mukainen pinta-ala'),
  ],
  [
    'Pinta-alojen lisätiedot',
    0.5,
    oneOf('Pinta-alaa ei ole tarkistusmitattu.', 'Mitattu vanhan tavan mukaan.\nTodellinen ala voi poiketa.'),
  ],
  ['Huoneiston kokoonpano', 1, (home, random) => layoutPrint(home, random)],
  ['Huoneita', 1, (home) => (home.saysRooms ? { text: String(home.rooms), fields: { rooms: home.rooms } } : null)],
  ['Kerros', 0.95, (home, random) => floorPrint(home, random)],
  [
    'Rakennuksen tyyppi',
    1,
    (home) => ({ text: home.buildingType, fields: { buildingType: buildingTypeWords[home.buildingType] } }),
  ],
  ['Kunto', 0.99, (home) => ({ text: home.condition, fields: { condition: conditionWords[home.condition] } })],
  ['Kunnon lisätiedot', 0.6, oneOf('Siisti', 'Pinnat uusittu hiljattain', 'Kaipaa pintaremonttia', 'Uudenveroinen')],
  ['Vapautuu', 0.25, (_home, random) => releasePrint(random)],
  ['Lisätietoa vapautumisesta', 0.8, (_home, random) => releaseText(random)],
  [
    'Keittiön varusteet',
    0.92,
    someOf(
      'Liesi: induktioliesi',
      'jääkaappi/pakastin',
      'astianpesukone',
      'liesituuletin',
      'työtasot: laminaatti',
      'integroitu mikroaaltouuni',
    ),
  ],
  ['Keittiö', 0.08, oneOf('Avokeittiö', 'Keittokomero', 'Erillinen keittiö')],
  ['Parveke', 0.75, (home) => yesNo(home.hasBalcony, (hasBalcony) => ({ hasBalcony }))],
  ['Parvekkeen lisätiedot', 0.6, (home) => (home.hasBalcony ? 'Tyyppi: lasitettu. Suunta: lounas' : null)],
  [
    'Kylpyhuoneen varusteet',
    0.87,
    someOf('suihku', 'suihkuseinä', 'pesukoneliitäntä', 'lattialämmitys', 'peilikaappi', 'wc-istuin'),
  ],
  ['Säilytystilat', 0.75, someOf('vaatehuone', 'kaapistot', 'kellarikomero', 'ulkovarasto')],
  ['Ikkunoiden suunta', 0.5, someOf('itä', 'etelä', 'länsi', 'pohjoinen')],
  ['Näkymät', 0.87, oneOf('Sisäpihalle', 'Puistoon', 'Kadulle ja naapuritalon pihalle.', 'Metsämaisema')],
  ['Tulevat remontit', 0.9, (_home, random) => renovations(random, 2026, 2034)],
  ['Tehdyt remontit', 0.92, (_home, random) => renovations(random, 1994, 2025)],
  ['Keittiön remontit', 0.08, oneOf('Keittiö uusittu 2017', 'Kaapistojen ovet vaihdettu')],
  ['Kylpyhuoneen remontit', 0.08, oneOf('Kylpyhuone remontoitu linjasaneerauksessa', 'Laatoitettu 2014')],
  ['Muut remontit', 0.08, oneOf('Lattiat hiottu 2020', 'Ovet vaihdettu 2012')],
  ['Asunnossa sauna', 0.8, (home) => yesNo(home.hasSauna, (hasSauna) => ({ hasSauna }))],
  ['Saunan lisätiedot', 0.5, (home) => (home.hasSauna ? 'Sähkökiuas. Seinämateriaali: kuusipaneeli' : null)],
  [
    'Asumistyyppi',
    1,
    (home) => ({ text: home.habitation, fields: { habitationType: habitationWords[home.habitation] } }),
  ],
  [
    'Vuokrattu',
    0.58,
    (home, random) => (home.dealType === 'rent' ? null : yesNo(random.chance(0.15), (isRented) => ({ isRented }))),
  ],
  [
    'Palvelut',
    0.55,
    (_home, random) => `Kauppa ${random.integer(1, 9)}00 m. Koulu ${random.integer(1, 3)} km. Kirjasto lähellä.`,
  ],
  ['Harrastusmahdollisuudet', 0.08, oneOf('Ulkoilureittejä, kuntosali lähellä', 'Uimahalli ja jäähalli lähellä')],
  ['Lisätiedot', 0.54, (_home, random) => sentencesOf(random, 2)],
  ['Kohde on', 0.96, (home) => holdingPrint(home)],
  [
    'Osakeluettelo on siirretty huoneistojärjestelmään',
    0.5,
    (home, random) => (isShare(home) ? random.pick(['Kyllä', 'Ei']) : null),
  ],
  ['Sähköinen omistajamerkintä', 0.33, (home, random) => (isShare(home) ? random.pick(['Kyllä', 'Ei']) : null)],
  ['Tiedustelut', 0.3, (_home, random) => contactsPrint(random, '')],
  [
    'Linkit',
    0.58,
    (_home, random) => linkPrint(random.pick(['Virtuaaliesittely', 'Lisätietoa kohteesta', 'Pohjakuva'])),
  ],
  ['Tietoliikennepalvelut', 0.33, oneOf('Taloverkko', 'Kuituliittymä, asukas tekee oman sopimuksen')],
  ['Ensiesittelyssä', 0.2, oneOf('Kyllä', 'Ei')],
  ['Varaustilanne', 0.1, (_home, random) => reservationPrint(random)],
  ['Olohuoneen varusteet', 0.08, oneOf('Takkavaraus ja kattovalaisin', 'Sälekaihtimet')],
  ['Lisätietoja makuuhuoneen varusteista', 0.25, oneOf('Kiinteät kaapistot.', 'Liukuovikaapisto ja pimennysverhot')],
  ['Muut ehdot', 0.08, oneOf('Ostaja vastaa siirtokuluista.', 'Kauppa tehdään sähköisesti.')],
  ['Valvontajärjestelmä', 0.04, oneOf('Ovikamera', 'Kiinteistössä kameravalvonta')],
  ['Kuljetuspalvelut', 0.03, oneOf('Palvelulinja kulkee arkisin', 'Kutsubussi')],
]);

function locationPrint(home: Home): Printed {
  const { postalCode } = home.district;
  const cityShown = home.cityPrinted.replace(/ \d{5}$/, '');
  const link = (words: string) =>
    `<a href="/myytavat-asunnot?text=${encodeURIComponent(words)}">${escapeHtml(words)}</a>`;
  const parts = [link(home.street), `${escapeHtml(home.houseNumber)},`, link(postalCode), link(cityShown)];
  return {
    text: `${home.street}\n${home.houseNumber},\n${postalCode}\n${cityShown}`,
    html: parts.join('\n\t\t\t\t'),
    fields: { address: `${home.street} ${home.houseNumber}`, postalCode },
  };
}

function brokerReference(random: Random): Printed {
  const text = random.chance(0.5)
    ? String(random.integer(10000000, 89999999))
    : `${random.integer(1000, 9999)}-${random.integer(10, 99)}`;
  return { text, fields: { brokerReference: text } };
}

/** Area of the plot with its field; hectares from one hectare up. Also used by Tontin koko. */
export function plotAreaPrint(home: Home): Printed {
  const isHectares = home.plotAreaTenthsM2 >= 100000;
  const text = isHectares ? hectaresOf(home.plotAreaTenthsM2 / 1000) : areaOf(home.plotAreaTenthsM2);
  return { text, fields: { plotAreaM2: home.plotAreaTenthsM2 / 10 } };
}

function totalArea(home: Home, random: Random): Printed {
  const tenths = home.areaTenthsM2 + (random.chance(0.3) ? random.integer(1, 60) * 5 : 0);
  return { text: areaOf(tenths), fields: { totalAreaM2: tenths / 10 } };
}

function layoutPrint(home: Home, random: Random): Printed {
  const rooms = Math.max(1, home.rooms);
  const text = random.pick([
    `${rooms}h+k+s`,
    `${rooms}H+KK`,
    `${rooms}h, avok, kph, parveke`,
    `${rooms}h+k+s+kph+2xwc+kuisti+varasto`,
    `${rooms}-${rooms + 1}h, k, khh`,
    `${Math.max(1, rooms - 1)}mh, oh, avokeittiö`,
    `${rooms} h + k (yht.järj.muk. ${rooms}h+kk)`,
  ]);
  return { text, fields: { roomConfiguration: text } };
}

function floorPrint(home: Home, random: Random): Printed | null {
  if (home.floor === null) return null;
  const isBare = random.chance(home.dealType === 'rent' ? 0.2 : 0.02);
  if (isBare) return { text: String(home.floor), fields: { floor: home.floor } };
  return { text: `${home.floor} / ${home.floorCount}`, fields: { floor: home.floor, floorCount: home.floorCount } };
}

function releasePrint(random: Random): Printed {
  if (random.chance(0.4)) return { text: 'Heti vapaa', fields: { availability: 'Heti vapaa' } };
  const day = `2026-${String(random.integer(1, 12)).padStart(2, '0')}-${String(random.integer(1, 28)).padStart(2, '0')}`;
  return { text: finnishDate(day), fields: { availability: finnishDate(day), availableFrom: day } };
}

function releaseText(random: Random): Printed {
  const text = random.pick([
    'Sopimuksen mukaan',
    'Heti',
    'Viimeistään 2 kk kaupoista.',
    'Kolme kuukautta kaupanteosta',
    'Vuoden vaihteessa',
  ]);
  return { text, fields: { availability: text } };
}

function renovations(random: Random, firstYear: number, lastYear: number): string {
  const works = [
    'Vesikatteen huolto',
    'Ikkunoiden maalaus',
    'Salaojien uusiminen',
    'Linjasaneeraus',
    'Julkisivun pesu',
    'Hissin uusiminen',
  ];
  const count = random.integer(1, 5);
  const lines = Array.from({ length: count }, () => `${random.integer(firstYear, lastYear)}: ${random.pick(works)}`);
  return lines.join('\n');
}

function holdingPrint(home: Home): Printed {
  if (home.isRealEstate) return { text: 'Kiinteistö', fields: { holdingForm: 'real_estate' } };
  return { text: 'Osakehuoneisto', fields: { holdingForm: 'housing_share' } };
}

/** A value that names a person and is kept as `[redacted]` as a whole. Also used by Isännöinti. */
export function contactsPrint(random: Random, company: string): Printed {
  const person = contactPerson(random);
  return { text: `${company}${person.name}, ${person.phone}, ${person.email}`, masked: '[redacted]' };
}

function linkPrint(text: string): Printed {
  return { text, html: `<a href="/palvelut/linkki" rel="nofollow" target="_blank">${escapeHtml(text)}</a>` };
}

function reservationPrint(random: Random): Printed {
  const text = random.pick(['Vapaa', 'Varattu', 'Varaus tehty']);
  return { text, fields: { reservationStatus: text } };
}
