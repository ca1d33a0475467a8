/**
 * Seeded random numbers, so that the same seed always makes the same world. The generator is mulberry32 (Tommy
 * Ettinger's 32-bit mixer); the hash is 32-bit FNV-1a. Never used for anything that must be secret.
 */

export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number;
  /** A whole number between both ends, ends included. */
  readonly integer: (min: number, max: number) => number;
  /** One of the items; the list must not be empty. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** One of the items with probability in proportion to its weight; the list must not be empty. */
  readonly weighted: <Item>(items: readonly (readonly [Item, number])[]) => Item;
  /** True with the given probability, 0 to 1. */
  readonly chance: (probability: number) => boolean;
}

/** A generator whose whole sequence follows from the seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (items) => itemAt(items, Math.floor(next() * items.length)),
    weighted: (items) => pickWeighted(items, next()),
    chance: (probability) => next() < probability,
  };
}

/** 32-bit hash of the parts, to give each thing its own independent sequence. */
export function hashOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = `${part}|`;
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
  }
  return hash >>> 0;
}

/** One 32-bit number from two, cheaper than hashing their digits. */
export function mixed(first: number, second: number): number {
  const product = Math.imul(first ^ (first >>> 16), 0x45d9f3b) ^ Math.imul(second ^ (second >>> 15), 0x27d4eb2d);
  return (product ^ (product >>> 13)) >>> 0;
}

function itemAt<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error('random pick failed on a list; expected at least one item, got none');
  return item;
}

function pickWeighted<Item>(items: readonly (readonly [Item, number])[], fraction: number): Item {
  const total = items.reduce((sum, [, weight]) => sum + weight, 0);
  let left = fraction * total;
  for (const [item, weight] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return itemAt(items, items.length - 1)[0];
}
