/**
 * A circuit breaker around calls to the portal: asks the shared state for leave, makes the call, reports its outcome.
 * The rules are breaker-reducer.ts's, the memory is the store's; this class joins the two and holds neither.
 */
import type { ErrorCategory } from '../errors.ts';
import { errorCategories, messageOf, ScraperError } from '../errors.ts';
import { recoveryTimeoutMs } from './breaker-criteria.ts';
import type { BreakerDecision, BreakerEvent, BreakerPermit, Reduced } from './breaker-reducer.ts';
import { reduceBreaker } from './breaker-reducer.ts';
import type { BreakerChange, BreakerSettings, BreakerState, BreakerStatus } from './breaker-state.ts';
import { closedBreaker, streakFailures } from './breaker-state.ts';
import type { BreakerStateStore } from './breaker-store.ts';
import { breakerWeightOf, breakerWeightOfCategory } from './breaker-weight.ts';
import { countByNode, sumCounts } from './breaker-window.ts';

export interface CircuitBreakerOptions {
  /** Name in the store: the city, or `portal`. */
  readonly name: string;
  readonly store: BreakerStateStore;
  readonly settings: BreakerSettings;
  readonly nodeId: string;
  /** Gives a text no other call has. */
  readonly newToken: () => string;
  /** Told of each change after it was kept, and of the job whose outcome it was; must not throw and must not wait. */
  readonly onChange?: (change: BreakerChange, jobId: string | null) => void;
}

export type Refusal = Extract<BreakerDecision, { kind: 'refused' }> & {
  /** Time until it is worth asking again; null when only an operator knows. */
  readonly retryAfterMs: number | null;
};

export type Admission = { readonly kind: 'pass'; readonly permit: BreakerPermit } | Refusal;

/** Where a failure was seen. */
export interface FailureOrigin {
  /** Of the call that failed; without it the failure counts only while the breaker is closed. */
  readonly permit?: BreakerPermit;
  /** Default: the breaker's name. */
  readonly city?: string;
  /** Job that made the call, if one did. */
  readonly jobId?: string | undefined;
}

export interface BreakerMetrics {
  readonly name: string;
  readonly status: BreakerStatus;
  readonly isForced: boolean;
  /** Weighted failures since the last success. */
  readonly failures: number;
  /** Calls and failures within the window; only those this process knows of when the store is a file. */
  readonly windowCalls: number;
  readonly windowFailures: number;
  /** Times it opened since it was last closed. */
  readonly openings: number;
  /** Epoch milliseconds of the next trial; null unless it is open and waits for one. */
  readonly retryAtMs: number | null;
  /** Wait of its next opening. */
  readonly nextTimeoutMs: number;
  readonly isolatedNodes: readonly { readonly nodeId: string; readonly untilMs: number }[];
  readonly history: readonly BreakerChange[];
}

