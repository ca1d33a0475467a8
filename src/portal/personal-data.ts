/**
 * Masks contacts in texts: phone numbers and e-mail addresses become `[redacted]`, labels that hold contact persons
 * lose their whole value. It must not touch prices, dates, cadastral ids, business ids or years.
 */

const redacted = '[redacted]';

const atWords = String.raw`(?:@|\s?[([](?:at|ät|a)[)\]]\s?)`;
const email = new RegExp(
  String.raw`(?<![\p{L}\d._%+-])[\p{L}\d._%+-]{1,256}${atWords}[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,4}`,
  'giu',
);
const hasEmailMark = /@|[([](?:at|ät|a)[)\]]/i;

const separator = String.raw`[\s\-–]?`;
const international = String.raw`(?:\+|(?<![\d.,/-])00)\d{1,3}(?:[\s\-–]?\(0\))?(?:${separator}\d){5,11}`;
const mobile = String.raw`(?<![\d.,/-])\(?0(?:4\d{1,2}|50\d?)\)?(?:${separator}\/${separator})?(?:${separator}\d){5,8}`;
const landline = String.raw`(?<![\d.,/-])\(?0(?:[235689]|1\d|2\d|3\d|7\d|[678]00)\)?(?:${separator}\d){5,8}`;
const named = String.raw`(?<=(?<!\p{L})(?:puh|p|tel|gsm|mob|matkapuh)[.:]{0,2}\s?)\d(?:${separator}\d){5,9}`;
const phone = new RegExp(String.raw`(?:${international}|${mobile}|${landline}|${named})(?!\d|[.,-]\d)`, 'giu');
const hasPhoneDigits = /\d[\d\s\-–()/]{4,20}\d/;
const cadastralId = /^\d{1,3}-\d{1,3}-\d{1,4}-\d{1,4}$/;
const businessId = /^\d{7}-\d$/;
/** A number followed by one of these is a quantity. */
const unitBehind = /^\s?(?:€|eur|e(?!\p{L})|m²|m2|m³|kwh|mwh|%|kpl|km|ha(?!\p{L}))/iu;
/** `05 2024`, `06-2023-08`: a month and a year, not an area code and a number. */
const monthAndYear = /^0\d[\s\-–](?:19|20)\d{2}(?:$|[\s\-–]\d{1,4}$)/;

const contactLabels: ReadonlySet<string> = new Set([
  ...['tiedustelut', 'isannointi', 'isannoitsija', 'isannoitsijan_yhteystiedot', 'isannoitsijatoimisto'],
  ...['yhteyshenkilo', 'yhteyshenkilot', 'yhteystiedot', 'yhteydenotot', 'lisatietoja_antaa', 'lisatietojen_antaja'],
  ...[
    'valittaja',
    'myyja',
    'vuokranantaja',
    'puhelin',
    'puhelinnumero',
    'sahkoposti',
    'esittelija',
    'huoltoyhtion_yhteystiedot',
  ],
]);
/** Values that are ids by their label; a number in them is never a phone. */
const idLabels: ReadonlySet<string> = new Set([
  'kohdenumero',
  'kiinteistotunnus',
  'rakennustunnus',
  'pysyva_rakennustunnus',
]);

/** The text with phone numbers and e-mail addresses masked. */
export function maskContacts(text: string): string {
  const withoutEmails = hasEmailMark.test(text) ? text.replace(email, redacted) : text;
  if (!hasPhoneDigits.test(withoutEmails)) return withoutEmails;
  return withoutEmails.replace(phone, (match: string, ...rest: readonly unknown[]) => {
    const offset = Number(rest.at(-2));
    const behind = withoutEmails.slice(offset + match.length, offset + match.length + 6);
    return isPhone(match, behind) ? redacted : match;
  });
}

/** The value of a label as it is kept; `key` is the normalised label. */
export function maskValue(key: string, value: string): string {
  if (contactLabels.has(key)) return value === '' ? value : redacted;
  return idLabels.has(key) ? value : maskContacts(value);
}

function isPhone(match: string, behind: string): boolean {
  const trimmed = match.trim();
  if (cadastralId.test(trimmed) || businessId.test(trimmed) || unitBehind.test(behind)) return false;
  return !monthAndYear.test(trimmed);
}
