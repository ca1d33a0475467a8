/** What the address of a market page says. */
import { z } from 'zod';
import { dealTypes } from '../../../src/listings/fields.ts';

const emptyToUndefined = (value: unknown) => (value === '' ? undefined : value);
export const marketQueryShape = z.object({
  city: z.preprocess(emptyToUndefined, z.string().max(100, 'expected the name of a city').default('')),
  deal: z.preprocess(emptyToUndefined, z.enum(dealTypes, 'expected sale or rent').default('sale')),
  postal: z.preprocess(
    emptyToUndefined,
    z
      .string()
      .regex(/^\d{5}$/, 'expected five digits')
      .nullable()
      .default(null),
  ),
  days: z.preprocess(
    emptyToUndefined,
    z.enum(['30', '90', '180'], 'expected 30, 90 or 180').transform(Number).default(90),
  ),
});
/** An empty city stands for all of them. */
export type MarketPageQuery = z.infer<typeof marketQueryShape>;
