/**
 * The rules of a circuit breaker as one pure function: (state, event, time, settings) -> state, changes, decision. No
 * clock, no store, no chance: whoever keeps the state applies events one after another, on however many nodes.
 * CLOSED, OPEN and HALF_OPEN as in M. Nygard, "Release It!"; leases, streaks and isolated nodes are ours.
 */
import { changed, closed, opened } from './breaker-changes.ts';
import { isOnlyThisNode, reasonToOpen, recoveryTimeoutMs, reopens } from './breaker-criteria.ts';
import type {
  BreakerChange,
  BreakerSettings,
  BreakerState,
  NodeIsolation,
  NodeStanding,
  StreakPart,
} from './breaker-state.ts';
import { addToWindow } from './breaker-window.ts';

/** The leave to make one call; its outcome is reported with it. */
export interface BreakerPermit {
  readonly generation: number;
  readonly token: string;
  /** `probe`: a trial of the half-open breaker. `node_probe`: a trial of an isolated node. */
  readonly kind: 'normal' | 'probe' | 'node_probe';
}

export type BreakerDecision =
  | { readonly kind: 'pass'; readonly permit: BreakerPermit }
  | {
      readonly kind: 'refused';
      readonly why: 'open' | 'forced' | 'probing' | 'isolated';
      /** When to ask again at the earliest; null when only an operator knows. */
      readonly retryAtMs: number | null;
    };

export interface FailureEvent {
  readonly type: 'failure';
  readonly nodeId: string;
  readonly city: string;
  readonly permit: BreakerPermit;
  /** Failures it counts as, 1 or more. */
  readonly weight: number;
  /** What failed, for the history. */
  readonly reason: string;
  /** Wait the portal asked for; 0 when it did not. */
  readonly retryAfterMs: number;
  /** Nodes that reported lately, this one included. */
  readonly liveNodes: number;
}

export type BreakerEvent =
  | { readonly type: 'ask'; readonly nodeId: string; readonly token: string }
  | { readonly type: 'success'; readonly nodeId: string; readonly permit: BreakerPermit }
  | FailureEvent
  /** The call ended in a way that says nothing of the portal. */
  | { readonly type: 'release'; readonly nodeId: string; readonly permit: BreakerPermit }
  | { readonly type: 'force_open' | 'force_close' | 'reset'; readonly nodeId: string };

export interface Reduced {
  /** The same object when nothing changed. */
  readonly state: BreakerState;
  readonly changes: readonly BreakerChange[];
  /** The answer to `ask`, else null. */
  readonly decision: BreakerDecision | null;
}

/** Applies one event. @param nowMs epoch milliseconds, of one clock for all nodes */
export function reduceBreaker(
  state: BreakerState,
  event: BreakerEvent,
  nowMs: number,
  settings: BreakerSettings,
): Reduced {
  const step: Step = { nowMs, settings };
  switch (event.type) {
    case 'ask':
      return ask(state, event, step);
    case 'success':
      return silent(state, isCounted(state, event.permit) ? succeed(state, event, step) : state);
    case 'failure':
      return silent(state, isCounted(state, event.permit) ? fail(state, event, step) : state);
    case 'release':
      return silent(state, release(state, event.nodeId, event.permit));
    case 'force_open':
    case 'force_close':
    case 'reset':
      return silent(state, operate(state, event, nowMs));
  }
}

interface Step {
  readonly nowMs: number;
  readonly settings: BreakerSettings;
}

type Ask = Extract<BreakerEvent, { type: 'ask' }>;
type Success = Extract<BreakerEvent, { type: 'success' }>;

/** A call that began before the last change of status says nothing of the present; an open breaker waits, it counts nothing. */
function isCounted(state: BreakerState, permit: BreakerPermit): boolean {
  return state.status !== 'OPEN' && permit.generation === state.generation;
}

/** A result without a decision; its changes are what the history gained. */
function silent(before: BreakerState, after: BreakerState, decision: BreakerDecision | null = null): Reduced {
  const gained = after.changeCount - before.changeCount;
  return { state: after, changes: gained === 0 ? [] : after.history.slice(-gained), decision };
}

