/**
 * What befalls two weeks of daily runs: the portal is down, a run breaks off, labels are renamed, a list shifts, a third of a
 * city vanishes at once. The clocks go back on one of the days.
 */
import type { RunningSimulator } from '../../../simulator/server.ts';

export const cityNames = ['Helsinki', 'Espoo', 'Tampere'] as const;
export type CityName = (typeof cityNames)[number];
export const dealOf = { Helsinki: 'sale', Espoo: 'sale', Tampere: 'rent' } as const;
export const sizes = { helsinki: 150, espoo: 150, tampereRentals: 100 } as const;

/** The portal's first day; the clocks in Helsinki go back on the eighth, 2026-10-25. */
export const startDay = '2026-10-18';

/** What is expected of a city's receipt. */
export type Expected = 'complete' | 'partial' | 'failed' | 'foreign' | 'quarantined';

export interface DayPlan {
  readonly what: string;
  /** Cities that do not end complete, and how they end instead. */
  readonly exceptions?: Partial<Record<CityName, Expected>>;
  /** Before the run, after the portal's day has begun; faults are switched off after it. */
  readonly prepare?: (simulator: RunningSimulator, memory: Memory) => void;
  /** The run is stopped when this many listing pages were asked for. */
  readonly stopsAfterPages?: number;
  /** A second run follows on the same day. */
  readonly runsTwice?: boolean;
  /** Listings that are away but not believed to be gone. */
  readonly keeps?: (memory: Memory) => readonly string[];
  /** The clock of the machine is wrong by this much during the run, in milliseconds. */
  readonly clockErrorMs?: number;
}

/** Listings that were taken off the portal on purpose, by the name of what was done. */
export type Memory = Map<string, readonly string[]>;

const hourMs = 3_600_000;

function withdraw(name: string, city: CityName, count: number, from = 0) {
  return ({ world }: RunningSimulator, memory: Memory): void => {
    const ids = world.truth(city, dealOf[city]).map(({ listingId }) => listingId);
    const victims = ids.toSorted().slice(from, from + count);
    memory.set(name, victims);
    for (const id of victims) world.withdraw(id);
  };
}

function restore(name: string) {
  return ({ world }: RunningSimulator, memory: Memory): void => {
    for (const id of memory.get(name) ?? []) world.restore(id);
  };
}

/** Listings taken off the portal by that name, which a run misses and does not yet believe to be gone, or never does. */
function keeps(name: string) {
  return (memory: Memory): readonly string[] => memory.get(name) ?? [];
}

export const days: readonly DayPlan[] = [
  { what: 'the first run' },
  { what: 'a usual day' },
  {
    what: 'the portal is down',
    exceptions: { Helsinki: 'failed', Espoo: 'failed', Tampere: 'failed' },
    prepare: ({ faults }) => faults.add({ type: 'http_500', kinds: ['session', 'search', 'listing'] }),
  },
  {
    what: 'it is back; some listings are away for a while, some for a day',
    prepare: (simulator, memory) => {
      withdraw('for days', 'Helsinki', 3)(simulator, memory);
      withdraw('for a day', 'Helsinki', 3, 3)(simulator, memory);
    },
    keeps: keeps('for a day'),
  },
  {
    what: 'the run is stopped half-way',
    exceptions: { Helsinki: 'partial', Espoo: 'failed', Tampere: 'failed' },
    prepare: restore('for a day'),
    stopsAfterPages: 4,
  },
  { what: 'a usual day after a stopped one' },
  {
    what: 'most pages are due to be read again, and a label is renamed',
    exceptions: { Helsinki: 'quarantined' },
    prepare: ({ faults }) => faults.add({ type: 'renamed_label', city: 'Helsinki' }),
  },
  { what: 'the clocks go back, and two runs on one day', runsTwice: true },
  { what: 'what was away is back', prepare: restore('for days') },
  {
    what: 'one city lists nothing, in an error state',
    exceptions: { Tampere: 'failed' },
    prepare: ({ faults }) => faults.add({ type: 'error_state', city: 'Tampere' }),
  },
  {
    what: 'one city shows the homes of another',
    exceptions: { Espoo: 'foreign' },
    prepare: ({ faults }) => faults.add({ type: 'foreign_city', city: 'Espoo', count: 170 }),
  },
  {
    what: 'the list shifts while it is read, and a third of a city vanishes',
    prepare: (simulator, memory) => {
      simulator.faults.add({ type: 'shifting_pages', city: 'Helsinki', count: 2, times: 3 });
      withdraw('a third', 'Espoo', 45)(simulator, memory);
    },
    keeps: keeps('a third'),
  },
  {
    what: 'the third stays away, and the clock of the machine has jumped back to yesterday',
    exceptions: { Helsinki: 'partial', Espoo: 'partial', Tampere: 'partial' },
    clockErrorMs: -26 * hourMs,
  },
  {
    what: 'a new page fails',
    exceptions: { Tampere: 'partial' },
    prepare: ({ faults, world }) => {
      const added = world
        .events()
        .findLast(({ type, city, dealType }) => type === 'new' && city === 'Tampere' && dealType === 'rent');
      faults.add({ type: 'http_500', kinds: ['listing'], listingIds: [added?.listingId ?? ''] });
    },
    keeps: keeps('a third'),
  },
  { what: 'the third is back', prepare: restore('a third') },
  { what: 'a usual day, after which all that left is known to be gone' },
];
