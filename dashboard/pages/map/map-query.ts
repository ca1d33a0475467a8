/** What the address of the map says, and what its script asks for. */
import { z } from 'zod';
import { dealTypes } from '../../../src/listings/fields.ts';

const emptyToUndefined = (value: unknown) => (value === '' ? undefined : value);
export const mapQueryShape = z.object({
  city: z.preprocess(emptyToUndefined, z.string().max(100, 'expected the name of a city').nullable().default(null)),
  deal: z.preprocess(emptyToUndefined, z.enum(dealTypes, 'expected sale or rent').default('sale')),
  colour: z.preprocess(emptyToUndefined, z.enum(['per_m2', 'days'], 'expected per_m2 or days').default('per_m2')),
  listing: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'expected the id of a listing')
    .nullable()
    .default(null),
});
export type MapPageQuery = z.infer<typeof mapQueryShape>;

const degrees = (least: number, most: number) => z.coerce.number('expected degrees').min(least).max(most);
/** What of the map is seen. */
export const cellsQueryShape = mapQueryShape.extend({
  city: z.string().min(1, 'expected the name of a city').max(100),
  zoom: z.coerce.number('expected a zoom').int().min(0).max(22),
  south: degrees(-90, 90),
  north: degrees(-90, 90),
  west: degrees(-180, 180),
  east: degrees(-180, 180),
});
