/**
 * The key of a Finnish label: lower case, spaces to `_`, ä to a, ö to o, no colon at the end. Two spellings of one
 * label (`Tontin pinta-ala`, `tontin_pinta-ala`, `Tontin  pinta-ala:`) get the same key.
 */

/** No label is longer; what stands behind says nothing more. */
const maxLength = 200;
const spaces = /[\s_]+/g;
const edges = /^_+|[_:]+$/g;

/** `Neliöhinta` -> `neliohinta`; total on any text. */
export function normaliseLabel(label: string): string {
  const start = label.trim().slice(0, maxLength);
  return start.toLowerCase().replace(spaces, '_').replace(edges, '').replaceAll('ä', 'a').replaceAll('ö', 'o');
}
