/**
 * The changes a breaker can make, each with its entry in the history. They say what becomes of the state; when they are
 * due is breaker-reducer.ts's business.
 */
import type { BreakerChange, BreakerState } from './breaker-state.ts';
import { historyLength } from './breaker-state.ts';

type ChangeEntry = Omit<BreakerChange, 'number' | 'from'>;
type ChangedBy = Pick<BreakerChange, 'atMs' | 'nodeId' | 'reason'>;

/** The state with the change in its history; a change of status begins a new generation. */
export function changed(state: BreakerState, entry: ChangeEntry): BreakerState {
  const number = state.changeCount + 1;
  const isSameStatus = entry.kind === 'node_isolated' || entry.kind === 'node_returned';
  return {
    ...state,
    status: entry.to,
    generation: isSameStatus ? state.generation : state.generation + 1,
    changeCount: number,
    history: [...state.history, { ...entry, number, from: state.status }].slice(-historyLength),
  };
}

/** Open until `retryAtMs`; null = until an operator closes it. Isolated nodes are forgotten: the site itself is sick. */
export function opened(state: BreakerState, by: ChangedBy, retryAtMs: number | null): BreakerState {
  const kind = retryAtMs === null ? 'forced_open' : 'opened';
  const next = { ...state, ...noCounts, nodes: {}, openings: state.openings + 1, retryAtMs };
  return changed(next, { ...by, kind, to: 'OPEN' });
}

/** Closed, with the doubling of the wait undone. */
export function closed(
  state: BreakerState,
  by: ChangedBy & { readonly kind: 'closed' | 'forced_closed' | 'reset' },
): BreakerState {
  const nodes = Object.fromEntries(
    Object.entries(state.nodes)
      .filter(([, { isolation }]) => isolation !== null)
      .map(([nodeId, { isolation }]) => [nodeId, { failures: 0, isolation }]),
  );
  const next = { ...state, ...noCounts, nodes, isForced: false, openings: 0, retryAtMs: null };
  return changed(next, { ...by, to: 'CLOSED' });
}

const noCounts = { successes: 0, lease: null, streak: [], window: [] } as const;
