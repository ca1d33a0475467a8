/**
 * What a circuit breaker remembers: plain JSON, so that a file or Redis can keep it. The rules that move it are in
 * breaker-reducer.ts. One shape serves the breaker of a city and the one of the whole portal; only their settings differ.
 */

export const breakerStatuses = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;
/** Calls pass; none does; one at a time does, on trial. */
export type BreakerStatus = (typeof breakerStatuses)[number];

export interface BreakerSettings {
  /** Consecutive weighted failures that open it. */
  readonly failureThreshold: number;
  /** Failures one block page counts as. */
  readonly blockedWeight: number;
  /** Share of failed calls within the window that opens it too, 0 to 1; null = not looked at. */
  readonly failureShare: number | null;
  readonly windowMs: number;
  /** Calls within the window below which its share says nothing. */
  readonly windowMinimum: number;
  /** Wait before the first trial; doubles each time it opens again without having closed. */
  readonly recoveryTimeoutMs: number;
  readonly maxRecoveryTimeoutMs: number;
  /** Successful trials that close it. */
  readonly successThreshold: number;
  /** A trial nobody has heard of for this long is given to another. */
  readonly probeLeaseMs: number;
  /** Most that one city adds to `failureThreshold`; Infinity for the breaker of a city. */
  readonly mostPerCity: number;
  /** Cities that must have failed: 1 for the breaker of a city. */
  readonly minCities: number;
  /** Whether a node that fails alone is kept from calling. */
  readonly isolatesNodes: boolean;
}

/** The right to one trial; runs out, so that a killed process cannot keep it. */
export interface ProbeLease {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** Weighted failures of one node for one city since anybody's last success. */
export interface StreakPart {
  readonly nodeId: string;
  readonly city: string;
  readonly failures: number;
}

/** A node that failed alone: its own calls wait while those of others go on. */
export interface NodeIsolation {
  readonly untilMs: number;
  /** Times in a row it was isolated; the wait doubles with them. */
  readonly times: number;
  readonly lease: ProbeLease | null;
}

export interface NodeStanding {
  /** Weighted failures since this node's own last success. */
  readonly failures: number;
  readonly isolation: NodeIsolation | null;
}

/** Calls of one node in a tenth of the window. */
export interface WindowBucket {
  readonly startMs: number;
  readonly nodeId: string;
  readonly calls: number;
  readonly failures: number;
}

export const breakerChangeKinds = [
  'opened',
  'half_opened',
  'closed',
  'node_isolated',
  'node_returned',
  'forced_open',
  'forced_closed',
  'reset',
] as const;
export type BreakerChangeKind = (typeof breakerChangeKinds)[number];

export interface BreakerChange {
  /** 1-based, over the life of the breaker. */
  readonly number: number;
  readonly atMs: number;
  readonly kind: BreakerChangeKind;
  readonly from: BreakerStatus;
  readonly to: BreakerStatus;
  /** Node that saw it or, for an operator's action, where it was asked for. */
  readonly nodeId: string;
  /** Why, in words for a person. */
  readonly reason: string;
}

export interface BreakerState {
  readonly status: BreakerStatus;
  /** Held open by an operator until closed or reset by one. */
  readonly isForced: boolean;
  /** Grows with every change of status; the outcome of a call that began under another one is not counted. */
  readonly generation: number;
  /** Times it opened since it was last closed. */
  readonly openings: number;
  /** When the next trial may be made; null unless OPEN and not forced. */
  readonly retryAtMs: number | null;
  /** Successful trials since it was half-opened. */
  readonly successes: number;
  /** The trial under way; null unless HALF_OPEN. */
  readonly lease: ProbeLease | null;
  /** While CLOSED: failures since the last success. While HALF_OPEN: failed trials since it was half-opened. */
  readonly streak: readonly StreakPart[];
  /** Nodes with something to remember, by id. */
  readonly nodes: Readonly<Record<string, NodeStanding>>;
  /** Oldest first. Not worth a write to disk: a restart begins a new window. */
  readonly window: readonly WindowBucket[];
  /** Changes over its life, more than `history` keeps. */
  readonly changeCount: number;
  /** The last changes, oldest first. */
  readonly history: readonly BreakerChange[];
}

/** Changes kept in a state. */
export const historyLength = 50;

/** A breaker nobody has called through yet. */
export const closedBreaker: BreakerState = {
  status: 'CLOSED',
  isForced: false,
  generation: 0,
  openings: 0,
  retryAtMs: null,
  successes: 0,
  lease: null,
  streak: [],
  nodes: {},
  window: [],
  changeCount: 0,
  history: [],
};

/** Weighted failures in the streak, each city counted for at most `mostPerCity`. */
export function streakFailures(streak: readonly StreakPart[], mostPerCity: number): number {
  const perCity = new Map<string, number>();
  for (const { city, failures } of streak) perCity.set(city, (perCity.get(city) ?? 0) + failures);
  let sum = 0;
  for (const failures of perCity.values()) sum += Math.min(failures, mostPerCity);
  return sum;
}

/** Milliseconds since it was last closed, trials included, as far as its history goes back; 0 while it is closed. */
export function notClosedMs({ status, history }: Pick<BreakerState, 'status' | 'history'>, nowMs: number): number {
  if (status === 'CLOSED') return 0;
  const since = history.findLast(({ from, to }) => from === 'CLOSED' && to !== 'CLOSED') ?? history[0];
  return since === undefined ? 0 : Math.max(0, nowMs - since.atMs);
}
