/** The example as a person runs it: three processes with a loop of their own, one of which is killed half-way. */
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { processTime, startProcess } from '../cli/oikotie-process.ts';
import { startRedis } from '../queues/redis-server.ts';

const program = fileURLToPath(new URL('../../dist/examples/three-loops.js', import.meta.url));
const patience = { timeout: 60_000, interval: 20 };

interface Said {
  readonly node: string;
  readonly what: string;
  /** Of the item, 1 to 30. */
  readonly item: number | null;
}

function readLines(output: string): Said[] {
  return output.split('\n').flatMap((line) => {
    const [, time, node = '', what = '', rest = ''] = /^(\d\d:\S+) (loop-\d) (\w+)(.*)$/.exec(line) ?? [];
    const item = / (\d+)$/.exec(rest)?.[1];
    return time === undefined ? [] : [{ node, what, item: item ? Number(item) : null }];
  });
}

it('does every item, none twice at once, although a process is killed in the middle', processTime, async () => {
  const port = await startRedis();
  const launcher = startProcess(process.execPath, [program], {
    environment: {
      REDIS_URL: `redis://127.0.0.1:${port}`,
      // The machine of a test may be busy; what a node does then is tested elsewhere.
      SCRAPER_HEALTH_CPU_DEGRADED: '100',
      SCRAPER_HEALTH_CPU_UNHEALTHY: '100',
    },
  });
  const lines = () => readLines(launcher.stdoutSoFar());
  // It has done one of its ten items, and has taken more.
  await vi.waitUntil(() => lines().some(({ node, what }) => node === 'loop-2' && what === 'ended'), patience);
  const pid = Number(/^loop-2 is process (\d+)$/m.exec(launcher.stdoutSoFar())?.[1]);
  process.kill(pid, 'SIGKILL');

  const { exitCode, stdout } = await launcher.ended;

  expect(stdout).toContain('handed out 30: loop-1 10, loop-2 10, loop-3 10');
  expect(stdout).toContain('all done: 30 completed, 0 failed');
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain('loop-2 has stopped');
  const said = lines();
  const ended = said.filter(({ what }) => what === 'ended').map(({ item }) => item);
  expect(new Set(ended).size).toBe(30);
  expect(said.filter(({ what }) => what === 'failed').map(({ item }) => item)).toEqual(
    expect.arrayContaining([10, 20, 30]),
  );
  for (let item = 1; item <= 30; item += 1) {
    let holder: string | null = null;
    for (const { node, what } of said.filter((each) => each.item === item)) {
      // Only the one that was killed may leave an item open.
      if (what === 'begins') expect([null, 'loop-2']).toContain(holder);
      holder = what === 'begins' ? node : null;
    }
  }
});
