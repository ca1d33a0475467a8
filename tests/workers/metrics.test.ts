import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import type { FigureSources } from '../../src/metrics/figures.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import { createDegradations } from '../../src/quality/degradations.ts';
import { closedBreaker } from '../../src/resilience/breaker-state.ts';
import type { Monitoring } from '../../workers/monitoring.ts';
import { measuringBatches, openMonitoring } from '../../workers/monitoring.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { receiptOf, requestEntry } from '../storage/samples.ts';

const opened: Monitoring[] = [];
afterEach(async () => {
  for (const monitoring of opened.splice(0)) await monitoring.close();
});

const tasks = [
  { city: 'Helsinki', enabled: true },
  { city: 'Espoo', enabled: true },
  { city: 'Oulu', enabled: false },
];

async function open({ metricsPort = 0, clock = systemClock, sources = {} as FigureSources } = {}) {
  const degradations = createDegradations(() => {});
  const lines: { url?: string }[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line)) } });
  const resources = { maxMemoryBytes: 1_000_000_000, maxCpuPercent: 100 };
  const config = { metricsPort, metricsHost: '127.0.0.1', metricsFile: null, nodeId: 'node-1', resources, tasks };
  const monitoring = await openMonitoring({ config, role: 'store', clock, log, degradations });
  opened.push(monitoring);
  const metrics = monitoring.metrics as Metrics; // there is a port
  metrics.show(sources);
  const origin = lines.find(({ url }) => url !== undefined)?.url?.replace('/metrics', '') ?? '';
  return { ...monitoring, metrics, degradations, origin, get: (path: string) => fetch(`${origin}${path}`) };
}

const lastRun = {
  executionId: 'daily-2026-11-22',
  nominalDay: '2026-11-22',
  status: 'degraded',
  finishedAtMs: 9_000,
} as const;
const series: FigureSources['series'] = async () => ({
  cities: ['Espoo', 'Helsinki', 'Oulu', 'Turku'].map((city) => ({
    city,
    verdict: city === 'Espoo' ? 'partial' : 'complete',
    completeness: city === 'Espoo' ? 0.75 : 1,
    lastCompleteDay: city === 'Espoo' ? null : '2026-11-22',
    firstDay: '2026-11-20',
    openQuarantines: city === 'Espoo' ? 1 : 0,
  })),
  lastRun,
});

