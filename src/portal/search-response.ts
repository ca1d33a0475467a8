/**
 * Answers of the search API: the newer shape (`/api/search`) and the older one (`/api/cards`). Text in, value and
 * issues out; never throws. An error envelope, a block page or a body that ends early is never read as "no listings".
 */
import { z } from 'zod';
import type { Card } from '../listings/card.ts';
import type { Issue } from '../listings/issue.ts';
import type { EnvelopeFailure } from './json-envelope.ts';
import { openEnvelope } from './json-envelope.ts';
import { portalOrigin } from './listing-url.ts';
import { isNewShape } from './raw-card.ts';
import { issueOf } from './reading.ts';
import { readCard } from './search-cards.ts';

export interface SearchCards {
  readonly kind: 'cards';
  readonly shape: 'search' | 'cards';
  /** All listings of the search, as the portal counts them (`found`). */
  readonly portalTotal: number;
  /** Offset of the first card as the portal says it (counted from 1 in old answers); null when it does not. */
  readonly start: number | null;
  /** The readable cards, in order. */
  readonly cards: readonly Card[];
  /** Cards given up; each has an issue. */
  readonly brokenCards: number;
  /** Cards of the list of other places (`secondaryCards`), which are dropped. */
  readonly droppedSecondaryCards: number;
  readonly issues: readonly Issue[];
}

export type SearchResponse = SearchCards | EnvelopeFailure;

const countSchema = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().nonnegative());
const envelopeSchema = z.object({
  found: countSchema,
  start: countSchema.nullish().catch(null),
  cards: z.array(z.unknown()),
  secondaryCards: z.array(z.unknown()).nullish().catch(null),
});

/** Reads a search answer. Cards without a URL get one under `origin`. */
export function parseSearchResponse(
  text: string,
  { origin = portalOrigin }: { readonly origin?: string } = {},
): SearchResponse {
  const envelope = openEnvelope(text);
  if (envelope.kind !== 'json') return envelope;
  const parsed = envelopeSchema.safeParse(envelope.body);
  if (!parsed.success) {
    const message = `search answer: expected {found, cards[]}, got ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`;
    return { kind: 'unknown', issues: [issueOf('UNEXPECTED_SHAPE', null, message, text)] };
  }
  const { found, start, secondaryCards } = parsed.data;
  const cards: Card[] = [];
  const issues: Issue[] = [];
  for (const [index, body] of parsed.data.cards.entries()) {
    const { value, issues: cardIssues } = readCard(body, origin);
    if (value !== null) cards.push(value);
    else issues.push(issueOf('UNEXPECTED_SHAPE', `cards[${index}]`, `card ${index}: cannot be read and is left out`));
    issues.push(...cardIssues.map((issue) => ({ ...issue, field: `cards[${index}].${issue.field ?? ''}` })));
  }
  const isSearchShape = secondaryCards !== null && secondaryCards !== undefined;
  return {
    kind: 'cards',
    shape: isSearchShape || parsed.data.cards.some(isNewShape) ? 'search' : 'cards',
    portalTotal: found,
    start: start ?? null,
    cards,
    brokenCards: parsed.data.cards.length - cards.length,
    droppedSecondaryCards: secondaryCards?.length ?? 0,
    issues,
  };
}
