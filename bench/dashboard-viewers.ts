/**
 * What people who look at the dashboard cost a run: rounds of the same run from a local simulator, without viewers and with
 * fifty who hold the live page open and load it again every few seconds. Prints how much longer the run took, and how long
 * the pages. After `npm run build`: `node dist/bench/dashboard-viewers.js [--viewers 50] [--listings 600] [--rounds 3]`.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RunningSimulator } from '../simulator/server.ts';
import { startSimulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '50' },
    listings: { type: 'string', default: '600' },
    rounds: { type: 'string', default: '3' },
  },
});
const [viewers, listings, rounds] = [Number(values.viewers), Number(values.listings), Number(values.rounds)];
const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));
/** Requests per second: far more than anybody allows, and still a limit. */
const requestsPerSecond = 25;
/** A viewer loads the page again after this long on average, in milliseconds. */
const reloadMs = 5_000;

interface Round {
  readonly seconds: number;
  /** Milliseconds of each page. */
  readonly pages: readonly number[];
  /** Messages that the streams brought. */
  readonly messages: number;
}

function configIn(folder: string, simulator: RunningSimulator): string {
  const path = join(folder, 'config.json');
  const task = { city: 'Helsinki', enabled: true, url: simulator.searchUrl('Helsinki', 'sale') };
  const settings = {
    ...{ database_path: join(folder, 'series.duckdb'), state_directory: folder, logs_directory: null },
    ...{ log_level: 'WARNING', publish: { snapshots: true, datasets: false } },
    crawler: { contact: 'bench@example.org', max_requests_per_second: null },
    dashboard: { authentication: false, port: 0 },
  };
  writeFileSync(
    path,
    JSON.stringify({ tasks: [{ ...task, rate_limit_seconds: 1 / requestsPerSecond }], global_settings: settings }),
  );
  return path;
}

async function startDashboard(configPath: string): Promise<{ readonly origin: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [program, 'dashboard', '--config', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const origin = /http:\S+/.exec(line)?.[0];
    if (origin !== undefined) return { origin, child };
  }
  throw new Error('expected the dashboard to say where it is, got its end');
}

async function collect(configPath: string): Promise<number> {
  const child = spawn(process.execPath, [program, 'run', '--config', configPath, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(output).executionTimeSeconds;
}

async function watch(origin: string, signal: AbortSignal, pages: number[]): Promise<number> {
  let messages = 0;
  const stream = (async () => {
    const response = await fetch(`${origin}/live/today`, { signal });
    for await (const chunk of response.body ?? []) messages += Buffer.from(chunk).toString().split('\n\n').length - 1;
  })().catch(() => undefined);
  while (!signal.aborted) {
    const beginMs = performance.now();
    const answered = await fetch(`${origin}/`, { signal }).then(
      (response) => response.text(),
      () => null,
    );
    if (answered !== null) pages.push(performance.now() - beginMs);
    await sleep(reloadMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
  await stream;
  return messages;
}

async function playRound(simulator: RunningSimulator, count: number): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-viewers-'));
  const configPath = configIn(folder, simulator);
  // It runs in both kinds of round: what is asked is what viewers cost.
  const { origin, child } = await startDashboard(configPath);
  const leaving = new AbortController();
  const pages: number[] = [];
  const watching = Array.from({ length: count }, () => watch(origin, leaving.signal, pages));
  try {
    const seconds = await collect(configPath);
    leaving.abort();
    const messages = (await Promise.all(watching)).reduce((sum, each) => sum + each, 0);
    return { seconds, pages, messages };
  } finally {
    leaving.abort();
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function main(): Promise<void> {
  const world = createWorld({
    seed: 5,
    cities: [{ name: 'Helsinki', locationId: 64, saleCount: listings, rentCount: 0 }],
  });
  const simulator = await startSimulator({ world });
  console.log(`load average ${loadavg()[0]?.toFixed(1)}; ${listings} listings at ${requestsPerSecond} requests/s`);
  const [alone, watched]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    alone.push(await playRound(simulator, 0));
    watched.push(await playRound(simulator, viewers));
  }
  await simulator.close();
  const middle = (list: readonly Round[]) =>
    quantile(
      list.map(({ seconds }) => seconds).toSorted((a, b) => a - b),
      0.5,
    );
  const pages = watched.flatMap((round) => round.pages).toSorted((a, b) => a - b);
  const messages = watched.reduce((sum, round) => sum + round.messages, 0);
  console.log(
    `alone             ${middle(alone).toFixed(2)} s (${alone.map(({ seconds }) => seconds.toFixed(1)).join(' ')})`,
  );
  console.log(
    `${viewers} viewers        ${middle(watched).toFixed(2)} s (${watched.map(({ seconds }) => seconds.toFixed(1)).join(' ')})`,
  );
  console.log(
    `longer by         ${(100 * (middle(watched) / middle(alone) - 1)).toFixed(1)} % (at most 2 % is wanted)`,
  );
  console.log(
    `pages             ${pages.length}; median ${quantile(pages, 0.5).toFixed(0)} ms, 95 % ${quantile(pages, 0.95).toFixed(0)} ms (below 300 ms is wanted)`,
  );
  console.log(`live messages     ${messages}`);
}

await main();
