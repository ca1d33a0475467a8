/**
 * Numbers as Finnish pages print them: space or NBSP between thousands, decimal comma; and the other spellings that
 * stand in free-text fees (decimal dot, dots between thousands).
 * It never guesses between two readings: what can be read in two ways is `ambiguous`.
 */

export type NumberReading =
  | { readonly kind: 'number'; readonly value: number }
  /** `67.500`: thousands or three decimals. `asThousands` is the first of the two. */
  | { readonly kind: 'ambiguous'; readonly asThousands: number }
  | { readonly kind: 'not_a_number' };

/** A run of digits with whatever stands between digits in a number; it may still turn out not to be one. */
export const numberRunPattern = String.raw`\d[\d\s.,]*`;

const plain = /^\d+$/;
const spacedThousands = /^\d{1,3}(?:\s\d{3})+(?:[.,]\d+)?$/;
const decimalComma = /^\d+,\d+$/;
const decimalDot = /^\d+\.\d+$/;
const oneDotAndThreeDigits = /^[1-9]\d{0,2}\.\d{3}$/;
const dottedThousands = /^\d{1,3}(?:\.\d{3})+,\d+$|^\d{1,3}(?:\.\d{3}){2,}$/;
const commaThousands = /^\d{1,3}(?:,\d{3})+\.\d+$|^\d{1,3}(?:,\d{3}){2,}$/;

/**
 * Reads one number, sign excluded. `1 234,56`, `1234.56`, `1.234,56` and `1,234.56` are 1234.56; `67.500` is ambiguous.
 * The text must hold the number alone; spaces, dots and commas behind it (`350 000,-`, `5.`) are passed over.
 */
export function readNumber(text: string): NumberReading {
  if (text.length > 40) return { kind: 'not_a_number' };
  const token = text.trim().replace(/[\s.,]+$/, '');
  if (plain.test(token)) return numberOf(token);
  if (spacedThousands.test(token)) return numberOf(token.replace(/\s/g, '').replace(',', '.'));
  if (commaThousands.test(token)) return numberOf(token.replace(/,/g, ''));
  if (decimalComma.test(token)) return numberOf(token.replace(',', '.'));
  if (dottedThousands.test(token)) return numberOf(token.replace(/\./g, '').replace(',', '.'));
  if (oneDotAndThreeDigits.test(token)) return { kind: 'ambiguous', asThousands: Number(token.replace('.', '')) };
  if (decimalDot.test(token)) return numberOf(token);
  return { kind: 'not_a_number' };
}

function numberOf(digits: string): NumberReading {
  return { kind: 'number', value: Number(digits) };
}
