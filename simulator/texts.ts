/**
 * Invented Finnish content: street, company and broker names, and free text made by a small grammar. No person, phone
 * number or address in here is real: phones are from made-up series and e-mail domains end in `.invalid`.
 */
import type { Random } from './random.ts';

const streetStems = [
  'Kuusi',
  'Mänty',
  'Leppä',
  'Koivu',
  'Tammi',
  'Vaahtera',
  'Pihlaja',
  'Kanerva',
  'Mylly',
  'Pajan',
  'Sepän',
  'Usva',
  'Kaste',
  'Halla',
  'Pouta',
  'Tuulen',
  'Suvi',
  'Karpalo',
  'Puolukka',
  'Lumme',
  'Kaisla',
  'Varpu',
  'Sammal',
  'Ratsu',
];
const streetEndings = ['tie', 'kuja', 'polku', 'rinne', 'kaari', 'mäentie', 'rannantie', 'niityntie', 'penger', 'katu'];
const staircases = ['', '', ' A', ' B', ' C', ' D', ' E', ' A 3', ' B 12', ' as 4'];

/** Street name and house number, e.g. `Kuusirinne` and `12 A`. */
export function streetAddress(random: Random): { readonly street: string; readonly number: string } {
  const street = `${random.pick(streetStems)}${random.pick(streetEndings)}`;
  return { street, number: `${random.integer(1, 58)}${random.pick(staircases)}` };
}

const companyStems = ['Poutapilvi', 'Kanervikko', 'Harjunhelmi', 'Myllynkivi', 'Lepikko', 'Saunaranta', 'Kotikuusi'];

/** Name of a housing company, sometimes with characters that pages must escape. */
export function housingCompanyName(random: Random): string {
  const name = `Asunto Oy ${random.pick(companyStems)} ${random.integer(1, 40)}`;
  return random.weighted([
    [name, 94],
    [`${name} & Piha`, 3],
    [`As. Oy "${random.pick(companyStems)}"`, 3],
  ]);
}

const brokerStems = ['Havukoti', 'Rantaovi', 'Kivijalka', 'Pihapiiri', 'Tuulikello', 'Lyhty', 'Avainlinna', 'Kaarna'];

/** Name of a broker company. */
export function brokerCompanyName(random: Random): string {
  const ending = random.pick(['LKV Oy', 'Kiinteistönvälitys Oy LKV', 'Asunnot Oy', '& Kumppanit LKV']);
  return `${random.pick(brokerStems)} ${ending}`;
}

const givenNames = ['Aino', 'Eero', 'Helmi', 'Onni', 'Sanelma', 'Tauno', 'Vieno', 'Urho'];
const familyNames = ['Kaislanen', 'Poutamäki', 'Hallavuori', 'Tuulenkylä', 'Sammalsuo', 'Varpula'];

/** An invented person with an invented phone and e-mail address. */
export function contactPerson(random: Random): {
  readonly name: string;
  readonly phone: string;
  readonly email: string;
} {
  const given = random.pick(givenNames);
  const family = random.pick(familyNames);
  const digits = String(random.integer(1000000, 9999999));
  const local = `${digits.slice(0, 3)} ${digits.slice(3)}`;
  const phone = random.chance(0.5) ? `040 ${local}` : `+358 50 ${local}`;
  const host = given.toLowerCase();
  return { name: `${given} ${family}`, phone, email: `${host}.${plainLetters(family)}@valitys.invalid` };
}

function plainLetters(name: string): string {
  return name.toLowerCase().replaceAll('ä', 'a').replaceAll('ö', 'o');
}

const openings = ['Valoisa', 'Rauhallinen', 'Hyväkuntoinen', 'Tilava', 'Viihtyisä', 'Persoonallinen', 'Läpitalon'];
const homes = ['koti', 'asunto', 'huoneisto', 'perhekoti', 'pikkukoti', 'kaupunkikoti'];
const settings = [
  'puiston reunalla',
  'lähellä palveluita',
  'hiljaisen kadun varrella',
  'hyvien yhteyksien päässä',
  'vehreän pihan ympärillä',
  'aivan ulkoilureittien tuntumassa',
];
const sentences = [
  'Keittiössä on runsaasti kaappeja ja tilaa ruokapöydälle.',
  'Olohuoneen isoista ikkunoista tulee valoa koko päivän.',
  'Taloyhtiö on hoidettu suunnitelmallisesti.',
  'Piha on suojaisa ja istutuksiltaan monipuolinen.',
  'Pohja on toimiva eikä hukkaneliöitä ole.',
  'Bussi kulkee läheltä ja pyörätie alkaa talon kulmalta.',
  'Kauppa, koulu ja päiväkoti ovat kävelymatkan päässä.',
  'Eteisessä on tilaa säilytykselle, ja vaatehuone helpottaa arkea.',
  'Kylpyhuone on remontoitu ja siinä on paikka pesukoneelle.',
  'Illalla aurinko laskee parvekkeen puolella.',
  'Makuuhuoneet ovat rauhallisella sisäpihan puolella.',
  'Sähköauton latausta on valmisteltu kahdelle paikalle.',
];
const oddSentences = [
  'Myyjä kertoo: "parasta on hiljaisuus & valo" \u{1F33F}.',
  "Robert'); DROP TABLE listings;-- on naapurin koiran nimi.",
  'Kyltissä lukee myös \u05e9\u05dc\u05d5\u05dd ja <tervetuloa>.',
];

/** One to three sentences on one line, for a label's value. */
export function sentencesOf(random: Random, max = 3): string {
  const count = random.integer(1, max);
  return Array.from({ length: count }, () => random.pick(sentences)).join(' ');
}

export interface Description {
  /** As the page prints it, contacts included. */
  readonly printed: string;
  /** As a collector keeps it by default: every phone and e-mail address is `[redacted]`. */
  readonly masked: string;
}

/** Free text of a listing, 3 to 8 lines. */
export function descriptionOf(random: Random): Description {
  const lines = [`${random.pick(openings)} ${random.pick(homes)} ${random.pick(settings)}!`];
  const count = random.integer(2, 7);
  for (let line = 0; line < count; line += 1) lines.push(sentencesOf(random, 4));
  if (random.chance(0.03)) lines.push(random.pick(oddSentences));
  const printed = [...lines];
  const masked = [...lines];
  if (random.chance(0.35)) {
    const person = contactPerson(random);
    printed.push(`Sovi esittely: puh. ${person.phone} tai ${person.email}.`);
    masked.push('Sovi esittely: puh. [redacted] tai [redacted].');
  }
  return { printed: printed.join('\n'), masked: masked.join('\n') };
}
