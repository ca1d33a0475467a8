/**
 * Arithmetic that holds on the portal's pages: price per m2 = debt-free price / living area, to the cent, and debt-free
 * price = sale price + share of debt. A violation is an issue on the record; it never changes or drops a value.
 */
import type { ListingRecord } from '../listings/fields.ts';
import type { Issue } from '../listings/issue.ts';
import { issueOf } from './reading.ts';

export type PricedHome = Pick<
  ListingRecord,
  'debtFreePriceEur' | 'salePriceEur' | 'debtShareEur' | 'pricePerM2Eur' | 'areaM2'
>;

const halfCentEur = 0.005;
const centEur = 0.01;
/** Room for the error of binary fractions in sums of millions. */
const floatSlackEur = 1e-6;

/** The identities that do not hold; one whose operands are not all there is not looked at. */
export function checkIdentities(home: PricedHome): readonly Issue[] {
  return [...checkPricePerM2(home), ...checkDebtShare(home)];
}

function checkPricePerM2({ debtFreePriceEur, areaM2, pricePerM2Eur }: PricedHome): readonly Issue[] {
  if (debtFreePriceEur === null || areaM2 === null || pricePerM2Eur === null || areaM2 <= 0) return [];
  const expected = debtFreePriceEur / areaM2;
  if (Math.abs(expected - pricePerM2Eur) <= halfCentEur + floatSlackEur) return [];
  const message = `pricePerM2Eur: expected debt-free price / area = ${expected.toFixed(2)}, got ${pricePerM2Eur}`;
  return [issueOf('IDENTITY_VIOLATED', 'pricePerM2Eur', message)];
}

function checkDebtShare({ debtFreePriceEur, salePriceEur, debtShareEur }: PricedHome): readonly Issue[] {
  if (debtFreePriceEur === null || salePriceEur === null || debtShareEur === null) return [];
  const expected = salePriceEur + debtShareEur;
  if (Math.abs(expected - debtFreePriceEur) <= centEur + floatSlackEur) return [];
  const message = `debtFreePriceEur: expected sale price + debt share = ${expected.toFixed(2)}, got ${debtFreePriceEur}`;
  return [issueOf('IDENTITY_VIOLATED', 'debtFreePriceEur', message)];
}