function ask(state: BreakerState, event: Ask, step: Step): Reduced {
  const { nowMs, settings } = step;
  const refuse = (why: 'open' | 'forced' | 'probing' | 'isolated', retryAtMs: number | null): Reduced =>
    silent(state, state, { kind: 'refused', why, retryAtMs });
  const isolation = isolationOf(state, event.nodeId);
  if (state.status === 'OPEN') {
    if (state.isForced || state.retryAtMs === null) return refuse('forced', null);
    if (nowMs < state.retryAtMs) return refuse('open', state.retryAtMs);
  } else if (isolation !== null && nowMs < isolation.untilMs) return refuse('isolated', isolation.untilMs);
  const lease = { token: event.token, expiresAtMs: nowMs + settings.probeLeaseMs };
  if (state.status === 'CLOSED') {
    if (isolation === null) return pass(state, state, event.token, 'normal');
    if (isHeld(isolation.lease, nowMs)) return refuse('isolated', isolation.lease.expiresAtMs);
    return pass(state, withIsolation(state, event.nodeId, { ...isolation, lease }), event.token, 'node_probe');
  }
  if (state.status === 'HALF_OPEN' && isHeld(state.lease, nowMs)) return refuse('probing', state.lease.expiresAtMs);
  const trying = state.status === 'HALF_OPEN' ? state : halfOpened(state, event.nodeId, nowMs);
  return pass(state, { ...trying, lease }, event.token, 'probe');
}

function pass(before: BreakerState, after: BreakerState, token: string, kind: BreakerPermit['kind']): Reduced {
  return silent(before, after, { kind: 'pass', permit: { generation: after.generation, token, kind } });
}

function isHeld(lease: BreakerState['lease'], nowMs: number): lease is NonNullable<BreakerState['lease']> {
  return lease !== null && nowMs < lease.expiresAtMs;
}

function halfOpened(state: BreakerState, nodeId: string, nowMs: number): BreakerState {
  const kind = { kind: 'half_opened', to: 'HALF_OPEN' } as const;
  const next = { ...state, retryAtMs: null, successes: 0, streak: [], lease: null };
  return changed(next, { ...kind, nodeId, atMs: nowMs, reason: 'the wait is over, one call may try' });
}

function succeed(state: BreakerState, { nodeId, permit }: Success, { nowMs, settings }: Step): BreakerState {
  if (state.status === 'HALF_OPEN') {
    if (state.lease?.token !== permit.token) return state;
    const tried = { ...withoutIsolation(state, nodeId, nowMs), lease: null, successes: state.successes + 1 };
    if (tried.successes < settings.successThreshold) return tried;
    const reason = `${tried.successes} successful trials`;
    return closed(tried, { kind: 'closed', nodeId, atMs: nowMs, reason });
  }
  const isolation = isolationOf(state, nodeId);
  if (isolation !== null && isolation.lease?.token !== permit.token) return state;
  const counted = isolation === null ? state : withoutIsolation(state, nodeId, nowMs);
  const window = addToWindow(counted.window, { nodeId, isFailure: false, nowMs }, settings);
  if (window === counted.window && counted.streak.length === 0 && counted.nodes[nodeId] === undefined) return counted;
  // What stays the same stays the same object: then whoever keeps the state sees at a glance that it need not be written.
  const next = { ...counted, window, streak: counted.streak.length === 0 ? counted.streak : [] };
  return next.nodes[nodeId] === undefined ? next : withStanding(next, nodeId, { failures: 0, isolation: null });
}

function fail(state: BreakerState, event: FailureEvent, step: Step): BreakerState {
  if (state.status === 'HALF_OPEN') return failTrial(state, event, step);
  const { nodeId, weight } = event;
  const { nowMs, settings } = step;
  const isolation = isolationOf(state, nodeId);
  if (isolation !== null && isolation.lease?.token !== event.permit.token) return state;
  const before = state.nodes[nodeId] ?? { failures: 0, isolation: null };
  const window = addToWindow(state.window, { nodeId, isFailure: true, nowMs }, settings);
  const counted = withStanding({ ...state, window, streak: addToStreak(state.streak, event) }, nodeId, {
    failures: before.failures + weight,
    isolation,
  });
  const reason = reasonToOpen(counted, event.liveNodes, nowMs, settings);
  if (reason !== null) return open(counted, event, step, `${reason}; last: ${event.reason}`);
  const isAlone = settings.isolatesNodes && event.liveNodes > 1 && isOnlyThisNode(counted, nodeId, nowMs, settings);
  return isolation !== null || isAlone ? isolate(counted, event, step) : counted;
}

