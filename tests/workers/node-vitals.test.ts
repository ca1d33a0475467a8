/** What a node measures: of the machine, or of the container where that has limits. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VitalsSource } from '../../workers/node-vitals.ts';
import { createNodeMeter } from '../../workers/node-vitals.ts';

const folder = join(tmpdir(), 'not', 'made', 'yet');
const window = { folder, cpuWindowMs: 10_000 };

/** A system whose files and clocks the test moves. */
function createSystem(files: Readonly<Record<string, string>> = {}) {
  const state = { files: { ...files } as Record<string, string>, elapsedMs: 0, busy: 0, total: 0 };
  const source: VitalsSource = {
    readText: async (path) => state.files[path] ?? null,
    cpuTimes: () => ({ busy: state.busy, total: state.total }),
    memory: () => ({ available: 6_000, total: 8_000 }),
    elapsedMs: () => state.elapsedMs,
  };
  /** Time goes on while so much of the machine's two cores is busy. */
  const pass = (ms: number, share: number): void => {
    state.elapsedMs += ms;
    state.busy += 2 * ms * share;
    state.total += 2 * ms;
  };
  return { state, source, pass };
}

describe('a machine', () => {
  it('is as busy as all its cores were over the window, and idle before it was looked at', async () => {
    const { source, pass } = createSystem();
    const measure = createNodeMeter({ ...window, source });
    const loads = [(await measure()).cpuPercent];
    for (const share of [1, 1, 0.5, 0, 0]) {
      pass(5_000, share);
      loads.push((await measure()).cpuPercent);
    }

    expect(loads).toEqual([0, 50, 100, 75, 25, 0]);
  });

  it('says what of its memory and of its disk is in use, also for a folder that is still to be made', async () => {
    const { source } = createSystem();

    const { memoryPercent, diskPercent } = await createNodeMeter({ ...window, source })();

    expect(memoryPercent).toBe(25);
    expect(diskPercent).toBeGreaterThan(0);
    expect(diskPercent).toBeLessThanOrEqual(100);
  });

  it('measures this one within its bounds', async () => {
    const measure = createNodeMeter({ folder, cpuWindowMs: 1 });
    await measure();
    const endMs = performance.now() + 50;
    while (performance.now() < endMs);

    const { cpuPercent, memoryPercent } = await measure();

    expect(cpuPercent).toBeGreaterThan(0);
    expect(Math.max(cpuPercent, memoryPercent)).toBeLessThanOrEqual(100);
    expect(memoryPercent).toBeGreaterThan(0);
  });
});

describe('a container', () => {
  const group = '/sys/fs/cgroup/box';
  const limited = {
    '/proc/self/cgroup': '0::/box\n',
    [`${group}/cpu.max`]: '50000 100000\n',
    [`${group}/cpu.stat`]: 'usage_usec 7000000\nuser_usec 1\n',
    [`${group}/memory.max`]: '1000\n',
    [`${group}/memory.current`]: '900\n',
    [`${group}/memory.stat`]: 'anon 500\ninactive_file 300\n',
  };

  it('is as busy as its share of the processor is used, whatever the machine does', async () => {
    const { state, source, pass } = createSystem(limited);
    const measure = createNodeMeter({ ...window, source });
    await measure();
    pass(10_000, 1);
    // Half a core for ten seconds is five seconds of it; four were used.
    state.files[`${group}/cpu.stat`] = 'usage_usec 11000000\nuser_usec 1\n';

    expect((await measure()).cpuPercent).toBe(80);
  });

  it('has in use what the kernel cannot drop, of what it is allowed', async () => {
    const { source } = createSystem(limited);

    expect((await createNodeMeter({ ...window, source })()).memoryPercent).toBe(60);
  });

  it('is the machine where it has no limits', async () => {
    const { source, pass } = createSystem({
      ...limited,
      [`${group}/cpu.max`]: 'max 100000\n',
      [`${group}/memory.max`]: 'max\n',
    });
    const measure = createNodeMeter({ ...window, source });
    await measure();
    pass(10_000, 0.3);

    expect(await measure()).toMatchObject({ cpuPercent: 30, memoryPercent: 25 });
  });
});
