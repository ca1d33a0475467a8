/**
 * Numbers, amounts and dates written the way Finnish listing pages write them: no-break space between thousands and
 * before the unit, decimal comma. Amounts come in whole cents so that no rounding hides in a page.
 */

export const NBSP = '\u00a0';

/** `1234567` -> `1 234 567` with no-break spaces. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, NBSP);
}

/** Whole euros without decimals, else two decimals: `245 951,51`, `209 000`. */
function amountOf(cents: number): string {
  return cents % 100 === 0 ? grouped(cents / 100) : amountWithCents(cents);
}

/** Always two decimals: `26,00`. */
export function amountWithCents(cents: number): string {
  const decimals = String(cents % 100).padStart(2, '0');
  return `${grouped(Math.floor(cents / 100))},${decimals}`;
}

/** `209 000 €`. */
export function eurosOf(cents: number): string {
  return `${amountOf(cents)}${NBSP}€`;
}

/** `361,60 € / kk`. */
export function eurosPerMonth(cents: number): string {
  return `${eurosOf(cents)} / kk`;
}

/** Tenths of a square metre as `72,5 m²` or `66 m²`. */
export function areaOf(tenthsM2: number): string {
  const whole = grouped(Math.floor(tenthsM2 / 10));
  return `${tenthsM2 % 10 === 0 ? whole : `${whole},${tenthsM2 % 10}`}${NBSP}m²`;
}

/** Hundredths of a hectare as `3,35 ha`. */
export function hectaresOf(hundredths: number): string {
  return `${Math.floor(hundredths / 100)},${String(hundredths % 100).padStart(2, '0')}${NBSP}ha`;
}

/** `2035-06-21` -> `21.06.2035`. */
export function finnishDate(isoDate: string): string {
  return isoDate.split('-').reverse().join('.');
}

/** Text safe between tags and inside double quotes. */
export function escapeHtml(text: string): string {
  if (!/[&<>"]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** JSON that cannot end the script element it stands in. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** What a reader sees of a printed value: plain spaces, every line trimmed, no empty lines. */
export function visibleText(printed: string): string {
  return printed
    .replaceAll(NBSP, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