/** Others may win the race for a write this often before it is an error. */
const maxTries = 100;
/** Calls refused while another trial is under way ask again this soon. */
const probePollMs = 1_000;
/** A node says this often that it is alive. */
const reportIntervalMs = 10_000;

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #lastKnown: BreakerState = closedBreaker;
  /** One event of this process at a time: only other processes can win the race. */
  #line: Promise<unknown> = Promise.resolve();
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  /** The state as this process last saw it, without asking the store. */
  get lastKnown(): BreakerState {
    return this.#lastKnown;
  }

  /**
   * Makes the call if it may be made, and counts its outcome.
   * @throws ScraperError BREAKER_OPEN or BREAKER_NODE_ISOLATED with `details.retryAfterMs` when it may not, or what the
   * call throws.
   */
  async call<Result>(fn: () => Promise<Result>): Promise<Result> {
    const admission = await this.acquire();
    if (admission.kind === 'refused') throw refusalError(this.#options.name, this.#options.nodeId, admission);
    const { permit } = admission;
    const result = await fn().catch(async (error: unknown) => {
      await this.recordFailure(error, { permit });
      throw error;
    });
    await this.recordSuccess(permit);
    return result;
  }

  /** Leave to make one call, whose outcome must be recorded with its permit; or why not. */
  async acquire(): Promise<Admission> {
    const { nodeId, newToken } = this.#options;
    const { reduced, nowMs } = await this.#apply({ type: 'ask', nodeId, token: newToken() });
    const { decision } = reduced;
    if (decision === null) throw new Error('expected a decision for an ask, got none; this is a bug');
    return decision.kind === 'pass' ? decision : { ...decision, retryAfterMs: retryAfterMsOf(decision, nowMs) };
  }

  /** The call succeeded. Without its permit it counts only while the breaker is closed. */
  async recordSuccess(permit?: BreakerPermit, jobId?: string): Promise<void> {
    await this.#apply({ type: 'success', nodeId: this.#options.nodeId, permit: permit ?? this.#anyPermit() }, jobId);
  }

  /** The call failed with this error, or with an error of this category. */
  async recordFailure(failure: unknown, { permit, city, jobId }: FailureOrigin = {}): Promise<void> {
    const { name, nodeId, settings, store } = this.#options;
    const weight = weightOf(failure, settings.blockedWeight);
    const used = permit ?? this.#anyPermit();
    if (weight === 0) return this.release(used);
    const retryAfterMs = failure instanceof ScraperError ? (failure.details.retryAfterMs ?? 0) : 0;
    const nodes = new Set([...(await store.liveNodes(settings.windowMs)), nodeId]);
    const seen = { nodeId, city: city ?? name, permit: used, weight, retryAfterMs, liveNodes: nodes.size };
    await this.#apply({ type: 'failure', ...seen, reason: messageOf(failure) }, jobId);
  }

  /** The call ended without saying anything of the portal: a lease is given back, nothing is counted. */
  async release(permit: BreakerPermit): Promise<void> {
    await this.#apply({ type: 'release', nodeId: this.#options.nodeId, permit });
  }

  async getMetrics(): Promise<BreakerMetrics> {
    const { name, store, settings } = this.#options;
    const { state, nowMs } = await store.read(name);
    return metricsOf(name, state ?? closedBreaker, settings, nowMs);
  }

  /** As new: closed, nothing counted, no node isolated. The history stays and has one entry more. */
  async reset(): Promise<void> {
    await this.#apply({ type: 'reset', nodeId: this.#options.nodeId });
  }

  /** Open until `forceClose` or `reset`, whatever happens meanwhile. */
  async forceOpen(): Promise<void> {
    await this.#apply({ type: 'force_open', nodeId: this.#options.nodeId });
  }

  /** Closed now, however it came to be open; isolated nodes stay isolated. */
  async forceClose(): Promise<void> {
    await this.#apply({ type: 'force_close', nodeId: this.#options.nodeId });
  }

  #anyPermit(): BreakerPermit {
    return { generation: this.#lastKnown.generation, token: '', kind: 'normal' };
  }

  #apply(event: BreakerEvent, jobId?: string): Promise<{ readonly reduced: Reduced; readonly nowMs: number }> {
    const mine = this.#line.then(() => this.#compareAndSet(event, jobId ?? null));
    // Whoever comes next waits for the end, not for the success.
    this.#line = mine.catch(() => undefined);
    return mine;
  }

  async #compareAndSet(
    event: BreakerEvent,
    jobId: string | null,
  ): Promise<{ readonly reduced: Reduced; readonly nowMs: number }> {
    const { name, store, settings, onChange } = this.#options;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { state, version, nowMs } = await store.read(name);
      await this.#reportAlive(nowMs);
      const before = state ?? closedBreaker;
      const reduced = reduceBreaker(before, event, nowMs, settings);
      const isKept = reduced.state === before || (await store.compareAndSet(name, version, reduced.state));
      if (!isKept) continue;
      this.#lastKnown = reduced.state;
      for (const change of reduced.changes) onChange?.(change, jobId);
      return { reduced, nowMs };
    }
    const message = `breaker ${name}: expected to write its state within ${maxTries} tries, others were always faster`;
    throw new ScraperError('BREAKER_CONTENDED', message, { category: 'STORAGE_ERROR' });
  }

  async #reportAlive(nowMs: number): Promise<void> {
    if (Math.abs(nowMs - this.#reportedAtMs) < reportIntervalMs) return;
    this.#reportedAtMs = nowMs;
    await this.#options.store.reportNode(this.#options.nodeId);
  }
}

/** The error of a call that may not be made. @param name the city or `portal` */
export function refusalError(name: string, nodeId: string, refusal: Refusal): ScraperError {
  const { why, retryAfterMs } = refusal;
  const reasons = {
    open: `the breaker of ${name} is open`,
    forced: `the breaker of ${name} is held open by an operator (oikotie breaker close ${name})`,
    probing: `the breaker of ${name} is half-open and another call is on trial`,
    isolated: `${nodeId} fails for ${name} where other nodes do not`,
  };
  const wait = retryAfterMs === null ? '' : `; asked again in ${Math.ceil(retryAfterMs / 1000)} s`;
  const code = why === 'isolated' ? 'BREAKER_NODE_ISOLATED' : 'BREAKER_OPEN';
  const details = retryAfterMs === null ? {} : { retryAfterMs };
  return new ScraperError(code, `not asked: ${reasons[why]}${wait}`, { category: 'UNKNOWN', details });
}

/** The figures of one state. */
function metricsOf(name: string, state: BreakerState, settings: BreakerSettings, nowMs: number): BreakerMetrics {
  const { status, isForced, openings, retryAtMs, history } = state;
  const { calls, failures } = sumCounts(countByNode(state.window, nowMs, settings).values());
  return {
    name,
    status,
    isForced,
    failures: streakFailures(state.streak, settings.mostPerCity),
    windowCalls: calls,
    windowFailures: failures,
    openings,
    retryAtMs,
    nextTimeoutMs: recoveryTimeoutMs(openings + 1, settings),
    isolatedNodes: Object.entries(state.nodes).flatMap(([nodeId, { isolation }]) =>
      isolation === null ? [] : [{ nodeId, untilMs: isolation.untilMs }],
    ),
    history,
  };
}

function retryAfterMsOf(
  { why, retryAtMs }: Extract<BreakerDecision, { kind: 'refused' }>,
  nowMs: number,
): number | null {
  if (retryAtMs === null) return null;
  const waitMs = Math.max(1, retryAtMs - nowMs);
  // The trial of another call may end at any moment; only its lease would last longer.
  return why === 'probing' ? Math.min(probePollMs, waitMs) : waitMs;
}

function weightOf(failure: unknown, blockedWeight: number): number {
  const category = errorCategories.find((known): known is ErrorCategory => known === failure);
  if (category === undefined) return breakerWeightOf(failure, blockedWeight);
  return breakerWeightOfCategory(category, { blockedWeight, hasStatus: true });
}
