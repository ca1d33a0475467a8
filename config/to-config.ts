/**
 * Translates the file's names and units into the code's: snake_case to camelCase, seconds to milliseconds, the slower
 * of two rates to one interval. It checks nothing; its input has been checked.
 */
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { portalHost } from './check-task.ts';
import type { BreakerConfig, CityTask, Config, PolitenessConfig, RetryConfig, RetryRule } from './config.ts';
import type { RedisTarget } from './config-connections.ts';
import { browserNames, findOnPath } from './find-on-path.ts';
import { readBucket } from './read-archive.ts';
import type { RetryRuleSetting } from './retry-rules.ts';
import type { Settings } from './schema.ts';
import type { Task } from './task-schema.ts';
import { toAlertConfig } from './to-alert-config.ts';
import { buildUserAgent, readVersion } from './user-agent.ts';

interface ReadSettings {
  readonly settings: Settings;
  readonly tasks: readonly Task[];
  readonly redis: RedisTarget | null;
  readonly auditKeys: Config['audit'];
  readonly shownSettings: Config['shownSettings'];
  /** Where programs are looked for (PATH). */
  readonly searchPath: string | undefined;
}

/** The effective configuration, frozen all the way down. */
export function toConfig({ settings, tasks, redis, auditKeys, shownSettings, searchPath }: ReadSettings): Config {
  return deepFreeze({
    tasks: tasks.map(toCityTask),
    shownSettings: structuredClone(shownSettings),
    databasePath: settings.database_path,
    stateDirectory: settings.state_directory ?? join(dirname(settings.database_path), 'state'),
    audit: auditKeys,
    logsDirectory: settings.logs_directory,
    logsKeepDays: settings.logs_keep_days,
    rawArchive: toArchiveConfig(settings),
    metricsPort: settings.metrics_port,
    metricsHost: settings.metrics_host,
    metricsFile: settings.metrics_file,
    geodataDirectory: settings.geodata_directory,
    outputDirectory: settings.output_directory,
    logLevel: toLogLevel(settings.log_level),
    nodeId: settings.node_id ?? hostname(),
    concurrentCities: settings.concurrent_cities,
    collectPersonalData: settings.collect_personal_data,
    crawler: toCrawlerConfig(settings),
    politeness: toPolitenessConfig(settings.politeness),
    quality: toQualityConfig(settings.quality),
    retry: {
      listing: toRetryConfig(settings.retry.listing),
      city: toRetryConfig(settings.retry.city),
      rules: settings.retry.rules.map(toRetryRule),
    },
    breaker: toBreakerConfig(settings.circuit_breaker),
    resources: {
      maxMemoryBytes: toBytes(settings.resources.max_memory_mb),
      maxCpuPercent: settings.resources.max_cpu_percent,
    },
    database: { ...toDatabaseConfig(settings.database), auditKeys },
    cluster: toClusterConfig(settings.cluster_coordination, redis),
    schedule: toScheduleConfig(settings.schedule),
    series: {
      delisting: {
        completeRuns: settings.delisting.complete_runs,
        maxDropShare: settings.delisting.max_drop_share,
      },
      relisting: { maxGapDays: settings.relisting.max_gap_days, minScore: settings.relisting.min_score },
    },
    lineage: toLineageConfig(settings.lineage),
    publish: toPublishConfig(settings.publish),
    validation: toValidationConfig(settings.validation),
    dashboard: toDashboardConfig(settings.dashboard),
    alerts: toAlertConfig(settings.alerts),
    telemetry: { opensTelemetry: settings.telemetry.open_telemetry },
    browser: {
      executablePath: settings.browser.executable_path ?? findOnPath(browserNames, searchPath),
      maxPages: settings.browser.max_pages,
      pagesPerBrowser: settings.browser.pages_per_browser,
      maxMemoryBytes: toBytes(settings.browser.max_memory_mb),
    },
  });
}

function toScheduleConfig({ enabled, pattern, timezone }: Settings['schedule']): Config['schedule'] {
  return { isEnabled: enabled, pattern, timezone };
}

function toDatabaseConfig(database: Settings['database']): Omit<Config['database'], 'auditKeys'> {
  return {
    memoryLimit: database.memory_limit,
    threads: database.threads,
    batchRows: database.batch_rows,
    batchDelayMs: database.batch_delay_ms,
  };
}

function toArchiveConfig(settings: Settings): Config['rawArchive'] {
  return {
    directory: settings.raw_archive_directory,
    bucket: readBucket(settings),
    maxBytes: toBytes(settings.raw_archive_max_mb),
    keepDays: settings.raw_archive_keep_days,
  };
}

function toPublishConfig(publish: Settings['publish']): Config['publish'] {
  return {
    snapshots: publish.snapshots,
    intervalMs: toMs(publish.interval_seconds),
    datasets: publish.datasets,
    keepDatasets: publish.keep_datasets,
  };
}

function toLineageConfig({ openlineage_file: file, openlineage_url: url }: Settings['lineage']): Config['lineage'] {
  return { openLineageFile: file, openLineageUrl: url };
}

