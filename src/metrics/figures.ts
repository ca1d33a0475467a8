/**
 * What the gauges show: figures that somebody else has, as they are read when a scrape comes. Each is optional: a process
 * shows what it knows.
 */
import type { CityCounts, MissingPart } from '../quality/city-receipt.ts';
import type { SeriesHealth } from '../quality/series-health.ts';
import type { BreakerState } from '../resilience/breaker-state.ts';

/** A city of a run that is under way. */
export interface CityFigures {
  readonly city: string;
  readonly counts: Pick<CityCounts, 'new' | 'changed' | 'unchanged' | 'removed' | 'failed' | 'skipped' | 'pending'>;
  /** Over the last minute, or over its whole time when it is done. */
  readonly requestsPerSecond: number;
  /** Infinity = no limit. */
  readonly allowedPerSecond: number;
}

export interface QueueFigures {
  readonly queue: string;
  /** Null for a queue of all cities. */
  readonly city: string | null;
  /** Jobs by state. */
  readonly jobs: Readonly<Record<string, number>>;
}

export interface NodeFigures {
  readonly nodeId: string;
  readonly role: string;
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'offline';
  /** 0 to 100. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly diskPercent: number;
  readonly activeJobs: number;
  /** ISO 8601 UTC. */
  readonly lastHeartbeatUtc: string;
}

export interface ScheduleFigures {
  /** Epoch milliseconds; null when no run is to come. */
  readonly nextRunMs: number | null;
  readonly isPaused: boolean;
  /** Days of the last seven that were missed. */
  readonly missedDays: number;
}

/** Where the gauges get their values from. Those that take time are asked at most once in ten seconds. */
export interface FigureSources {
  readonly missingParts?: () => readonly MissingPart[];
  readonly isRedisUp?: () => boolean;
  readonly openAlerts?: () => Promise<readonly string[]>;
  readonly cities?: () => Promise<readonly CityFigures[]>;
  readonly queues?: () => Promise<readonly QueueFigures[]>;
  readonly nodes?: () => Promise<readonly NodeFigures[]>;
  readonly breakers?: () => Promise<ReadonlyMap<string, Pick<BreakerState, 'status' | 'isForced' | 'history'>>>;
  readonly series?: () => Promise<SeriesHealth>;
  readonly schedule?: () => Promise<ScheduleFigures>;
}

/** The sources that are read before a scrape is answered. */
export type ReadName = Exclude<keyof FigureSources, 'missingParts' | 'isRedisUp'>;

/** What a source gives. */
export type FiguresOf<Name extends ReadName> = Awaited<ReturnType<NonNullable<FigureSources[Name]>>>;

/** The figures read last; null where there is no such source, or nothing was read yet. */
export type ReadFigures = <Name extends ReadName>(name: Name) => FiguresOf<Name> | null;
