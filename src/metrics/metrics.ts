/**
 * The metrics of one process in the Prometheus format: every name begins with `oikotie_` and ends with its unit. A scrape
 * reads what is there: figures that take time are read at most once in ten seconds, whoever asks, and one that fails or is
 * slow leaves the others as they are. They belong to no global registry.
 */
import { Gauge, Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import { nominalDayOf } from '../clock.ts';
import { addClusterGauges } from './cluster-gauges.ts';
import type { FigureSources, FiguresOf, ReadName } from './figures.ts';
import type { KeptReading } from './kept-reading.ts';
import { keepReading } from './kept-reading.ts';
import type { ProcessFacts } from './process-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { addRunGauges } from './run-gauges.ts';
import type { WorkRecorder } from './work-metrics.ts';
import { addWorkMetrics, noCity } from './work-metrics.ts';

export interface Metrics extends WorkRecorder {
  /** Shows these figures from now on, beside what is shown already. */
  readonly show: (sources: FigureSources) => void;
  /** All of it as text. Takes a second at most, and never rejects for a source that fails. */
  readonly render: () => Promise<string>;
  readonly contentType: string;
  /** Every name there is, whether or not it has a value now. */
  readonly names: () => readonly string[];
  /** Ends what measures the process. */
  readonly close: () => void;
}

export interface MetricsOptions extends Omit<ProcessFacts, 'startedAtMs'> {
  readonly clock: Clock;
  /** The configured cities; any other name is counted as `none`, so that the number of series is bounded. */
  readonly cities: readonly { readonly city: string; readonly enabled: boolean }[];
}

const keptMs = 10_000;
/** How long a scrape waits for a source, in milliseconds. */
const patienceMs = 1_000;

export function createMetrics({ clock, cities, ...facts }: MetricsOptions): Metrics {
  const registry = new Registry();
  const known = new Set(cities.map(({ city }) => city));
  const collected = new Set(cities.filter(({ enabled }) => enabled).map(({ city }) => city));
  const readings = new Map<ReadName, KeptReading<unknown>>();
  let sources: FigureSources = {};

  // Each reading is put into the map under its own name, which is what makes the cast right.
  const figures = <Name extends ReadName>(name: Name): FiguresOf<Name> | null =>
    (readings.get(name)?.value() ?? null) as FiguresOf<Name> | null;

  const endMeasuring = addProcessMetrics(registry, { ...facts, startedAtMs: clock.now() });
  const work = addWorkMetrics(registry, (city) => (city !== null && known.has(city) ? city : noCity));
  const today = (): string => nominalDayOf(clock.now());
  addRunGauges({ registry, figures, today, isCollected: (city) => collected.has(city) });
  addClusterGauges({ registry, figures, sources: () => sources, now: clock.now });
  addSourceGauge(registry, readings);

  return {
    ...work,
    show: (more) => {
      sources = { ...sources, ...more };
      for (const [name, read] of Object.entries(more)) {
        if (isReadName(name)) readings.set(name, keepReading(read, keptMs, clock));
      }
    },
    render: async () => {
      await Promise.all([...readings.values()].map((reading) => reading.refresh(patienceMs)));
      return registry.metrics();
    },
    contentType: registry.contentType,
    names: () => registry.getMetricsAsArray().map(({ name }) => name),
    close: endMeasuring,
  };
}

function isReadName(name: string): name is ReadName {
  return name !== 'missingParts' && name !== 'isRedisUp';
}

function addSourceGauge(registry: Registry, readings: ReadonlyMap<ReadName, KeptReading<unknown>>): void {
  new Gauge({
    name: 'oikotie_metrics_source_up',
    help: '0 when figures could not be read in time: what is shown of them is older, or absent.',
    labelNames: ['source'],
    registers: [registry],
    collect() {
      for (const [source, reading] of readings) this.set({ source }, reading.isUp() ? 1 : 0);
    },
  });
}
