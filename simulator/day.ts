/**
 * What happens on the portal in one day: new advertisements, price changes, removals, sales, the same home advertised
 * again under a new id, rewritten texts. Gives back the changed listings and the ground-truth events.
 */
import type { City } from './cities.ts';
import { askingCents, withPrice } from './home.ts';
import type { Listing } from './listing.ts';
import { outsideRepeatedHour } from './portal-format.ts';
import type { Random } from './random.ts';
import { hashOf } from './random.ts';

export interface DayEvent {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly type: 'new' | 'price_cut' | 'price_raise' | 'removed' | 'sold' | 'relisted' | 'returned' | 'text_changed';
  readonly city: string;
  readonly dealType: 'sale' | 'rent';
  readonly listingId: string;
  /** Id the same home had before, for `relisted`. */
  readonly formerListingId?: string;
  /** Asking price or monthly rent before and after, for price changes. */
  readonly fromEur?: number;
  readonly toEur?: number;
}

export interface DayInput {
  readonly day: string;
  readonly nowMs: number;
  readonly random: Random;
  readonly cities: readonly City[];
  readonly active: (city: City, dealType: 'sale' | 'rent') => readonly Listing[];
  readonly publish: (city: City, dealType: 'sale' | 'rent', latestMs: number) => Listing;
}

/** Part of a city's listings each change befalls; at least one of each where there are twenty or more. */
const dailyShares = [
  ['price_cut', 0.02],
  ['price_raise', 0.005],
  ['removed', 0.008],
  ['sold', 0.01],
  ['relisted', 0.004],
  ['text_changed', 0.01],
] as const;
const NEW_SHARE = 0.025;

/** The changes of one day in every municipality; a listing is changed at most once a day. */
export function changesOfDay(input: DayInput): { readonly listings: Listing[]; readonly events: DayEvent[] } {
  const listings: Listing[] = [];
  const events: DayEvent[] = [];
  for (const city of input.cities) {
    for (const dealType of ['sale', 'rent'] as const) {
      const left = [...input.active(city, dealType)];
      const total = left.length;
      for (const [type, share] of dailyShares) {
        for (let done = 0; done < countOf(total, share); done += 1) {
          const [listing] = left.splice(input.random.integer(0, left.length - 1), 1);
          if (listing === undefined) break;
          const change = changeOf(type, listing, input);
          listings.push(...change.listings);
          events.push(change.event);
        }
      }
      for (let done = 0; done < countOf(total, NEW_SHARE); done += 1) {
        const listing = publishedToday(input.publish(city, dealType, input.nowMs), input);
        listings.push(listing);
        events.push({ ...eventBase(listing, input), type: 'new' });
      }
    }
  }
  return { listings, events };
}

function countOf(total: number, share: number): number {
  return total < 20 ? 0 : Math.max(1, Math.round(total * share));
}

type ChangeType = (typeof dailyShares)[number][0];

function changeOf(type: ChangeType, listing: Listing, input: DayInput) {
  const event = eventBase(listing, input);
  switch (type) {
    case 'price_cut':
    case 'price_raise':
      return priceChange(type, listing, input);
    case 'removed':
      return { listings: [{ ...listing, state: 'removed' as const }], event: { ...event, type } };
    case 'sold':
      return {
        listings: [{ ...listing, state: 'sold' as const, goneAs: 'myyty' as const }],
        event: { ...event, type },
      };
    case 'text_changed': {
      const textSeed = hashOf(listing.textSeed, input.day);
      return { listings: [{ ...listing, textSeed }], event: { ...event, type } };
    }
    case 'relisted':
      return relisting(listing, input);
  }
}

function priceChange(type: 'price_cut' | 'price_raise', listing: Listing, input: DayInput) {
  const before = askingCents(listing.home);
  const step = Math.max(100, Math.round((before * input.random.integer(2, 9)) / 10_000) * 100);
  const after = type === 'price_cut' ? before - step : before + step;
  const changed: Listing = { ...listing, home: withPrice(listing.home, after), priceChangedAt: input.nowMs };
  const event = { ...eventBase(listing, input), type, fromEur: before / 100, toEur: after / 100 };
  return { listings: [changed], event };
}

function relisting(listing: Listing, input: DayInput) {
  const fresh = input.publish(listing.city, listing.dealType, input.nowMs);
  const relisted = publishedToday({ ...fresh, seed: listing.seed, home: listing.home }, input);
  const event = {
    ...eventBase(relisted, input),
    type: 'relisted' as const,
    formerListingId: listing.id,
  };
  return { listings: [{ ...listing, state: 'removed' as const }, relisted], event };
}

function publishedToday(listing: Listing, input: DayInput): Listing {
  const publishedAt = outsideRepeatedHour(input.nowMs - input.random.integer(0, 18_000) * 1000);
  return { ...listing, publishedAt, publishedSortAt: publishedAt };
}

function eventBase(listing: Listing, input: DayInput) {
  return { day: input.day, city: listing.city.name, dealType: listing.dealType, listingId: listing.id };
}
