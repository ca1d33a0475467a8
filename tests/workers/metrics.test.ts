import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import type { Degradations } from '../../src/quality/degradations.ts';
import { createDegradations } from '../../src/quality/degradations.ts';
import type { MetricSources } from '../../workers/metrics.ts';
import { createMetrics } from '../../workers/metrics.ts';
import type { MetricsServer } from '../../workers/metrics-server.ts';
import { serveMetrics } from '../../workers/metrics-server.ts';
import { receiptOf, requestEntry } from '../storage/samples.ts';

const log = createLog({ level: 'silent', destination: process.stderr });
const servers: MetricsServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function metricsOf(degradations: Degradations, sources: Partial<MetricSources> = {}) {
  return createMetrics({
    countCities: async () => new Map([['Helsinki', { counts: receiptOf({ new: 7, failed: 2 }) }]]),
    queueDepths: () => [{ queue: 'crawl-helsinki', waiting: 40, active: 5 }],
    missingParts: degradations.list,
    ...sources,
  });
}

async function serve(sources: Partial<MetricSources> = {}) {
  const degradations = createDegradations(() => {});
  const metrics = metricsOf(degradations, sources);
  const server = await serveMetrics({ metricsPort: 0 }, metrics, degradations, log);
  if (server === null) throw new Error('the server did not start');
  servers.push(server);
  return { metrics, degradations, origin: server.origin, get: (path: string) => fetch(`${server.origin}${path}`) };
}

describe('metrics', () => {
  it('are served on this machine only, with requests, jobs, waits, listings and queues', async () => {
    const { metrics, get, origin } = await serve();
    metrics.recordRequest(requestEntry({ kind: 'listing', durationMs: 300, bodyBytes: 75_000 }));
    metrics.recordRequest(requestEntry({ kind: 'listing', status: 429, errorCategory: 'RATE_LIMIT' }));
    metrics.recordRequest(requestEntry({ city: null, kind: 'robots', status: null, errorCategory: 'TIMEOUT' }));
    metrics.recordJob({ type: 'completed', jobId: 'x', kind: 'listing', queue: 'crawl-helsinki', attempt: 1 });
    metrics.recordGateWait('Helsinki', 800);

    const response = await get('/metrics');
    const text = await response.text();

    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const requests = 'oikotie_requests_total';
    expect(text).toContain(`${requests}{city="Helsinki",kind="listing",status_class="2xx",category="none"} 1\n`);
    expect(text).toContain(`${requests}{city="Helsinki",kind="listing",status_class="4xx",category="RATE_LIMIT"} 1\n`);
    expect(text).toContain(`${requests}{city="none",kind="robots",status_class="none",category="TIMEOUT"} 1\n`);
    expect(text).toContain('oikotie_response_bytes_total{city="Helsinki"} 76000\n');
    expect(text).toContain('oikotie_request_duration_seconds_bucket{le="0.5",kind="listing"} 2\n');
    expect(text).toContain('oikotie_jobs_total{kind="listing",outcome="completed"} 1\n');
    expect(text).toContain('oikotie_gate_wait_seconds_sum{city="Helsinki"} 0.8\n');
    expect(text).toContain('oikotie_listings{city="Helsinki",outcome="new"} 7\n');
    expect(text).toContain('oikotie_listings{city="Helsinki",outcome="failed"} 2\n');
    expect(text).toContain('oikotie_queue_jobs{queue="crawl-helsinki",state="waiting"} 40\n');
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names.filter((name) => !name?.startsWith('oikotie_'))).toEqual([]);
  });

  it('say what the run goes on without, and so does /healthz, which stays 200', async () => {
    const { degradations, get } = await serve();
    const before = await (await get('/healthz')).json();
    const missing = { part: 'raw archive', reason: 'it is full', remedy: 'make room' };

    degradations.report(missing);
    const health = await get('/healthz');

    expect(before).toEqual({ status: 'ok', missingParts: [] });
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({ status: 'degraded', missingParts: [missing] });
    expect(await (await get('/metrics')).text()).toContain('oikotie_missing_part{part="raw archive"} 1\n');
  });

  it('answer 503 with the reason when the counts cannot be read, and nothing but GET and its two pages', async () => {
    const { get, origin } = await serve({ countCities: () => Promise.reject(new Error('the database is closed')) });

    const broken = await get('/metrics');

    expect(broken.status).toBe(503);
    expect(await broken.text()).toBe('the database is closed\n');
    expect((await get('/')).status).toBe(404);
    expect((await get('//')).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(405);
    expect(await (await fetch(`${origin}/healthz`, { method: 'HEAD' })).text()).toBe('');
  });

  it('are missing, said once, when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const address = holder.address();
    const metricsPort = typeof address === 'object' && address !== null ? address.port : 0;
    const degradations = createDegradations(() => {});

    const server = await serveMetrics({ metricsPort }, metricsOf(degradations), degradations, log);
    await new Promise((resolve) => holder.close(resolve));

    expect(server).toBeNull();
    expect(degradations.list()).toMatchObject([
      { part: 'metrics', reason: `port ${metricsPort} of 127.0.0.1 is taken` },
    ]);
  });
});
