/**
 * What people who look at the dashboard cost a run: rounds of the same run from a local simulator, without viewers and with
 * fifty who hold the live page open and load it again every few seconds. Prints how much longer the run took, how long the pages,
 * and the processor time of the dashboard, which says more than the clock where others use the machine too. Linux only. After
 * `npm run build`: `node dist/bench/dashboard-viewers.js [--viewers 50] [--listings 600] [--rounds 3]`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RunningSimulator } from '../simulator/server.ts';
import { startSimulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';
import { inventPast, program, startDashboard, writeConfig } from './viewers/place.ts';
import type { Watched } from './viewers/watch-process.ts';

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '50' },
    listings: { type: 'string', default: '600' },
    rounds: { type: 'string', default: '3' },
  },
});
const [viewers, listings, rounds] = [Number(values.viewers), Number(values.listings), Number(values.rounds)];
const watchProgram = fileURLToPath(new URL('viewers/watch-process.js', import.meta.url));
/** Requests per second: far more than anybody allows, and still a limit. */
const requestsPerSecond = 25;
/** A viewer loads the page again after this long on average, in milliseconds. */
const reloadMs = 5_000;

interface Round {
  /** How long the run took. */
  readonly seconds: number;
  /** Processor time of the dashboard meanwhile. */
  readonly dashboardSeconds: number;
  readonly watched: Watched;
}

async function collect(configPath: string): Promise<number> {
  const child = spawn(process.execPath, [program, 'run', '--config', configPath, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(output).executionTimeSeconds;
}

/** Begins to look; what is given back ends it and says what was seen. */
function startViewers(origin: string, count: number): () => Promise<Watched> {
  const child = spawn(process.execPath, [watchProgram, origin, String(count), String(reloadMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  return async () => {
    child.stdin.end();
    return JSON.parse(await output);
  };
}

async function playRound(simulator: RunningSimulator, count: number): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-viewers-'));
  const configPath = writeConfig(folder, simulator, requestsPerSecond);
  await inventPast(folder);
  // It runs in both kinds of round: what is asked is what viewers cost.
  const { origin, child, processorSeconds } = await startDashboard(configPath);
  const leave = startViewers(origin, count);
  try {
    const before = processorSeconds();
    const seconds = await collect(configPath);
    const dashboardSeconds = processorSeconds() - before;
    return { seconds, dashboardSeconds, watched: await leave() };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  }
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

function report(alone: readonly Round[], watched: readonly Round[]): void {
  const middle = (list: readonly Round[]) =>
    quantile(
      list.map(({ seconds }) => seconds),
      0.5,
    );
  const each = (list: readonly Round[]) => list.map(({ seconds }) => seconds.toFixed(2)).join(' ');
  const pages = watched.flatMap((round) => round.watched.pages);
  const total = (of: (round: Round) => number) => sum(watched.map(of));
  const extraSeconds = total((round) => round.dashboardSeconds) - sum(alone.map((round) => round.dashboardSeconds));
  const viewerMinutes = (viewers * total(({ seconds }) => seconds)) / 60;
  const pageBytes = total((round) => round.watched.pageBytes) / pages.length;
  const streamBytes = total((round) => round.watched.streamBytes) / viewerMinutes;
  console.log(`alone             ${middle(alone).toFixed(2)} s (${each(alone)})`);
  console.log(`${viewers} viewers        ${middle(watched).toFixed(2)} s (${each(watched)})`);
  console.log(
    `longer by         ${(100 * (middle(watched) / middle(alone) - 1)).toFixed(1)} % (at most 2 % is wanted)`,
  );
  console.log(
    `pages             ${pages.length}; median ${quantile(pages, 0.5).toFixed(0)} ms, 95 % ${quantile(pages, 0.95).toFixed(0)} ms (below 300 ms is wanted)`,
  );
  console.log(
    `dashboard         ${extraSeconds.toFixed(1)} s of processor time for them: ${((1000 * extraSeconds) / pages.length).toFixed(1)} ms a page, ` +
      `${((1000 * extraSeconds) / viewerMinutes).toFixed(0)} ms a viewer and minute, ${((100 * extraSeconds) / total(({ seconds }) => seconds)).toFixed(1)} % of a core`,
  );
  console.log(
    `sent              ${(pageBytes / 1024).toFixed(0)} KiB a page before packing, ${(streamBytes / 1024).toFixed(0)} KiB a viewer and minute live`,
  );
  console.log(`live messages     ${total((round) => round.watched.messages)}`);
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
  report(alone, watched);
  console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
}

await main();
