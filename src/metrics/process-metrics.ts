/**
 * What a process says of itself: version, memory, processor time, and how late its event loop is.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';

export type MonitoredRole = 'standalone' | 'worker' | 'store' | 'scheduler' | 'dashboard';

export interface ProcessFacts {
  readonly role: MonitoredRole;
  readonly node: string;
  readonly version: string;
  /** Above it a run does less at once, in bytes. */
  readonly memoryLimitBytes: number;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
}

/** How often the timer fires whose lateness is the lag, in milliseconds. */
const resolutionMs = 20;
/** The lag is that of the last so many milliseconds or more, so that two who scrape do not take it from each other. */
const windowMs = 10_000;
const nanosecondsPerSecond = 1e9;

/** Adds them; the function given back ends the measuring. */
export function addProcessMetrics(registry: Registry, facts: ProcessFacts): () => void {
  const registers = [registry];
  const { role, node, version, memoryLimitBytes, startedAtMs } = facts;
  new Gauge({
    name: 'oikotie_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['role', 'node', 'version'],
    registers,
  }).set({ role, node, version }, 1);
  new Gauge({
    name: 'oikotie_process_start_time_seconds',
    help: 'When the process started, in seconds since 1970.',
    registers,
  }).set(startedAtMs / 1000);
  new Gauge({
    name: 'oikotie_process_memory_limit_bytes',
    help: 'resources.max_memory_mb: above it fewer pages are fetched at once.',
    registers,
  }).set(memoryLimitBytes);
  addUsage(registry);
  return addEventLoopLag(registry);
}

function addUsage(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_process_resident_memory_bytes',
    help: 'Resident memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'oikotie_process_heap_used_bytes',
    help: 'Heap of V8 in use.',
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  new Counter({
    name: 'oikotie_process_cpu_seconds_total',
    help: 'Processor time used, user and system.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

function addEventLoopLag(registry: Registry): () => void {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let sinceMs = performance.now();
  let last = { p50: 0, p99: 0, max: 0 };
  new Gauge({
    name: 'oikotie_event_loop_lag_seconds',
    help: 'How late timers were in the last ten seconds or more; quantile 1 is the longest.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      const isOver = performance.now() - sinceMs >= windowMs;
      const seen = {
        p50: lagOf(delays.percentile(50)),
        p99: lagOf(delays.percentile(99)),
        max: lagOf(delays.max),
      };
      // Within a window the worse of it and the one before is told: a lag is not missed because a window has just begun.
      const told = isOver ? seen : worseOf(seen, last);
      this.set({ quantile: '0.5' }, told.p50);
      this.set({ quantile: '0.99' }, told.p99);
      this.set({ quantile: '1' }, told.max);
      if (!isOver) return;
      last = seen;
      sinceMs = performance.now();
      delays.reset();
    },
  });
  return () => delays.disable();
}

type Lag = Readonly<Record<'p50' | 'p99' | 'max', number>>;

function worseOf(one: Lag, other: Lag): Lag {
  return {
    p50: Math.max(one.p50, other.p50),
    p99: Math.max(one.p99, other.p99),
    max: Math.max(one.max, other.max),
  };
}

/** A timer that is not late fires after the resolution; what was not measured yet is no lag. */
function lagOf(nanoseconds: number): number {
  const seconds = nanoseconds / nanosecondsPerSecond - resolutionMs / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}
