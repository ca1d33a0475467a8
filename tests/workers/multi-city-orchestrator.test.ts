/** The daily run as a program of other people has it: its result, its progress, its stop, with and without a cluster. */
import type { Writable } from 'node:stream';
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { loadConfig } from '../../config/load-config.ts';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import type { MultiCityOrchestratorOptions } from '../../workers/multi-city-orchestrator.ts';
import { createMultiCityOrchestrator } from '../../workers/multi-city-orchestrator.ts';
import { runStore } from '../../workers/store.ts';
import { runWorker } from '../../workers/worker.ts';
import type { Workplace } from '../cli/workplace.ts';
import { createWorkplace } from '../cli/workplace.ts';
import { freePort, silentLog, startRedis } from '../queues/redis-server.ts';

const patience = { timeout: 30_000, interval: 10 };
const slowTest = { timeout: 60_000 };

async function workplace(options: Parameters<typeof createWorkplace>[0]): Promise<Workplace> {
  const place = await createWorkplace(options);
  onTestFinished(place.close);
  return place;
}

function orchestratorOf(place: Workplace, options: MultiCityOrchestratorOptions = {}) {
  return createMultiCityOrchestrator({ configPath: place.configPath, log: silentLog, ...options });
}

function textOf(stream: Writable & NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

it('collects every enabled city in this process and tells the result', slowTest, async () => {
  const place = await workplace({ helsinki: 14, espoo: 6 });
  const orchestrator = orchestratorOf(place);
  const before = orchestrator.getExecutionStatus();

  const running = orchestrator.runDailyAutomation();
  const during = orchestrator.getExecutionStatus();
  const second = orchestrator.runDailyAutomation();
  await expect(second).rejects.toMatchObject({ code: 'RUN_UNDER_WAY' });
  const result = await running;

  expect(before).toBeNull();
  expect(during).toMatchObject({ status: 'running', mode: 'standalone' });
  expect(result).toMatchObject({
    status: 'completed',
    mode: 'standalone',
    successfulCities: 2,
    totalCities: 2,
    totalListingsNew: 20,
    totalListingsChanged: 0,
    totalListingsFailed: 0,
    missingParts: [],
  });
  expect(result.executionId).toMatch(/^daily-\d{4}-\d\d-\d\d$/);
  expect(result.executionTimeSeconds).toBeGreaterThan(0);
  expect(result.cities.map(({ city, verdict, new: added }) => `${city} ${verdict} ${added}`).sort()).toEqual([
    'Espoo complete 6',
    'Helsinki complete 14',
  ]);
  const { executionId } = result;
  expect(orchestrator.getExecutionStatus()).toMatchObject({ executionId, status: 'completed' });
  expect(orchestrator.getExecutionStatus()?.cities.every(({ isDone }) => isDone)).toBe(true);
  expect(await orchestrator.getClusterStatus()).toBeNull();
});

it('does the run in this process, and says so, when the cluster cannot be reached', slowTest, async () => {
  const place = await workplace({ helsinki: 5 });
  const destination = new PassThrough();
  const said = textOf(destination);
  const redisUrl = `redis://127.0.0.1:${await freePort()}`;
  const log = createLog({ level: 'warn', destination });
  const orchestrator = orchestratorOf(place, { redisUrl, enableClusterCoordination: true, log });

  const result = await orchestrator.runDailyAutomation();

  expect(result).toMatchObject({ mode: 'standalone', status: 'completed', totalListingsNew: 5 });
  expect(said()).toContain('the cluster cannot be reached');
  expect(said()).toContain('collecting in this process instead');
  expect(await orchestrator.getClusterStatus()).toBeNull();
});

it('asks no Redis when cluster coordination is off', slowTest, async () => {
  const place = await workplace({ helsinki: 3 });
  const redisUrl = `redis://127.0.0.1:${await freePort()}`;
  const destination = new PassThrough();
  const said = textOf(destination);
  const log = createLog({ level: 'warn', destination });
  const orchestrator = orchestratorOf(place, { redisUrl, enableClusterCoordination: false, log });

  expect(await orchestrator.runDailyAutomation()).toMatchObject({ mode: 'standalone', status: 'completed' });
  expect(said()).toBe('');
});

it('stops a run in this process cleanly; the next run of the day goes on from there', slowTest, async () => {
  const place = await workplace({ helsinki: 40, requestsPerSecond: 40 });
  const first = orchestratorOf(place);
  const running = first.runDailyAutomation();
  await place.untilListingRequests(5);

  await first.shutdown();
  const stopped = await running;
  const result = await orchestratorOf(place).runDailyAutomation();

  expect(stopped).toMatchObject({ status: 'interrupted', mode: 'standalone' });
  expect(stopped.totalListingsNew).toBeLessThan(40);
  expect(first.getExecutionStatus()?.status).toBe('interrupted');
  await expect(first.runDailyAutomation()).rejects.toMatchObject({ code: 'ORCHESTRATOR_CLOSED' });
  expect(result).toMatchObject({ executionId: stopped.executionId, status: 'completed', totalListingsNew: 40 });
});

it('leaves the run to the workers and the store of a cluster, and follows it', slowTest, async () => {
  const redisUrl = `redis://127.0.0.1:${await startRedis()}`;
  const cluster = { redis_url: redisUrl, heartbeat_interval: 0.5 };
  const globalSettings = { cluster_coordination: cluster };
  const place = await workplace({ helsinki: 30, espoo: 10, requestsPerSecond: 20, globalSettings });
  const ending = new AbortController();
  const roleOptions = (nodeId: string) => {
    const { config } = loadConfig({ path: place.configPath, environment: { NODE_ID: nodeId } });
    return { config, clock: systemClock, random: Math.random, log: silentLog, signal: ending.signal };
  };
  const nodes = [runStore(roleOptions('store-1')), runWorker(roleOptions('worker-1'))];
  onTestFinished(async () => {
    ending.abort();
    await Promise.all(nodes);
  });
  const [leaves, follows] = [orchestratorOf(place), orchestratorOf(place)];
  const left = leaves.runDailyAutomation();
  await place.untilListingRequests(3);
  const status = await follows.getClusterStatus();

  await leaves.shutdown();
  const leftResult = await left;
  const result = await follows.runDailyAutomation();

  expect(leftResult).toMatchObject({ status: 'running', mode: 'cluster', totalCities: 2 });
  expect(result).toMatchObject({ executionId: leftResult.executionId, mode: 'cluster', status: 'completed' });
  expect(result).toMatchObject({ successfulCities: 2, totalListingsNew: 40, totalListingsFailed: 0 });
  expect(status).toMatchObject({ totalNodes: 2, healthyNodes: 2 });
  const { pendingWorkItems = 0, activeWorkItems = 0, completedWorkItems = 0, failedWorkItems = 0 } = status ?? {};
  expect(pendingWorkItems + activeWorkItems + completedWorkItems + failedWorkItems).toBe(status?.totalWorkItems);
  await vi.waitUntil(async () => (await follows.getClusterStatus())?.activeWorkItems === 0, patience);
});
