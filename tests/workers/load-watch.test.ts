/** The watch over memory and processor: measured at an interval, told once per step, obeyed by the crawl queues. */
import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { crawlQueueOf, queueNames } from '../../src/jobs/job-names.ts';
import { createLog } from '../../src/log.ts';
import type { LoadSample } from '../../src/resilience/load-limiter.ts';
import { engineSettings } from '../../workers/handlers.ts';
import { startLoadWatch } from '../../workers/load-watch.ts';
import { createConfigFolder, helsinkiTask } from '../config/config-file.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';

const limits = { maxMemoryBytes: 512 * 1_048_576, maxCpuPercent: 90 };

function setUp(measure?: () => LoadSample) {
  const clock = createFakeClock();
  const destination = new PassThrough();
  const log = createLog({ level: 'info', destination });
  const watch = startLoadWatch({ limits, clock, log, ...(measure === undefined ? {} : { measure }) });
  onTestFinished(() => watch.stop());
  const lines = () =>
    String(destination.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  return { clock, watch, lines };
}

it('lowers the concurrency while memory is over its limit, raises it slowly afterwards, and tells each step once', async () => {
  let memoryMb = 600;
  const { clock, watch, lines } = setUp(() => ({ memoryBytes: memoryMb * 1_048_576, cpuPercent: 12.4 }));
  expect(watch.limit(5)).toBe(5);

  await clock.advance(4_000);
  expect(watch.limit(5)).toBe(3);
  expect(lines()).toMatchObject([
    { level: 'warn', memoryMb: 600, maxMemoryMb: 512, cpuPercent: 12, maxCpuPercent: 90, ofTenAtOnce: 7 },
    { level: 'warn', ofTenAtOnce: 5, msg: 'load is over its limit, fewer pages are fetched at once' },
  ]);

  memoryMb = 100;
  await clock.advance(8_000);
  expect([watch.limit(5), lines()]).toEqual([3, []]);
  await clock.advance(2_000);
  expect(watch.limit(5)).toBe(4);
  expect(lines()).toMatchObject([{ level: 'info', ofTenAtOnce: 7 }]);
});

it('measures this process: its memory, and its processor time in percent of a core', async () => {
  const { clock, watch, lines } = setUp();
  const endMs = process.cpuUsage().user / 1_000 + 20;
  while (process.cpuUsage().user / 1_000 < endMs);

  await clock.advance(2_000);

  // 20 ms of work in what the fake clock says were 2 s are no load, and a test process is smaller than the limit.
  expect([watch.limit(50), lines()]).toEqual([50, []]);
});

it('is obeyed by the queues that ask the portal, at every start, and by no other', () => {
  const folder = createConfigFolder();
  onTestFinished(() => folder.remove());
  folder.write({ tasks: [helsinkiTask({ max_detail_workers: 8 })], global_settings: { concurrent_cities: 3 } });
  const { config } = folder.load();
  let share = 1;
  const limit = (configured: number) => configured * share;
  const { settingsOf } = engineSettings({ config, tasks: config.tasks, random: () => 0.5, limit });
  const crawl = settingsOf(crawlQueueOf('Helsinki'));
  const cities = settingsOf(queueNames.cities);

  expect([crawl.concurrency, cities.concurrency]).toEqual([8, 3]);
  share = 0.25;
  expect([crawl.concurrency, cities.concurrency]).toEqual([2, 3]);
});

it('stops measuring when it is stopped', async () => {
  let measured = 0;
  const { clock, watch } = setUp(() => {
    measured += 1;
    return { memoryBytes: 0, cpuPercent: 0 };
  });
  await clock.advance(2_000);
  watch.stop();

  await clock.advance(60_000);

  expect(measured).toBe(1);
});
