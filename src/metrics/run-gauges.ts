/**
 * Gauges of a run under way and of the series: listings and rates per city, receipts, the last run.
 */
import type { Registry } from 'prom-client';
import { Gauge } from 'prom-client';
import type { CityHealth } from '../quality/series-health.ts';
import { daysBetween, daysSinceComplete } from '../quality/series-health.ts';
import type { ReadFigures } from './figures.ts';

const outcomes = ['new', 'changed', 'unchanged', 'removed', 'failed', 'skipped', 'pending'] as const;
const verdicts = ['complete', 'partial', 'failed', 'foreign'] as const;
const runStatuses = ['completed', 'degraded', 'failed', 'interrupted'] as const;

export interface RunGaugeOptions {
  readonly registry: Registry;
  readonly figures: ReadFigures;
  /** Whether the city is configured and enabled: nobody is warned of one that is collected no more. */
  readonly isCollected: (city: string) => boolean;
  /** The nominal day now. */
  readonly today: () => string;
}

export function addRunGauges(options: RunGaugeOptions): void {
  addProgress(options);
  addReceipts(options);
  addLastRun(options);
}

function addProgress({ registry, figures }: RunGaugeOptions): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_listings',
    help: 'Listings of the run under way, by city and outcome.',
    labelNames: ['city', 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const { city, counts } of figures('cities') ?? []) {
        for (const outcome of outcomes) this.set({ city, outcome }, counts[outcome]);
      }
    },
  });
  new Gauge({
    name: 'oikotie_city_requests_per_second',
    help: 'Requests of the run under way to a city, all nodes together: over the last minute, or its whole time when done.',
    labelNames: ['city'],
    registers,
    collect() {
      this.reset();
      for (const { city, requestsPerSecond } of figures('cities') ?? []) this.set({ city }, requestsPerSecond);
    },
  });
  new Gauge({
    name: 'oikotie_city_requests_per_second_limit',
    help: 'Requests per second that the city allows; +Inf = no limit.',
    labelNames: ['city'],
    registers,
    collect() {
      this.reset();
      for (const { city, allowedPerSecond } of figures('cities') ?? []) this.set({ city }, allowedPerSecond);
    },
  });
}

function addReceipts({ registry, figures, isCollected, today }: RunGaugeOptions): void {
  const registers = [registry];
  const cities = (): readonly CityHealth[] => (figures('series')?.cities ?? []).filter(({ city }) => isCollected(city));
  new Gauge({
    name: 'oikotie_city_completeness_ratio',
    help: 'Share of the listings of the last run of a city that were settled well, 0 to 1.',
    labelNames: ['city'],
    registers,
    collect() {
      this.reset();
      for (const { city, completeness } of cities()) if (completeness !== null) this.set({ city }, completeness);
    },
  });
  new Gauge({
    name: 'oikotie_city_days_since_complete',
    help: 'Days since the last complete run of a city, 0 on its day; of one that never was, since its first run.',
    labelNames: ['city'],
    registers,
    collect() {
      this.reset();
      for (const health of cities()) this.set({ city: health.city }, daysSinceComplete(health, today()));
    },
  });
  new Gauge({
    name: 'oikotie_city_verdict',
    help: '1 for the verdict of the last run of a city.',
    labelNames: ['city', 'verdict'],
    registers,
    collect() {
      this.reset();
      for (const { city, verdict } of cities()) {
        for (const each of verdicts) this.set({ city, verdict: each }, each === verdict ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'oikotie_quarantines_open',
    help: 'Runs of a city whose changes are in quarantine until an operator decides.',
    labelNames: ['city'],
    registers,
    collect() {
      this.reset();
      for (const { city, openQuarantines } of cities()) this.set({ city }, openQuarantines);
    },
  });
}

function addLastRun({ registry, figures, today }: RunGaugeOptions): void {
  const registers = [registry];
  new Gauge({
    name: 'oikotie_run_status',
    help: '1 for the status of the run that ended last.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      const run = figures('series')?.lastRun ?? null;
      if (run === null) return;
      for (const status of runStatuses) this.set({ status }, status === run.status ? 1 : 0);
    },
  });
  new Gauge({
    name: 'oikotie_run_last_finished_timestamp_seconds',
    help: 'When the last run ended, in seconds since 1970.',
    registers,
    collect() {
      const run = figures('series')?.lastRun ?? null;
      if (run === null) this.remove();
      else this.set(run.finishedAtMs / 1000);
    },
  });
  new Gauge({
    name: 'oikotie_run_days_since_last',
    help: 'Days between today and the nominal day of the run that ended last (Helsinki).',
    registers,
    collect() {
      const run = figures('series')?.lastRun ?? null;
      if (run === null) this.remove();
      else this.set(daysBetween(run.nominalDay, today()));
    },
  });
}