describe('metrics', () => {
  it('are served on this machine only, with requests, jobs, waits, batches, listings and queues', async () => {
    const { metrics, get, origin } = await open({
      sources: {
        cities: async () => [
          { city: 'Helsinki', counts: receiptOf({ new: 7, failed: 2 }), requestsPerSecond: 0.9, allowedPerSecond: 1 },
        ],
        queues: async () => [{ queue: 'crawl-helsinki', city: 'Helsinki', jobs: { waiting: 40, active: 5 } }],
      },
    });
    metrics.recordRequest(requestEntry({ kind: 'listing', durationMs: 300, bodyBytes: 75_000 }));
    metrics.recordRequest(requestEntry({ kind: 'listing', status: 429, errorCategory: 'RATE_LIMIT' }));
    metrics.recordRequest(requestEntry({ city: null, kind: 'robots', status: null, errorCategory: 'TIMEOUT' }));
    metrics.recordRequest(requestEntry({ city: 'Elsewhere' }));
    metrics.recordJob({ type: 'completed', kind: 'listing' });
    metrics.recordJob({ type: 'retried', kind: 'listing', error: new Error('?') });
    metrics.recordGateWait('Helsinki', 800);
    metrics.recordBatch({ jobs: 200, durationMs: 400, isWritten: true, lagsMs: [3_000] });

    const response = await get('/metrics');
    const text = await response.text();

    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const expected = [
      'oikotie_build_info{role="store",node="node-1",version="0.1.0"} 1',
      'oikotie_requests_total{city="Helsinki",kind="listing",status_class="2xx",category="none"} 1',
      'oikotie_requests_total{city="Helsinki",kind="listing",status_class="4xx",category="RATE_LIMIT"} 1',
      'oikotie_requests_total{city="none",kind="robots",status_class="none",category="TIMEOUT"} 1',
      'oikotie_response_bytes_total{city="Helsinki"} 76000',
      'oikotie_request_duration_seconds_bucket{le="0.5",kind="listing"} 2',
      'oikotie_jobs_total{kind="listing",outcome="completed"} 1',
      'oikotie_job_errors_total{kind="listing",category="UNKNOWN",outcome="retried"} 1',
      'oikotie_gate_wait_seconds_sum{city="Helsinki"} 0.8',
      'oikotie_store_batch_jobs_sum 200',
      'oikotie_store_lag_seconds_sum 3',
      'oikotie_listings{city="Helsinki",outcome="new"} 7',
      'oikotie_city_requests_per_second{city="Helsinki"} 0.9',
      'oikotie_city_requests_per_second_limit{city="Helsinki"} 1',
      'oikotie_queue_jobs{queue="crawl-helsinki",city="Helsinki",state="waiting"} 40',
      'oikotie_process_memory_limit_bytes 1000000000',
      'oikotie_metrics_source_up{source="queues"} 1',
    ];
    for (const line of expected) expect(text).toContain(`${line}\n`);
    expect(text).not.toContain('Elsewhere');
    expect(text).toMatch(/^oikotie_event_loop_lag_seconds\{quantile="0\.99"\} 0(\.\d+)?(e-\d+)?$/m);
    expect(text).toMatch(/^oikotie_process_resident_memory_bytes [1-9]/m);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names.filter((name) => !name?.startsWith('oikotie_'))).toEqual([]);
  });

  it('tell how each city stands that is collected now, since when a breaker is open, and the nodes', async () => {
    const clock = createFakeClock(Date.parse('2026-11-24T08:00:00Z'));
    const nowMs = clock.now();
    const change = { number: 1, atMs: nowMs - 90_000, kind: 'opened', from: 'CLOSED', to: 'OPEN' } as const;
    const { metrics } = await open({
      clock,
      sources: {
        series,
        isRedisUp: () => false,
        breakers: async () =>
          new Map([
            ['Espoo', { ...closedBreaker, status: 'OPEN' as const, history: [{ ...change, nodeId: 'a', reason: '' }] }],
          ]),
        nodes: async () => [
          {
            ...{ nodeId: 'worker-1', role: 'worker', status: 'offline', cpuPercent: 50, memoryPercent: 40 },
            ...{ diskPercent: 30, activeJobs: 3, lastHeartbeatUtc: '1970-01-01T00:01:00.000Z' },
          } as const,
        ],
        schedule: async () => ({ nextRunMs: 5_000, isPaused: true, missedDays: 1 }),
        openAlerts: async () => ['city_incomplete', 'city_incomplete'],
      },
    });

    const text = await metrics.render();

    const expected = [
      'oikotie_city_days_since_complete{city="Helsinki"} 2',
      'oikotie_city_days_since_complete{city="Espoo"} 5',
      'oikotie_city_completeness_ratio{city="Espoo"} 0.75',
      'oikotie_city_verdict{city="Espoo",verdict="partial"} 1',
      'oikotie_city_verdict{city="Espoo",verdict="complete"} 0',
      'oikotie_quarantines_open{city="Espoo"} 1',
      'oikotie_run_status{status="degraded"} 1',
      'oikotie_run_last_finished_timestamp_seconds 9',
      'oikotie_run_days_since_last 2',
      'oikotie_breaker_state{breaker="Espoo",state="open"} 1',
      'oikotie_breaker_not_closed_seconds{breaker="Espoo"} 90',
      'oikotie_node_up{node="worker-1",role="worker"} 0',
      'oikotie_node_cpu_ratio{node="worker-1",role="worker"} 0.5',
      'oikotie_node_last_heartbeat_timestamp_seconds{node="worker-1",role="worker"} 60',
      'oikotie_schedule_next_run_timestamp_seconds 5',
      'oikotie_schedule_paused 1',
      'oikotie_redis_up 0',
      'oikotie_alerts_open{alert="city_incomplete"} 2',
    ];
    for (const line of expected) expect(text).toContain(`${line}\n`);
    expect(text).not.toMatch(/Oulu|Turku/);
  });

  it('ask a source once in ten seconds, whoever scrapes, and keep what it said last when it fails', async () => {
    const clock = createFakeClock(0);
    let asked = 0;
    const { metrics } = await open({
      clock,
      sources: {
        queues: async () => {
          asked += 1;
          if (asked > 1) throw new Error('Redis is away');
          return [{ queue: 'store', city: null, jobs: { waiting: 3 } }];
        },
        series: () => Promise.reject(new Error('the database is closed')),
      },
    });
    await metrics.render();
    await metrics.render();
    const askedTwice = asked;
    await clock.advance(10_000);

    const text = await metrics.render();

    expect(askedTwice).toBe(1);
    expect(asked).toBe(2);
    expect(text).toContain('oikotie_queue_jobs{queue="store",city="none",state="waiting"} 3\n');
    expect(text).toContain('oikotie_metrics_source_up{source="queues"} 0\n');
    expect(text).toContain('oikotie_metrics_source_up{source="series"} 0\n');
    expect(text).not.toMatch(/^oikotie_run_days_since_last /m);
  });

  it('wait a second at most for a source that does not answer', async () => {
    const clock = createFakeClock(0);
    const { metrics } = await open({ clock, sources: { queues: () => new Promise(() => {}) } });

    const rendered = metrics.render();
    await clock.advance(1_000);

    expect(await rendered).toContain('oikotie_metrics_source_up{source="queues"} 0\n');
  });

  it('say what the process goes on without, and so does /healthz, which stays 200', async () => {
    const { degradations, get } = await open();
    const before = await (await get('/healthz')).json();
    const missing = { part: 'raw archive', reason: 'it is full', remedy: 'make room' };

    degradations.report(missing);
    const health = await get('/healthz');

    expect(before).toEqual({ status: 'ok', missingParts: [] });
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({ status: 'degraded', missingParts: [missing] });
    expect(await (await get('/metrics')).text()).toContain('oikotie_missing_part{part="raw archive"} 1\n');
  });

  it('say at /readyz why the process cannot work now, with 503, and nothing but GET is answered', async () => {
    const { readiness, get, origin } = await open();
    const starting = await get('/readyz');
    readiness.watch('redis', () => 'Redis does not answer');
    readiness.begin();
    const away = await get('/readyz');
    readiness.watch('redis', () => null);
    const ready = await get('/readyz');

    expect(starting.status).toBe(503);
    expect(await starting.json()).toEqual({ status: 'not_ready', reasons: { start: 'the process is starting' } });
    expect(await away.json()).toEqual({ status: 'not_ready', reasons: { redis: 'Redis does not answer' } });
    expect(ready.status).toBe(200);
    expect((await get('/')).status).toBe(404);
    expect((await get('//')).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(`${origin}/healthz`, { method: 'HEAD' })).text()).toBe('');
  });

  it('count batches by what became of them, and hand the error on', async () => {
    const clock = createFakeClock(10_000);
    const { metrics } = await open({ clock });
    let isBroken = false;
    const handler = measuringBatches(
      {
        kinds: ['store-listing'],
        run: async () => {
          await clock.advance(500);
          if (isBroken) throw new Error('disk full');
        },
      },
      metrics,
      clock,
    );
    const payload = { provenance: { fetchedAtUtc: '1970-01-01T00:00:08.500Z' } };

    await handler.run([
      { kind: 'store-listing', payload },
      { kind: 'store-ledger', payload: {} },
    ]);
    isBroken = true;
    await expect(handler.run([{ kind: 'store-ledger', payload: null }])).rejects.toThrow('disk full');

    const text = await metrics.render();
    expect(text).toContain('oikotie_store_batch_jobs_sum 2\n');
    expect(text).toContain('oikotie_store_batch_duration_seconds_sum 0.5\n');
    expect(text).toContain('oikotie_store_lag_seconds_sum 2\n');
    expect(text).toContain('oikotie_store_lag_seconds_count 1\n');
    expect(text).toContain('oikotie_store_batch_failures_total 1\n');
  });

  it('are missing, said once, when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const address = holder.address();
    const metricsPort = typeof address === 'object' && address !== null ? address.port : 0;

    const { degradations } = await open({ metricsPort });
    await new Promise((resolve) => holder.close(resolve));

    expect(degradations.list()).toMatchObject([
      { part: 'metrics', reason: `port ${metricsPort} of 127.0.0.1 is taken` },
    ]);
  });
});