function toDashboardConfig(dashboard: Settings['dashboard']): Config['dashboard'] {
  return {
    host: dashboard.host,
    port: dashboard.port,
    asksWho: dashboard.authentication,
    users: dashboard.users,
    sessionSecret: dashboard.session_secret,
    publicUrl: dashboard.public_url,
    tokens: dashboard.tokens,
    apiRequestsPerMinute: dashboard.api_requests_per_minute,
    corsOrigins: dashboard.cors_origins,
    trustedProxies: dashboard.trusted_proxies,
    niceness: dashboard.niceness,
    tileUrl: dashboard.tile_url,
    tileAttribution: dashboard.tile_attribution,
  };
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
    dailyRequestBudget: task.data_governance.daily_request_budget,
    fetchMode: task.fetch_mode,
    proxyUrl: task.proxy_url,
  };
}

function toCrawlerConfig({ crawler, allowed_hosts: allowedHosts }: Settings): Config['crawler'] {
  return {
    userAgent: buildUserAgent(crawler.user_agent, crawler.contact, readVersion()),
    allowedHosts: [...new Set([portalHost(), ...allowedHosts])],
    portalIntervalMs: toIntervalMs(crawler.max_requests_per_second),
    refreshFactor: crawler.refresh_factor,
    requestTimeoutMs: toMs(crawler.request_timeout_seconds),
    maxBodyBytes: crawler.max_body_bytes,
    obeysRobots: crawler.obey_robots,
    parseTimeoutMs: toMs(crawler.parse_timeout_seconds),
    robotsTtlMs: Math.round(crawler.robots_ttl_hours * 3_600_000),
    proxies: { http: crawler.http_proxy, https: crawler.https_proxy, except: crawler.no_proxy },
  };
}

function toRetryConfig(retry: Settings['retry']['listing']): RetryConfig {
  return {
    strategy: retry.strategy,
    maxAttempts: retry.max_attempts,
    baseDelayMs: toMs(retry.base_delay_seconds),
    maxDelayMs: toMs(retry.max_delay_seconds),
    multiplier: retry.multiplier,
    jitter: retry.jitter,
  };
}

function toRetryRule(rule: RetryRuleSetting): RetryRule {
  const { category = null, city = null, strategy, max_attempts: maxAttempts, multiplier, jitter } = rule;
  const { base_delay_seconds: base, max_delay_seconds: max } = rule;
  return {
    category,
    city,
    ...(strategy === undefined ? {} : { strategy }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(base === undefined ? {} : { baseDelayMs: toMs(base) }),
    ...(max === undefined ? {} : { maxDelayMs: toMs(max) }),
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(jitter === undefined ? {} : { jitter }),
  };
}

function toBreakerConfig(breaker: Settings['circuit_breaker']): BreakerConfig {
  return {
    failureThreshold: breaker.failure_threshold,
    blockedWeight: breaker.blocked_weight,
    failureShare: breaker.failure_share,
    windowMs: toMs(breaker.window_seconds),
    windowMinimum: breaker.window_minimum,
    recoveryTimeoutMs: toMs(breaker.recovery_timeout),
    maxRecoveryTimeoutMs: toMs(breaker.max_recovery_timeout),
    successThreshold: breaker.success_threshold,
    portalFailureThreshold: breaker.portal_failure_threshold,
    maxHoldMs: toMs(breaker.max_hold_seconds),
  };
}

function toPolitenessConfig(politeness: Settings['politeness']): PolitenessConfig {
  return {
    dailyRequestBudget: politeness.daily_request_budget,
    quietHours: politeness.quiet_hours,
    slowsDown: politeness.adaptive_slow_down,
    maxSlowDown: politeness.max_slow_down,
    requestLogDays: politeness.request_log_days,
  };
}

function toQualityConfig(quality: Settings['quality']): Config['quality'] {
  return {
    rereadPasses: quality.reread_passes,
    historyRuns: quality.history_runs,
    minHistoryRuns: quality.min_history_runs,
    minPages: quality.min_pages,
    minUsualShare: quality.min_usual_share,
    maxCoverageDrop: quality.max_coverage_drop,
    maxVolumeDrop: quality.max_volume_drop,
  };
}

function toValidationConfig(validation: Settings['validation']): Config['validation'] {
  return {
    sampleListings: [validation.step_1_listings, validation.step_2_listings],
    minParsedShare: validation.min_parsed_share,
    minFieldCoverage: validation.min_field_coverage,
    minIdentityShare: validation.min_identity_share,
    maxAgeMs: toMs(validation.max_age_hours * 3600),
  };
}

function toClusterConfig(cluster: Settings['cluster_coordination'], redis: RedisTarget | null): Config['cluster'] {
  const { health } = cluster;
  return {
    redis,
    heartbeatIntervalMs: toMs(cluster.heartbeat_interval),
    lockTtlMs: toMs(cluster.lock_ttl),
    jobLockMs: toMs(cluster.job_lock_seconds),
    stalledCheckMs: toMs(cluster.stalled_check_seconds),
    workDistributionStrategy: cluster.work_distribution_strategy,
    drainMs: toMs(cluster.drain_seconds),
    health: {
      cpu: { degradedPercent: health.cpu_degraded, unhealthyPercent: health.cpu_unhealthy },
      memory: { degradedPercent: health.memory_degraded, unhealthyPercent: health.memory_unhealthy },
      disk: { degradedPercent: health.disk_degraded, unhealthyPercent: health.disk_unhealthy },
    },
  };
}

function toLogLevel(level: Settings['log_level']): Config['logLevel'] {
  const levels = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', WARNING: 'warn', ERROR: 'error' } as const;
  return levels[level];
}

function toBytes(megabytes: number): number {
  return Math.round(megabytes * 1_048_576);
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
