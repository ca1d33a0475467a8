/**
 * Data that a listing page carries beside its text: JSON-LD and the script object `otAsunnot`. Both fill only what the
 * labels do not say. Scripts are never run; what does not parse is as good as absent.
 */
import { z } from 'zod';

export interface Residence {
  readonly street: string | null;
  readonly locality: string | null;
  readonly postalCode: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly rooms: number | null;
}

export interface PageData {
  /** Id of the listing the page is of. */
  readonly cardId: string | null;
  /** As printed: `2026-07-31 11:23:45` or ISO. */
  readonly published: string | null;
  readonly postalCode: string | null;
  /** `Helsinki/Metsärinne/00999`. */
  readonly locationPath: string | null;
}

const text = z.string().trim().min(1).nullish().catch(null);
const number = z.coerce.number().nullish().catch(null);
const residenceSchema = z.object({
  address: z.object({ streetAddress: text, addressLocality: text, postalCode: text }).nullish().catch(null),
  geo: z.object({ latitude: number, longitude: number }).nullish().catch(null),
  numberOfRooms: number,
});
const analyticsSchema = z.object({ published: text, zipCode: text, locationPath: text });

const cardIdPattern = /"cardId":\s?"?(\d{3,12})/;
const analyticsPattern = /"analytics":\s?(\{[^{}]*\})/;
const homeWords = /"(?:geo|numberOfRooms|streetAddress)"/;

/** The home described by the page's JSON-LD; null when no block describes one. */
export function readResidence(blocks: readonly string[]): Residence | null {
  for (const block of blocks) {
    if (!homeWords.test(block)) continue;
    for (const candidate of candidatesOf(parseJson(block))) {
      const residence = residenceOf(candidate);
      if (residence !== null) return residence;
    }
  }
  return null;
}

/** What `otAsunnot={…}` says; the object is not evaluated, its known keys are taken out. */
export function readPageData(script: string): PageData {
  const cardId = cardIdPattern.exec(script)?.[1] ?? null;
  const analytics = analyticsSchema.safeParse(parseJson(analyticsPattern.exec(script)?.[1] ?? ''));
  const { published, zipCode, locationPath } = analytics.success ? analytics.data : {};
  return { cardId, published: published ?? null, postalCode: zipCode ?? null, locationPath: locationPath ?? null };
}

/** A JSON-LD block is one object, a list, or a graph. Viewings (Event) have an address, too, but are not the home. */
function candidatesOf(block: unknown): readonly unknown[] {
  const graph: unknown = typeof block === 'object' && block !== null && '@graph' in block ? block['@graph'] : block;
  return Array.isArray(graph) ? graph : [graph];
}

function residenceOf(candidate: unknown): Residence | null {
  const isEvent =
    typeof candidate === 'object' && candidate !== null && '@type' in candidate && candidate['@type'] === 'Event';
  const parsed = residenceSchema.safeParse(candidate);
  if (isEvent || !parsed.success) return null;
  const { address, geo, numberOfRooms } = parsed.data;
  if (!address && !geo && !numberOfRooms) return null;
  return {
    street: address?.streetAddress ?? null,
    locality: address?.addressLocality ?? null,
    postalCode: address?.postalCode ?? null,
    latitude: geo?.latitude ?? null,
    longitude: geo?.longitude ?? null,
    rooms: Number.isInteger(numberOfRooms) ? (numberOfRooms ?? null) : null,
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null; // A broken block is as good as none: the labels are the page's own text.
  }
}
