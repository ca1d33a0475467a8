import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, it, onTestFinished } from 'vitest';
import { createBullMqEngine } from '../../queues/bullmq-engine.ts';
import { loadQueueTelemetry } from '../../queues/open-telemetry.ts';
import { systemClock } from '../../src/clock.ts';
import { contractRetry } from './engine-contract.ts';
import { silentLog as log, useRedis } from './redis-server.ts';

const connection = useRedis();

it('has every job of a cluster told to the SDK that is loaded, and nothing when it is switched off', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  onTestFinished(() => trace.disable());
  const done = async (isOn: boolean): Promise<number> => {
    const engine = createBullMqEngine({
      ...{ redis: connection(), prefix: `telemetry-${isOn}`, takesFrom: ['crawl-helsinki'], batchHandler: null },
      telemetry: await loadQueueTelemetry(isOn, '0.1.0'),
      handlers: [{ kind: 'listing', run: async () => ({ followUps: [] }), onGivenUp: () => [] }],
      settingsOf: () => ({ concurrency: 1 }),
      decideRetry: contractRetry,
      isAlreadySettled: () => false,
      fatalKinds: new Set(),
      ...{ clock: systemClock, nodeId: 'worker-1', log, timing: { pollIntervalMs: 25 } },
    });
    await engine.add({ id: 'a.listing.1', kind: 'listing', queue: 'crawl-helsinki', payload: {} });
    await engine.settled('a.listing.1');
    await engine.stop(1_000);
    return exporter.getFinishedSpans().length;
  };

  const off = await done(false);
  const on = await done(true);

  expect(off).toBe(0);
  expect(on).toBeGreaterThan(1);
  const names = exporter.getFinishedSpans().map(({ name }) => name);
  expect(names.some((name) => name.startsWith('process crawl-helsinki'))).toBe(true);
});
