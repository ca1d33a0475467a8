/**
 * The answer of the location resolver (`/api/3.0/location?query=espoo`): names and the ids to search with.
 * Text in, value and issues out; never throws.
 */
import { z } from 'zod';
import type { Issue } from '../listings/issue.ts';
import type { EnvelopeFailure } from './json-envelope.ts';
import { openEnvelope } from './json-envelope.ts';
import { issueOf } from './reading.ts';

export interface ResolvedLocation {
  readonly id: number;
  /** 3 neighbourhood, 4 district, 5 postcode, 6 city, 7 region, 9 country. */
  readonly type: number;
  readonly name: string;
  /** Name of the place it lies in; null when the answer does not say. */
  readonly parentName: string | null;
}

export type LocationResponse =
  | { readonly kind: 'locations'; readonly locations: readonly ResolvedLocation[]; readonly issues: readonly Issue[] }
  | EnvelopeFailure;

const placeSchema = z.object({
  name: z.string().min(1),
  cardId: z.coerce.number().int(),
  cardType: z.coerce.number().int(),
});
const entrySchema = z.object({ card: placeSchema, parent: z.object({ name: z.string() }).nullish().catch(null) });

/** Reads the resolver's answer; one broken entry costs only that entry. */
export function parseLocationResponse(text: string): LocationResponse {
  const envelope = openEnvelope(text);
  if (envelope.kind !== 'json') return envelope;
  if (!Array.isArray(envelope.body)) {
    return { kind: 'unknown', issues: [issueOf('UNEXPECTED_SHAPE', null, 'location answer: expected a list', text)] };
  }
  const locations: ResolvedLocation[] = [];
  const issues: Issue[] = [];
  for (const [index, entry] of envelope.body.entries()) {
    const { success, data } = entrySchema.safeParse(entry);
    if (!success) {
      issues.push(issueOf('UNEXPECTED_SHAPE', `[${index}]`, 'location entry: expected card {name, cardId, cardType}'));
      continue;
    }
    const { card, parent } = data;
    locations.push({ id: card.cardId, type: card.cardType, name: card.name, parentName: parent?.name ?? null });
  }
  return { kind: 'locations', locations, issues };
}
