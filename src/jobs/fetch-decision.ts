/**
 * Whether a listing page has to be fetched: its card on the search page says most of what may have changed, so that a page
 * that is stored, and whose card is as it was, is asked for again only now and then. Pure.
 */
import { hash } from 'node:crypto';
import type { Card } from '../listings/card.ts';
import { forgottenParser } from '../listings/forgotten.ts';
import type { KnownPage } from './series-store.ts';

export interface FetchPolicy {
  /** True: every page of every run (the task's `bulk_download_preference` is false). */
  readonly fetchesAll: boolean;
  /** Age at which a page is fetched again though its card is as it was, in milliseconds. */
  readonly refreshAfterMs: number;
}

/** Why a page is fetched. */
export type FetchReason = 'asked_for_all' | 'new' | 'last_try_failed' | 'card_changed' | 'refresh_due';

/** Pages that were stored on one day are fetched again over this last part of their time, not all on one day. */
const refreshSpread = 0.25;
/** A page from further in the future than this was stored by a clock that was wrong. */
const clockToleranceMs = 3_600_000;

/** The fingerprint of a card: everything it says. */
export function hashOfCard(card: Card): string {
  return hash('sha256', JSON.stringify(card));
}

/** Why the page of this card must be fetched at `nowMs`; null when what is stored of it still holds, or it was forgotten. */
export function fetchReason(
  card: Card,
  known: KnownPage | null,
  policy: FetchPolicy,
  nowMs: number,
): FetchReason | null {
  if (known?.parser === forgottenParser) return null;
  if (policy.fetchesAll) return 'asked_for_all';
  if (known === null) return 'new';
  if (known.lastTryFailed) return 'last_try_failed';
  if (known.cardHash !== hashOfCard(card)) return 'card_changed';
  const ageMs = nowMs - known.fetchedAtMs;
  const isDue = ageMs >= refreshAgeMs(card.listingId, policy) || ageMs < -clockToleranceMs;
  return isDue ? 'refresh_due' : null;
}

/** @internal When a listing's page is fetched again, as an age in milliseconds: the same for each run, different for each listing. */
export function refreshAgeMs(listingId: string, { refreshAfterMs }: FetchPolicy): number {
  const place = Number.parseInt(hash('sha256', listingId).slice(0, 8), 16) / 0x1_0000_0000;
  return refreshAfterMs * (1 - refreshSpread * place);
}
