/**
 * The heartbeat of a process that brings its own loop: it joins the registry under its name, tells its state again and
 * again, hears of a drain that was asked for from afar, and takes itself out when it goes.
 */
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { NodeHeartbeat, NodeRegistry } from './node-registry.ts';

/** What a loop measures of itself at each heartbeat; its active items are counted by the coordinator. */
export type LoopVitals = Pick<
  NodeHeartbeat,
  'health' | 'cpuPercent' | 'memoryPercent' | 'diskPercent' | 'errorCount' | 'warningCount'
>;

export interface LoopPresenceOptions {
  readonly registry: NodeRegistry;
  readonly nodeId: string;
  readonly version: string;
  readonly measure: () => Promise<LoopVitals>;
  readonly activeJobs: () => number;
  readonly heartbeatIntervalMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export class LoopPresence {
  readonly #options: LoopPresenceOptions;
  readonly #startedAtUtc: string;
  readonly #stopping = new AbortController();
  #joining: Promise<void> | null = null;
  #beating: Promise<void> = Promise.resolve();
  #isDraining = false;
  #lostName: ScraperError | null = null;

  constructor(options: LoopPresenceOptions) {
    this.#options = options;
    this.#startedAtUtc = toUtcIso(options.clock.now());
  }

  /** True when somebody has asked this node to take nothing new. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** @throws ScraperError NODE_ID_TAKEN when another process has taken the name while this one was silent. */
  throwIfReplaced(): void {
    if (this.#lostName !== null) throw this.#lostName;
  }

  /** Joins under the name and goes on telling; started twice it goes on as it is. @throws ScraperError NODE_ID_TAKEN */
  start(): Promise<void> {
    this.#joining ??= this.#join().catch((error: unknown) => {
      this.#joining = null;
      throw error;
    });
    return this.#joining;
  }

  /** Tells no more and takes the name out. */
  async stop(): Promise<void> {
    const { registry, nodeId } = this.#options;
    const joining = this.#joining;
    this.#stopping.abort(new Error('the node stops'));
    if (joining === null) return;
    await joining.catch(() => undefined);
    await this.#beating;
    await registry.leave(nodeId);
  }

  async #join(): Promise<void> {
    await this.#options.registry.join(await this.#heartbeat(), this.#stopping.signal);
    this.#beating = this.#beat();
  }

  async #beat(): Promise<void> {
    const { registry, nodeId, heartbeatIntervalMs, clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#lostName === null) {
      await clock.sleep(heartbeatIntervalMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        this.#isDraining = await registry.isDrainRequested(nodeId);
        await registry.beat(await this.#heartbeat());
      } catch (error) {
        if (error instanceof ScraperError && error.code === 'NODE_ID_TAKEN') this.#lostName = error;
        log.warn({ nodeId, error: messageOf(error) }, 'a heartbeat could not be sent');
      }
    }
  }

  async #heartbeat(): Promise<NodeHeartbeat> {
    const { nodeId, version, measure, activeJobs } = this.#options;
    const vitals = await measure();
    const { isDraining } = this;
    const startedAtUtc = this.#startedAtUtc;
    return { nodeId, role: 'loop', version, cities: [], isDraining, startedAtUtc, activeJobs: activeJobs(), ...vitals };
  }
}