/** One node must not open it again for all: alone, it is only kept from trying again itself. */
function failTrial(state: BreakerState, event: FailureEvent, step: Step): BreakerState {
  if (state.lease?.token !== event.permit.token) return state;
  const failed = { ...state, lease: null, streak: addToStreak(state.streak, event) };
  if (reopens(failed, event.liveNodes, step.settings))
    return open(failed, event, step, `a trial failed: ${event.reason}`);
  return step.settings.isolatesNodes ? isolate(failed, event, step) : failed;
}

function open(state: BreakerState, event: FailureEvent, { nowMs, settings }: Step, reason: string): BreakerState {
  const waitMs = Math.max(recoveryTimeoutMs(state.openings + 1, settings), event.retryAfterMs);
  return opened(state, { nodeId: event.nodeId, atMs: nowMs, reason }, nowMs + waitMs);
}

function isolate(state: BreakerState, event: FailureEvent, { nowMs, settings }: Step): BreakerState {
  const { nodeId } = event;
  const times = (isolationOf(state, nodeId)?.times ?? 0) + 1;
  const waitMs = Math.max(recoveryTimeoutMs(times, settings), event.retryAfterMs);
  const next = withIsolation(state, nodeId, { untilMs: nowMs + waitMs, times, lease: null });
  if (times > 1) return next;
  const reason = `${nodeId} fails where other nodes do not: ${event.reason}`;
  return changed(next, { kind: 'node_isolated', to: state.status, nodeId, atMs: nowMs, reason });
}

function release(state: BreakerState, nodeId: string, { token }: BreakerPermit): BreakerState {
  if (state.lease?.token === token) return { ...state, lease: null };
  const isolation = isolationOf(state, nodeId);
  return isolation?.lease?.token === token ? withIsolation(state, nodeId, { ...isolation, lease: null }) : state;
}

function operate(
  state: BreakerState,
  { type, nodeId }: { readonly type: 'force_open' | 'force_close' | 'reset'; readonly nodeId: string },
  nowMs: number,
): BreakerState {
  const by = { nodeId, atMs: nowMs };
  if (type === 'force_open') {
    const held = opened({ ...state, isForced: true }, { ...by, reason: 'by an operator' }, null);
    return { ...held, openings: 0 };
  }
  if (type === 'force_close') return closed(state, { ...by, kind: 'forced_closed', reason: 'by an operator' });
  return closed({ ...state, nodes: {} }, { ...by, kind: 'reset', reason: 'by an operator' });
}

function addToStreak(streak: readonly StreakPart[], { nodeId, city, weight }: FailureEvent): readonly StreakPart[] {
  const mine = streak.find((part) => part.nodeId === nodeId && part.city === city);
  const failures = (mine?.failures ?? 0) + weight;
  return [...streak.filter((part) => part !== mine), { nodeId, city, failures }];
}

function isolationOf(state: BreakerState, nodeId: string): NodeIsolation | null {
  return state.nodes[nodeId]?.isolation ?? null;
}

function withIsolation(state: BreakerState, nodeId: string, isolation: NodeIsolation): BreakerState {
  return withStanding(state, nodeId, { failures: state.nodes[nodeId]?.failures ?? 0, isolation });
}

/** The node may call again; what it saw while it was alone is not held against anybody. */
function withoutIsolation(state: BreakerState, nodeId: string, nowMs: number): BreakerState {
  if (isolationOf(state, nodeId) === null) return state;
  const window = state.window.filter((bucket) => bucket.nodeId !== nodeId);
  const next = withStanding({ ...state, window }, nodeId, { failures: 0, isolation: null });
  const reason = `a trial of ${nodeId} succeeded`;
  return changed(next, { kind: 'node_returned', to: state.status, nodeId, atMs: nowMs, reason });
}

function withStanding(state: BreakerState, nodeId: string, standing: NodeStanding): BreakerState {
  const { [nodeId]: _before, ...others } = state.nodes;
  const isWorthKeeping = standing.failures > 0 || standing.isolation !== null;
  return { ...state, nodes: isWorthKeeping ? { ...others, [nodeId]: standing } : others };
}
