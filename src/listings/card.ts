/**
 * A card: what a search result says of one listing before its page is read. The fields are those both shapes of the
 * search response have (oikotie `/api/search`, and the older `/api/cards`).
 */
import type { DealType } from './fields.ts';

export interface Card {
  /** The id in the listing's URL, digits only. */
  readonly listingId: string;
  /** Canonical listing URL, query stripped. */
  readonly url: string;
  readonly dealType: DealType;
  /** Municipality as printed on the card, trimmed; null when the card does not say it. */
  readonly cityAsPrinted: string | null;
  readonly district: string | null;
  readonly address: string | null;
  readonly postalCode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Sale price (debt-free, by all evidence) or null for a rental. */
  readonly priceEur: number | null;
  /** Monthly rent or null for a sale. */
  readonly rentEurMonth: number | null;
  /** Living area in m2 (`sizeMin` where the response has it). */
  readonly areaM2: number | null;
  readonly rooms: number | null;
  readonly roomConfiguration: string | null;
  readonly yearBuilt: number | null;
  readonly newDevelopment: boolean | null;
  /** ISO 8601 UTC. */
  readonly publishedAt: string | null;
  /** ISO 8601 UTC. */
  readonly priceChangedAt: string | null;
  readonly brokerCompany: string | null;
  /** The portal's status code of the advertisement, as printed. */
  readonly status: string | null;
}
