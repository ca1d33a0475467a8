/**
 * What a good configuration becomes: defaults, units, sources and precedence. Bad ones are in bad-config.test.ts.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import type { ConfigFolder } from './config-file.ts';
import { createConfigFolder, helsinkiTask, helsinkiUrl } from './config-file.ts';

const olderFile = '../shared/samples/config/seed_config.json';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
});
afterEach(() => folder.remove());

describe('a file from a single-city setup', () => {
  it('runs with the required keys alone, everything else at its default', () => {
    folder.write({ tasks: [helsinkiTask()] });

    const { config } = folder.load();

    expect(config).toEqual({
      lineage: { openLineageFile: null, openLineageUrl: null },
      alerts: {
        isEnabled: true,
        ...{ webhookUrl: null, ntfyUrl: null, ntfyToken: null, smtpUrl: null, emailFrom: null, emailTo: [] },
        ...{ deadManUrl: null, runDeadlineMs: 21_600_000, breakerOpenMs: 1_800_000, queueStuckMs: 900_000 },
      },
      telemetry: { opensTelemetry: false },
      dashboard: expect.objectContaining({ host: '127.0.0.1', port: 3000, asksWho: true, users: [], publicUrl: null }),
      validation: {
        ...{ sampleListings: [15, 200], maxAgeMs: 86_400_000 },
        ...{ minParsedShare: 0.9, minFieldCoverage: 0.6, minIdentityShare: 0.9 },
      },
      shownSettings: expect.objectContaining({ 'tasks[Helsinki].rate_limit_seconds': 1 }),
      tasks: [
        {
          city: 'Helsinki',
          enabled: true,
          url: helsinkiUrl,
          maxDetailWorkers: 5,
          requestIntervalMs: 1000,
          coordinateBounds: null,
          geospatialSources: [],
          priority: 1,
          bulkDownloadPreference: true,
          cacheDurationHours: 24,
          listingLimit: null,
          dailyRequestBudget: 20_000,
          fetchMode: 'auto',
          proxyUrl: null,
        },
      ],
      databasePath: 'data/real_estate.duckdb',
      stateDirectory: 'data/state',
      audit: { current: null, earlier: [] },
      logsDirectory: 'logs',
      logsKeepDays: 30,
      rawArchive: { directory: null, bucket: null, maxBytes: 20_971_520_000, keepDays: null },
      metricsPort: null,
      metricsHost: '127.0.0.1',
      metricsFile: null,
      geodataDirectory: null,
      outputDirectory: 'output',
      logLevel: 'info',
      nodeId: hostname(),
      concurrentCities: 1,
      collectPersonalData: false,
      crawler: {
        userAgent: 'oikotie-collector/0.1.0 (no contact configured)',
        allowedHosts: ['asunnot.oikotie.fi'],
        portalIntervalMs: 500,
        refreshFactor: 7,
        requestTimeoutMs: 30_000,
        parseTimeoutMs: 5000,
        maxBodyBytes: 5_242_880,
        obeysRobots: true,
        robotsTtlMs: 86_400_000,
        proxies: { http: null, https: null, except: ['localhost', '127.0.0.1', '[::1]'] },
      },
      quality: {
        rereadPasses: 2,
        historyRuns: 14,
        minHistoryRuns: 3,
        minPages: 30,
        minUsualShare: 0.5,
        maxCoverageDrop: 0.5,
        maxVolumeDrop: 0.4,
      },
      politeness: {
        dailyRequestBudget: 50_000,
        quietHours: [],
        slowsDown: true,
        maxSlowDown: 8,
        requestLogDays: 30,
      },
      retry: {
        listing: {
          strategy: 'EXPONENTIAL_BACKOFF',
          maxAttempts: 4,
          baseDelayMs: 30_000,
          maxDelayMs: 300_000,
          multiplier: 2,
          jitter: 0.1,
        },
        city: {
          strategy: 'EXPONENTIAL_BACKOFF',
          maxAttempts: 3,
          baseDelayMs: 60_000,
          maxDelayMs: 3_600_000,
          multiplier: 2,
          jitter: 0.1,
        },
        rules: [],
      },
      breaker: {
        failureThreshold: 5,
        blockedWeight: 2,
        failureShare: 0.5,
        windowMs: 300_000,
        windowMinimum: 20,
        recoveryTimeoutMs: 300_000,
        maxRecoveryTimeoutMs: 3_600_000,
        successThreshold: 3,
        portalFailureThreshold: 15,
        maxHoldMs: 3_600_000,
      },
      resources: { maxMemoryBytes: 1_073_741_824, maxCpuPercent: 90 },
      database: {
        memoryLimit: '1GB',
        threads: 1,
        batchRows: 500,
        batchDelayMs: 2000,
        auditKeys: { current: null, earlier: [] },
      },
      series: {
        delisting: { completeRuns: 2, maxDropShare: 0.2 },
        relisting: { maxGapDays: 180, minScore: 0.85 },
      },
      cluster: {
        redis: null,
        heartbeatIntervalMs: 30_000,
        lockTtlMs: 300_000,
        jobLockMs: 15_000,
        stalledCheckMs: 5_000,
        workDistributionStrategy: 'round_robin',
        drainMs: 30_000,
        health: {
          cpu: { degradedPercent: 70, unhealthyPercent: 90 },
          memory: { degradedPercent: 70, unhealthyPercent: 90 },
          disk: { degradedPercent: 80, unhealthyPercent: 90 },
        },
      },
      schedule: { isEnabled: true, pattern: '30 5 * * *', timezone: 'Europe/Helsinki' },
      publish: { snapshots: true, intervalMs: 60_000, datasets: true, keepDatasets: 7 },
      browser: { executablePath: null, maxPages: 2, pagesPerBrowser: 100, maxMemoryBytes: 1_073_741_824 },
    });
  });

  it('takes the browser that PATH leads to when none is named', () => {
    const bin = mkdtempSync(join(tmpdir(), 'oikotie-bin-'));
    writeFileSync(join(bin, 'chromium'), '#!/bin/sh\n', { mode: 0o755 });
    folder.write({ tasks: [helsinkiTask()] });

    const found = folder.load({ environment: { PATH: `/nowhere:${bin}` } }).config.browser.executablePath;
    rmSync(bin, { recursive: true });

    expect(found).toBe(join(bin, 'chromium'));
  });

  it('is frozen all the way down', () => {
    folder.write({ tasks: [helsinkiTask({ geospatial_sources: ['osm_buildings'] })] });

    const { config } = folder.load();

    expect([config, config.tasks, config.tasks[0], config.tasks[0]?.geospatialSources].every(Object.isFrozen)).toBe(
      true,
    );
  });

  it('takes listing_limit, as older files have it', () => {
    folder.write({ tasks: [helsinkiTask({ listing_limit: 50 })] });

    expect(folder.load().config.tasks[0]?.listingLimit).toBe(50);
  });
});

describe('rates', () => {
  it.each([
    [1, null, 1000],
    [1, 4, 1000],
    [0.1, 2, 500],
    [0, null, 0],
    [0, 3, 334],
  ])('with %s s between requests and %s requests/s the slower wins: %s ms', (seconds, perSecond, intervalMs) => {
    const governance = { data_governance: { max_requests_per_second: perSecond } };
    folder.write({ tasks: [helsinkiTask({ rate_limit_seconds: seconds, ...governance })] });

    expect(folder.load().config.tasks[0]?.requestIntervalMs).toBe(intervalMs);
  });
});

describe('sources', () => {
  it('lets the option win over the environment, the environment over the file, the file over the default', () => {
    const settings = { database_path: 'file.duckdb', output_directory: 'from-file', log_level: 'ERROR' };
    folder.write({ tasks: [helsinkiTask()], global_settings: settings });

    const loaded = folder.load({
      environment: { SCRAPER_DATABASE_PATH: 'environment.duckdb', SCRAPER_OUTPUT_DIRECTORY: 'from-environment' },
      overrides: { 'global_settings.database_path': 'option.duckdb' },
    });

    const { databasePath, outputDirectory, logLevel } = loaded.config;
    expect({ databasePath, outputDirectory, logLevel }).toEqual({
      databasePath: 'option.duckdb',
      outputDirectory: 'from-environment',
      logLevel: 'error',
    });
    const sources = Object.fromEntries(loaded.knobs.map((knob) => [knob.path, knob.source]));
    expect(sources).toMatchObject({
      'global_settings.database_path': 'option',
      'global_settings.output_directory': 'environment',
      'global_settings.log_level': 'file',
      'global_settings.node_id': 'default',
      'tasks[0].city': 'file',
      'tasks[0].priority': 'default',
    });
  });

  it('reads the four published environment variables', () => {
    folder.write({ tasks: [helsinkiTask()] });

    const { config } = folder.load({
      environment: { REDIS_URL: 'redis://cache:6379', NODE_ID: 'node-7', HEARTBEAT_INTERVAL: '2.5', LOCK_TTL: '60' },
    });

    expect(config.nodeId).toBe('node-7');
    expect(config.cluster).toMatchObject({
      redis: { kind: 'single', address: { host: 'cache', port: 6379 }, database: 0 },
      heartbeatIntervalMs: 2500,
      lockTtlMs: 60_000,
      jobLockMs: 15_000,
      stalledCheckMs: 5_000,
    });
  });

  it('takes an empty environment variable as not set', () => {
    folder.write({ tasks: [helsinkiTask()] });

    expect(folder.load({ environment: { REDIS_URL: '', LOCK_TTL: ' ' } }).config.cluster).toMatchObject({
      redis: null,
      lockTtlMs: 300_000,
    });
  });

  it('reads lists and switches from the environment', () => {
    folder.write({ tasks: [helsinkiTask()] });

    const { crawler } = folder.load({
      environment: { SCRAPER_ALLOWED_HOSTS: 'a.example, b.example:8080', SCRAPER_OBEY_ROBOTS: 'false' },
    }).config;

    expect(crawler.allowedHosts).toEqual(['asunnot.oikotie.fi', 'a.example', 'b.example:8080']);
    expect(crawler.obeysRobots).toBe(false);
  });
});

describe('the User-Agent header', () => {
  it.each([
    [{ contact: 'data@example.org' }, 'oikotie-collector/0.1.0 (+mailto:data@example.org)'],
    [{ contact: 'https://example.org/bot' }, 'oikotie-collector/0.1.0 (+https://example.org/bot)'],
    [{ user_agent: 'our-study/2', contact: 'a@b.fi' }, 'our-study/2 (+mailto:a@b.fi)'],
    [{ user_agent: 'our-study/2 (a@b.fi)', contact: 'a@b.fi' }, 'our-study/2 (a@b.fi)'],
  ])('from %j is %s', (crawler, userAgent) => {
    folder.write({ tasks: [helsinkiTask()], global_settings: { crawler } });

    const loaded = folder.load();

    expect(loaded.config.crawler.userAgent).toBe(userAgent);
    expect(loaded.warnings).toEqual([]);
  });

  it('warns when an enabled city asks the portal without a contact', () => {
    folder.write({ tasks: [helsinkiTask()] });

    expect(folder.load().warnings).toEqual([
      'global_settings.crawler.contact: no contact is set; set SCRAPER_CONTACT so that the portal can reach you',
    ]);
  });
});

describe('cities', () => {
  it('are spelt in one way, whatever the file says', () => {
    folder.write({ tasks: [helsinkiTask({ city: 'helsinki' })] });

    expect(folder.load().config.tasks[0]?.city).toBe('Helsinki');
  });

  it('may be any place that the url itself names', () => {
    const url = 'http://127.0.0.1:9/myytavat-asunnot?locations=[[1681,4,"Herttoniemi"]]';
    folder.write({ tasks: [{ city: 'Herttoniemi', enabled: true, url }] });

    expect(folder.load()).toMatchObject({ config: { tasks: [{ city: 'Herttoniemi' }] }, warnings: [] });
  });

  it.each([
    ['Espoo', 49, 'is the municipality number of Espoo; its location id is 39: use locations=[[39,6,"Espoo"]]'],
    ['Vantaa', 92, 'is the municipality number of Vantaa; its location id is 65: use locations=[[65,6,"Vantaa"]]'],
    [
      'Tampere',
      837,
      'is the municipality number of Tampere; its location id is probably (not verified) 71: use locations=[[71,6,"Tampere"]]',
    ],
    ['Helsinki', 65, 'is not the one known for Helsinki; its location id is 64: use locations=[[64,6,"Helsinki"]]'],
  ])('warn when the url of %s carries location id %s', (city, id, advice) => {
    const url = `http://127.0.0.1:9/myytavat-asunnot?locations=[[${id},6,"${city}"]]`;
    folder.write({ tasks: [{ city, enabled: true, url }] });

    expect(folder.load().warnings).toEqual([`tasks[0].url: location id ${id} ${advice}`]);
  });

  it('warn when the url searches another city, or the whole country, or when none is enabled', () => {
    folder.write({
      tasks: [
        helsinkiTask({ city: 'Espoo', enabled: false }),
        { city: 'Vantaa', enabled: false, url: 'https://asunnot.oikotie.fi/myytavat-asunnot' },
      ],
    });

    expect(folder.load().warnings).toEqual([
      'tasks[0].url: it searches "Helsinki", but the city of the task is "Espoo"',
      'tasks[1].url: it has no locations, so it searches the whole country',
      'tasks: no city is enabled, so a run collects nothing',
    ]);
  });
});

describe('the shipped configuration', () => {
  it('collects the verified cities in order and keeps the others switched off', () => {
    const { config, warnings } = loadConfig({ path: 'config/config.json', environment: { SCRAPER_CONTACT: 'a@b.fi' } });

    const ids = config.tasks.map((task) => [
      task.city,
      JSON.parse(new URL(task.url).searchParams.get('locations') ?? ''),
    ]);
    expect(ids).toEqual([
      ['Helsinki', [[64, 6, 'Helsinki']]],
      ['Espoo', [[39, 6, 'Espoo']]],
      ['Vantaa', [[65, 6, 'Vantaa']]],
      ['Tampere', [[71, 6, 'Tampere']]],
      ['Turku', [[79, 6, 'Turku']]],
      ['Oulu', [[54, 6, 'Oulu']]],
    ]);
    expect(config.tasks.filter((task) => task.enabled).map((task) => task.city)).toEqual([
      'Helsinki',
      'Espoo',
      'Vantaa',
    ]);
    expect(config.tasks.map((task) => task.priority)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(warnings).toEqual([]);
  });

  it.skipIf(!existsSync(olderFile))(
    `also an older file loads, with advice on its wrong id (needs ${olderFile})`,
    () => {
      const { config, warnings } = loadConfig({ path: olderFile, environment: { SCRAPER_CONTACT: 'a@b.fi' } });

      expect(config.tasks.map((task) => task.city)).toEqual(['Helsinki', 'Espoo']);
      expect(config.cluster.redis).toMatchObject({ kind: 'single', address: { host: 'localhost', port: 6379 } });
      expect(warnings).toEqual([
        'tasks[1].url: location id 49 is the municipality number of Espoo; its location id is 39: use locations=[[39,6,"Espoo"]]',
      ]);
    },
  );
});

describe('proxies', () => {
  it('come from the usual variables in either spelling; the upper case wins', () => {
    folder.write({ tasks: [helsinkiTask()] });

    const { config } = folder.load({
      environment: {
        http_proxy: 'http://lower.example.org:3128',
        HTTPS_PROXY: 'http://upper.example.org:3128',
        https_proxy: 'http://lower.example.org:3128',
        no_proxy: 'localhost, .example.org',
        node_id: 'not-a-proxy-variable',
        NODE_ID: 'node-1',
      },
    });

    expect(config.crawler.proxies).toEqual({
      http: 'http://lower.example.org:3128',
      https: 'http://upper.example.org:3128',
      except: ['localhost', '.example.org'],
    });
  });
});
