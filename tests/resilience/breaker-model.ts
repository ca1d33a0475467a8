/**
 * A second, slower telling of what a breaker does, for comparison: it keeps every single failure and call in lists and
 * counts them anew each time. It shares no code with the one under test.
 */
import type { BreakerSettings } from '../../src/resilience/breaker-state.ts';

interface Out {
  until: number;
  times: number;
  trial: { id: string; until: number } | null;
}

interface Ticket {
  readonly epoch: number;
  readonly id: string;
}

export type ModelAnswer =
  | { readonly pass: true; readonly ticket: Ticket }
  | { readonly pass: false; readonly why: string };

export class ModelBreaker {
  readonly #settings: BreakerSettings;
  readonly #nodeCount: number;
  status: 'CLOSED' | 'OPEN' | 'HALF_OPEN' = 'CLOSED';
  isForced = false;
  epoch = 0;
  trips = 0;
  retryAt = 0;
  goodTrials = 0;
  trial: { id: string; until: number } | null = null;
  /** One entry per failure since the last success, a block several. */
  failed: { node: string; city: string }[] = [];
  /** The same of each node since its own last success. */
  failedBy = new Map<string, number>();
  out = new Map<string, Out>();
  calls: { tenth: number; node: string; isBad: boolean }[] = [];

  constructor(settings: BreakerSettings, nodeCount: number) {
    this.#settings = settings;
    this.#nodeCount = nodeCount;
  }

  ask(node: string, id: string, now: number): ModelAnswer {
    const { probeLeaseMs } = this.#settings;
    if (this.isForced) return { pass: false, why: 'forced' };
    if (this.status === 'OPEN' && now < this.retryAt) return { pass: false, why: 'open' };
    const out = this.out.get(node);
    if (out !== undefined && now < out.until) return { pass: false, why: 'isolated' };
    const mine = { id, until: now + probeLeaseMs };
    if (this.status === 'CLOSED') {
      if (out === undefined) return { pass: true, ticket: { epoch: this.epoch, id } };
      if (out.trial !== null && now < out.trial.until) return { pass: false, why: 'isolated' };
      out.trial = mine;
      return { pass: true, ticket: { epoch: this.epoch, id } };
    }
    if (this.status === 'OPEN') {
      this.#become('HALF_OPEN');
      this.goodTrials = 0;
      this.failed = [];
    } else if (this.trial !== null && now < this.trial.until) return { pass: false, why: 'probing' };
    this.trial = mine;
    return { pass: true, ticket: { epoch: this.epoch, id } };
  }

