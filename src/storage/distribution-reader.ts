/** How prices and areas of what is offered are spread: counts in bins of round widths. It only reads. */
import { z } from 'zod';
import type { Database } from './database.ts';
import { amountEur, amountPerM2Eur } from './listing-expressions.ts';
import type { MarketQuery } from './market-reader.ts';

export const spreadMeasures = { amount: amountEur, perM2: amountPerM2Eur, area: 'area_m2' } as const;
export type SpreadMeasure = keyof typeof spreadMeasures;

export interface Bin {
  /** Its lower bound; it ends one width further. */
  readonly from: number;
  readonly count: number;
}

export interface Distribution {
  readonly width: number;
  /** Without gaps, lowest first. The first and the last also hold what lies beyond them. */
  readonly bins: readonly Bin[];
}

const wantedBins = 16;
const rangeRow = z.object({ low: z.number().nullable(), high: z.number().nullable() });
const binRow = z.object({ bin: z.number(), count: z.number() });
const isOffered = `city = $city AND deal_type = $dealType AND gone_at IS NULL
  AND ($postalCode IS NULL OR postal_code = $postalCode)`;

/** The spread of one measure over what is offered now; null when nothing has it. */
export function readDistribution(
  database: Database,
  measure: SpreadMeasure,
  { city, dealType, postalCode }: Omit<MarketQuery, 'days'>,
): Promise<Distribution | null> {
  const value = spreadMeasures[measure];
  const market = { city, dealType, postalCode };
  return database.use(async ({ rows }) => {
    const [range] = await rows(
      `SELECT quantile_cont(${value}, 0.01) AS low, quantile_cont(${value}, 0.98) AS high FROM listings WHERE ${isOffered}`,
      market,
    );
    const { low, high } = rangeRow.parse(range);
    if (low === null || high === null) return null;
    const width = roundWidth((high - low) / wantedBins);
    const first = Math.floor(low / width);
    const last = Math.max(first, Math.floor(high / width));
    const found = await rows(
      `SELECT least(greatest(floor(${value} / $width), $first), $last)::DOUBLE AS bin, count(*)::DOUBLE AS count
        FROM listings WHERE ${isOffered} AND ${value} IS NOT NULL GROUP BY bin`,
      { ...market, width, first, last },
    );
    const counts = new Map(found.map((row) => binRow.parse(row)).map(({ bin, count }) => [bin, count]));
    const bins = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    return { width, bins: bins.map((bin) => ({ from: bin * width, count: counts.get(bin) ?? 0 })) };
  });
}

/** The next of 1, 2, 5, 10, 20, 50, … */
function roundWidth(width: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(width, 1e-6)));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= width) ?? 10;
  return step * power;
}
