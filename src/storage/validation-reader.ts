/**
 * Counts what a validation has collected in its own database: fields, identities, how politely it asked. It only
 * reads what was recorded.
 */
import { z } from 'zod';
import { nominalDayOf } from '../clock.ts';
import type { DriftLimits, FieldCoverage } from '../quality/judge-drift.ts';
import type { AskedRate, IdentityCounts } from '../quality/judge-validation.ts';
import type { DatabaseOptions } from './database.ts';
import { openDatabase } from './database.ts';
import type { ScopePoliteness } from './politeness-reader.ts';
import { readPolitenessDay } from './politeness-reader.ts';
import { readQuality } from './quality-reader.ts';

const selectIdentities = `SELECT city, count(*)::DOUBLE AS records, count(*) FILTER (is_violated)::DOUBLE AS violated,
    count(*) FILTER (is_unchecked AND NOT is_violated)::DOUBLE AS unchecked
  FROM (
    SELECT city, list_contains(json_extract_string(issues_json, '$[*].code'), 'IDENTITY_VIOLATED') AS is_violated,
      deal_type = 'sale' AND price_per_m2_eur IS NOT NULL AND (debt_free_price_eur IS NULL OR area_m2 IS NULL)
        AS is_unchecked
    FROM listings
  ) GROUP BY city`;
const identityRow = z.object({
  city: z.string(),
  records: z.number(),
  violated: z.number(),
  unchecked: z.number(),
});

export interface CollectedCity {
  /** Of every field of its pages. */
  readonly coverage: readonly FieldCoverage[];
  readonly identities: IdentityCounts;
}

export interface CollectedRate extends AskedRate {
  /** When the last request left, ISO 8601 UTC. */
  readonly lastAtUtc: string;
}

export interface CollectedFigures {
  /** Nothing was collected of a city that is not there. */
  readonly cities: ReadonlyMap<string, CollectedCity>;
  /** By city; null = the portal as a whole. Of whom nothing was asked, there is none. */
  readonly rates: ReadonlyMap<string | null, CollectedRate>;
}

interface WantedFigures {
  readonly database: Omit<DatabaseOptions, 'mode'>;
  readonly limits: Pick<DriftLimits, 'historyRuns' | 'minPages'>;
  /** First and last moment of the validation, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads the figures out of the database of a validation, which nobody may hold. @throws StorageError as `openDatabase`. */
export async function readCollectedFigures(wanted: WantedFigures): Promise<CollectedFigures> {
  const database = await openDatabase({ ...wanted.database, mode: 'read' });
  try {
    const { cities } = await readQuality(database, null, wanted.limits);
    const rows = await database.use((session) => session.rows(selectIdentities));
    const identities = new Map(rows.map((row) => identityRow.parse(row)).map(({ city, ...counts }) => [city, counts]));
    const scopes: ScopePoliteness[] = [];
    for (const day of new Set([wanted.fromMs, wanted.toMs].map(nominalDayOf))) {
      scopes.push(...(await readPolitenessDay(database, { day }, wanted.toMs)).scopes);
    }
    const none = { records: 0, violated: 0, unchecked: 0 };
    return {
      cities: new Map(
        cities.map(({ city, run }) => [
          city,
          { coverage: run?.coverage ?? [], identities: identities.get(city) ?? none },
        ]),
      ),
      rates: ratesOf(scopes),
    };
  } finally {
    await database.close();
  }
}

/** A validation that goes on over midnight has two days: the worse window counts, and none when one is not known. */
function ratesOf(scopes: readonly ScopePoliteness[]): ReadonlyMap<string | null, CollectedRate> {
  const rates = new Map<string | null, CollectedRate>();
  for (const { city, requests, spacing, lastAtUtc } of scopes) {
    const before = rates.get(city) ?? { requests: 0, worstWindow: 0 };
    const isKnown = before.worstWindow !== null && spacing !== null;
    rates.set(city, {
      requests: before.requests + requests,
      worstWindow: isKnown ? Math.max(before.worstWindow, spacing.worstWindow) : null,
      lastAtUtc,
    });
  }
  return rates;
}