  succeed(node: string, ticket: Ticket, now: number): void {
    if (this.status === 'OPEN' || ticket.epoch !== this.epoch) return;
    if (this.status === 'HALF_OPEN') {
      if (this.trial?.id !== ticket.id) return;
      this.#readmit(node);
      this.trial = null;
      this.goodTrials += 1;
      if (this.goodTrials >= this.#settings.successThreshold) this.#close();
      return;
    }
    const out = this.out.get(node);
    if (out !== undefined && out.trial?.id !== ticket.id) return;
    this.#readmit(node);
    this.failed = [];
    this.failedBy.delete(node);
    this.#note(node, false, now);
  }

  fail(node: string, city: string, ticket: Ticket, weight: number, now: number): void {
    if (this.status === 'OPEN' || ticket.epoch !== this.epoch) return;
    const out = this.out.get(node);
    if (this.status === 'HALF_OPEN') {
      if (this.trial?.id !== ticket.id) return;
      this.trial = null;
      this.#add(node, city, weight);
      if (this.#isSeenByEnough()) this.#trip(now);
      else if (this.#settings.isolatesNodes) this.#expel(node, now);
      return;
    }
    if (out !== undefined && out.trial?.id !== ticket.id) return;
    this.#add(node, city, weight);
    this.failedBy.set(node, (this.failedBy.get(node) ?? 0) + weight);
    this.#note(node, true, now);
    if (this.#isSick(now)) this.#trip(now);
    else if (out !== undefined || this.#isAlone(node, now)) this.#expel(node, now);
  }

  giveBack(node: string, ticket: Ticket): void {
    if (this.trial?.id === ticket.id) this.trial = null;
    const out = this.out.get(node);
    if (out?.trial?.id === ticket.id) out.trial = null;
  }

  operate(action: 'force_open' | 'force_close' | 'reset'): void {
    if (action === 'force_open') {
      this.#clear();
      this.out.clear();
      this.#become('OPEN');
      this.isForced = true;
      this.trips = 0;
      return;
    }
    if (action === 'reset') this.out.clear();
    this.#close();
  }

  #become(status: 'CLOSED' | 'OPEN' | 'HALF_OPEN'): void {
    this.status = status;
    this.epoch += 1;
    this.trial = null;
  }

  #clear(): void {
    this.failed = [];
    this.failedBy.clear();
    this.calls = [];
    this.goodTrials = 0;
  }

  #close(): void {
    this.#clear();
    this.#become('CLOSED');
    this.isForced = false;
    this.trips = 0;
  }

  #trip(now: number): void {
    this.trips += 1;
    this.retryAt = now + this.#waitOf(this.trips);
    this.#clear();
    this.out.clear();
    this.#become('OPEN');
  }

  #expel(node: string, now: number): void {
    if (!this.#settings.isolatesNodes) return;
    const times = (this.out.get(node)?.times ?? 0) + 1;
    this.out.set(node, { times, until: now + this.#waitOf(times), trial: null });
  }

  #readmit(node: string): void {
    if (!this.out.delete(node)) return;
    this.failedBy.delete(node);
    this.calls = this.calls.filter((call) => call.node !== node);
  }

  #add(node: string, city: string, weight: number): void {
    for (let count = 0; count < weight; count += 1) this.failed.push({ node, city });
  }

  #note(node: string, isBad: boolean, now: number): void {
    if (this.#settings.failureShare === null) return;
    this.calls.push({ tenth: Math.floor(now / (this.#settings.windowMs / 10)), node, isBad });
  }

  #waitOf(times: number): number {
    let wait = this.#settings.recoveryTimeoutMs;
    for (let doubled = 1; doubled < times; doubled += 1) wait *= 2;
    return Math.min(wait, this.#settings.maxRecoveryTimeoutMs);
  }

  #isSeenByEnough(): boolean {
    const nodes = new Set(this.failed.map(({ node }) => node)).size;
    const cities = new Set(this.failed.map(({ city }) => city)).size;
    return nodes >= Math.min(2, this.#nodeCount) && cities >= this.#settings.minCities;
  }

  #isSick(now: number): boolean {
    const perCity = new Map<string, number>();
    let counted = 0;
    for (const { city } of this.failed) {
      const before = perCity.get(city) ?? 0;
      perCity.set(city, before + 1);
      if (before < this.#settings.mostPerCity) counted += 1;
    }
    if (counted >= this.#settings.failureThreshold && this.#isSeenByEnough()) return true;
    const recent = this.#recent(now);
    if (recent.length < this.#settings.windowMinimum || !this.#isTooMany(recent)) return false;
    const nodes = new Set(recent.map(({ node }) => node));
    const sickNodes = [...nodes].filter((node) => this.#isTooMany(recent.filter((call) => call.node === node)));
    return sickNodes.length >= Math.min(2, this.#nodeCount);
  }

  #isAlone(node: string, now: number): boolean {
    if (!this.#settings.isolatesNodes || this.#nodeCount < 2) return false;
    if ((this.failedBy.get(node) ?? 0) >= this.#settings.failureThreshold) return true;
    const mine = this.#recent(now).filter((call) => call.node === node);
    return mine.length >= this.#settings.windowMinimum && this.#isTooMany(mine);
  }

  #recent(now: number) {
    const { windowMs } = this.#settings;
    return this.calls.filter(({ tenth }) => tenth * (windowMs / 10) > now - windowMs);
  }

  #isTooMany(calls: readonly { readonly isBad: boolean }[]): boolean {
    const bad = calls.filter(({ isBad }) => isBad).length;
    const { failureShare } = this.#settings;
    return failureShare !== null && bad > 0 && bad / calls.length >= failureShare;
  }
}
