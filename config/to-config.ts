/**
 * Translates the file's names and units into the code's: snake_case to camelCase, seconds to milliseconds, the slower
 * of two rates to one interval. It checks nothing; its input has been checked.
 */
import { hostname } from 'node:os';
import { portalHost } from './check-task.ts';
import type { CityTask, Config, RetryConfig } from './config.ts';
import type { Settings } from './schema.ts';
import type { Task } from './task-schema.ts';
import { buildUserAgent, readVersion } from './user-agent.ts';

/** The effective configuration, frozen all the way down. */
export function toConfig(settings: Settings, tasks: readonly Task[]): Config {
  return deepFreeze({
    tasks: tasks.map(toCityTask),
    databasePath: settings.database_path,
    outputDirectory: settings.output_directory,
    logLevel: toLogLevel(settings.log_level),
    nodeId: settings.node_id ?? hostname(),
    concurrentCities: settings.concurrent_cities,
    collectPersonalData: settings.collect_personal_data,
    crawler: toCrawlerConfig(settings),
    retry: { listing: toRetryConfig(settings.retry.listing), city: toRetryConfig(settings.retry.city) },
    database: {
      memoryLimit: settings.database.memory_limit,
      threads: settings.database.threads,
      batchRows: settings.database.batch_rows,
      batchDelayMs: settings.database.batch_delay_ms,
    },
    cluster: {
      redisUrl: settings.cluster_coordination.redis_url,
      heartbeatIntervalMs: toMs(settings.cluster_coordination.heartbeat_interval),
      lockTtlMs: toMs(settings.cluster_coordination.lock_ttl),
      workDistributionStrategy: settings.cluster_coordination.work_distribution_strategy,
    },
    browser: { executablePath: settings.browser.executable_path },
  });
}

function toCityTask(task: Task): CityTask {
  const { max_requests_per_second: perSecond } = task.data_governance;
  return {
    city: task.city,
    enabled: task.enabled,
    url: task.url,
    maxDetailWorkers: task.max_detail_workers,
    requestIntervalMs: Math.max(toMs(task.rate_limit_seconds), toIntervalMs(perSecond)),
    coordinateBounds: task.coordinate_bounds,
    geospatialSources: task.geospatial_sources,
    priority: task.priority,
    bulkDownloadPreference: task.data_governance.bulk_download_preference,
    cacheDurationHours: task.data_governance.cache_duration_hours,
    listingLimit: task.listing_limit,
  };
}

function toCrawlerConfig({ crawler, allowed_hosts: allowedHosts }: Settings): Config['crawler'] {
  return {
    userAgent: buildUserAgent(crawler.user_agent, crawler.contact, readVersion()),
    allowedHosts: [...new Set([portalHost(), ...allowedHosts])],
    portalIntervalMs: toIntervalMs(crawler.max_requests_per_second),
    requestTimeoutMs: toMs(crawler.request_timeout_seconds),
    maxBodyBytes: crawler.max_body_bytes,
    obeysRobots: crawler.obey_robots,
    robotsTtlMs: Math.round(crawler.robots_ttl_hours * 3_600_000),
  };
}

function toRetryConfig(retry: Settings['retry']['listing']): RetryConfig {
  return {
    maxAttempts: retry.max_attempts,
    baseDelayMs: toMs(retry.base_delay_seconds),
    maxDelayMs: toMs(retry.max_delay_seconds),
    multiplier: retry.multiplier,
    jitter: retry.jitter,
  };
}

function toLogLevel(level: Settings['log_level']): Config['logLevel'] {
  const levels = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', WARNING: 'warn', ERROR: 'error' } as const;
  return levels[level];
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Milliseconds between two requests, rounded up so that the rate is never exceeded; no limit gives 0. */
function toIntervalMs(requestsPerSecond: number | null): number {
  return requestsPerSecond === null ? 0 : Math.ceil(1000 / requestsPerSecond);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
