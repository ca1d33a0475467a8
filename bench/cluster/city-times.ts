/**
 * When things happened to the cities of a benchmark's run: what a city takes besides its requests, as the jobs that Redis
 * keeps, the simulator's log and the receipts have it. All on one machine, so by one clock.
 */
import { Queue } from 'bullmq';
import type { BenchPlace } from './place.ts';

interface CityTimes {
  /** Its job was taken, and ended. */
  readonly takenMs: number;
  readonly endedMs: number;
  /** Its first request arrived, and its last one. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Lines to print; before the nodes end. @param runAtMs when the run was handed in, epoch milliseconds */
export async function readCityTimes(place: BenchPlace, runAtMs: number): Promise<readonly string[]> {
  const times = await timesOf(place);
  if (times.length === 0) return [];
  const first = Math.min(...times.map(({ firstMs }) => firstMs));
  const last = Math.max(...times.map(({ lastMs }) => lastMs));
  const closed = Math.max(...times.map(({ endedMs }) => endedMs));
  return [
    `handed in to first request ${toText(first - runAtMs)} s; last request to last city closed ${toText(closed - last)} s`,
    `city taken to its first request: ${spread(times.map(({ takenMs, firstMs }) => firstMs - takenMs))}`,
    `its last request to its end: ${spread(times.map(({ endedMs, lastMs }) => endedMs - lastMs))}`,
  ];
}

async function timesOf({ redis, config, simulator }: BenchPlace): Promise<readonly CityTimes[]> {
  const { hostname, port, password } = new URL(redis.url);
  const queue = new Queue('cities', {
    connection: { host: hostname, port: Number(port), password },
    prefix: '{scraper}',
  });
  try {
    const jobs = await queue.getCompleted();
    const requests = simulator.requestLog.entries();
    return config.tasks.flatMap(({ city }) => {
      const job = jobs.find(({ data }) => data.payload.task.city === city);
      const own = requests.filter((request) => request.city === city).map(({ at }) => at);
      const [firstMs, lastMs] = [own[0], own.at(-1)];
      if (job?.processedOn === undefined || job.finishedOn === undefined) return [];
      if (firstMs === undefined || lastMs === undefined) return [];
      return [{ takenMs: job.processedOn, endedMs: job.finishedOn, firstMs, lastMs }];
    });
  } finally {
    await queue.close();
  }
}

/** Of a city whose worker was killed the job was taken again after its first request: that says nothing of the start. */
function spread(timesMs: readonly number[]): string {
  const sorted = timesMs.filter((ms) => ms >= 0).toSorted((one, other) => one - other);
  const at = (share: number) => toText(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return `median ${at(0.5)} s, 95 % ${at(0.95)} s, at most ${at(1)} s`;
}

function toText(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
