/**
 * Measures the machine a node runs on, or the container where that has limits of its own (cgroup v2): processor, memory,
 * and the disk that holds its state. It says what is there; what that means is decided in src/resilience/node-health.ts.
 */
import { readFile, statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { HealthSample } from '../src/resilience/node-health.ts';

/** Where what is measured comes from. */
export interface VitalsSource {
  /** Text of a file below /sys/fs/cgroup or /proc; null when there is none. */
  readonly readText: (path: string) => Promise<string | null>;
  /** Processor time of all cores since boot, in any one unit. */
  readonly cpuTimes: () => { readonly busy: number; readonly total: number };
  /** Bytes. */
  readonly memory: () => { readonly available: number; readonly total: number };
  /** Milliseconds that only grow. */
  readonly elapsedMs: () => number;
}

interface CpuReading {
  readonly busy: number;
  readonly total: number;
}

interface TimedReading extends CpuReading {
  readonly atMs: number;
}

interface NodeMeterOptions {
  /** On the disk that is looked at; it need not be made yet. */
  readonly folder: string;
  /** The processor's load is the mean over the last so many milliseconds; before the first reading it counts as idle. */
  readonly cpuWindowMs: number;
  /** By default this system. */
  readonly source?: VitalsSource;
}

/** Makes the meter; each call measures anew. */
export function createNodeMeter(options: NodeMeterOptions): () => Promise<HealthSample> {
  const { folder, cpuWindowMs, source = thisSystem } = options;
  let readings: readonly TimedReading[] = [];
  return async () => {
    const group = await groupFolder(source);
    const atMs = source.elapsedMs();
    const reading = { atMs, ...((await cpuOfGroup(group, atMs, source)) ?? source.cpuTimes()) };
    // The last one before the window is where it begins.
    const begin = readings.findLastIndex((each) => each.atMs <= atMs - cpuWindowMs);
    readings = [...readings.slice(Math.max(0, begin)), reading];
    return {
      cpuPercent: loadBetween(readings[0] ?? reading, reading, cpuWindowMs),
      memoryPercent: (await memoryOfGroup(group, source)) ?? memoryOfMachine(source),
      diskPercent: await diskOf(folder),
    };
  };
}

function loadBetween(first: TimedReading, last: TimedReading, windowMs: number): number {
  const seen = Math.min(1, (last.atMs - first.atMs) / windowMs);
  return shareOf((last.busy - first.busy) * seen, last.total - first.total);
}

/** The folder of this process's group; of cgroup v1 nothing is read. */
async function groupFolder({ readText }: VitalsSource): Promise<string> {
  const line = (await readText('/proc/self/cgroup'))?.split('\n').find((each) => each.startsWith('0::'));
  return `/sys/fs/cgroup${line?.slice('0::'.length).replace(/\/$/, '') ?? ''}`;
}

/** Null when the group may use the whole machine: then what others do to it counts, too. */
async function cpuOfGroup(group: string, atMs: number, { readText }: VitalsSource): Promise<CpuReading | null> {
  const [quota, period] = ((await readText(`${group}/cpu.max`)) ?? 'max').split(/\s+/).map(Number);
  const used = /^usage_usec (\d+)/m.exec((await readText(`${group}/cpu.stat`)) ?? '')?.[1];
  if (used === undefined || !(Number(quota) > 0) || !(Number(period) > 0)) return null;
  return { busy: Number(used), total: atMs * 1_000 * (Number(quota) / Number(period)) };
}

/** Null when the group has no limit. Pages of files that the kernel can drop at any time are not in use. */
async function memoryOfGroup(group: string, { readText }: VitalsSource): Promise<number | null> {
  const limit = Number(await readText(`${group}/memory.max`));
  const current = Number(await readText(`${group}/memory.current`));
  if (!(limit > 0) || !(current > 0)) return null;
  const droppable = Number(/^inactive_file (\d+)/m.exec((await readText(`${group}/memory.stat`)) ?? '')?.[1] ?? 0);
  return shareOf(current - droppable, limit);
}

function memoryOfMachine({ memory }: VitalsSource): number {
  const { available, total } = memory();
  return shareOf(total - available, total);
}

/** As `df` says it: what is used, of what is used or free for us. A folder that is not made yet stands in its parent's. */
async function diskOf(folder: string): Promise<number> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      const { blocks, bfree, bavail } = await statfs(path);
      const used = blocks - bfree;
      return shareOf(used, used + bavail);
    } catch (error) {
      if (path === dirname(path)) throw error;
    }
  }
}

/** In percent, 0 to 100, to one decimal. */
function shareOf(part: number, whole: number): number {
  if (!(whole > 0)) return 0;
  return Math.round(Math.min(100, Math.max(0, (100 * part) / whole)) * 10) / 10;
}

const thisSystem: VitalsSource = {
  readText: (path) => readFile(path, 'utf8').catch(() => null),
  cpuTimes: () => {
    let [busy, total] = [0, 0];
    for (const { times } of cpus()) {
      const sum = times.user + times.nice + times.sys + times.irq;
      busy += sum;
      total += sum + times.idle;
    }
    return { busy, total };
  },
  // On Linux os.freemem is what is available: caches that can be dropped are free.
  memory: () => ({ available: freemem(), total: totalmem() }),
  elapsedMs: () => performance.now(),
};
