/**
 * Collects listings from a local simulator without a rate limit: the standalone run against a bare loop of undici, our
 * parser and our store, and against Scrapy when Debian's python3-scrapy is there: once as its tutorial teaches it (a
 * selector per field), once at its leanest (one pass over the rows). Clients run one after another on core
 * 0, the simulator on core 1, several rounds interleaved; the ratios of medians are what counts. `oikotie-published` is the
 * run with the snapshot and the dataset at its end, `bare-whole` the bare loop when it finds the listings itself, hashes
 * and logs what it gets, and closes the books.
 * Usage: node dist/bench/collect-listings.js [--listings 1000] [--rounds 3] [--only oikotie,bare]
 */
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

interface Measured {
  readonly listings: number;
  readonly seconds: number;
  /** User and system time of the client since its start, module loading left out. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly marks: readonly { readonly settled: number; readonly seconds: number }[];
}

const { values } = parseArgs({
  options: {
    listings: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: 'oikotie,oikotie-published,bare,bare-whole,scrapy,scrapy-rows' },
  },
});
/** Long runs also show the cost per listing over time, which needs marks. */
const isLong = Number(values.listings) >= 5_000;
const progressMs = isLong ? '1000' : '10000';
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
const urlsPath = join(folder, 'urls.txt');

async function startSimulatorProcess(): Promise<{ process: ChildProcess; searchUrl: string }> {
  const arguments_ = ['-c', '1', process.execPath, here('./collect/simulator-process.js'), urlsPath, values.listings];
  const child = spawn('taskset', arguments_, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  for await (const searchUrl of lines) return { process: child, searchUrl };
  throw new Error('the simulator ended before it said where it listens');
}

/** Debian's interpreter, not another one on the PATH: python3-scrapy belongs to it. */
const systemPython = '/usr/bin/python3';

function hasScrapy(): boolean {
  return spawnSync(systemPython, ['-c', 'import scrapy']).status === 0;
}

/** As the program starts Node, by its own first line. */
const [firstLine = ''] = readFileSync(here('../cli/main.js'), 'utf8').split('\n', 1);
const node = [process.execPath, ...firstLine.split(' ').filter((part) => part.startsWith('--'))];

async function measure(client: string, searchUrl: string): Promise<Measured> {
  const commands: Readonly<Record<string, readonly string[]>> = {
    oikotie: [...node, here('./collect/oikotie-client.js'), searchUrl, progressMs],
    'oikotie-published': [...node, here('./collect/oikotie-client.js'), searchUrl, progressMs, 'publish'],
    bare: [...node, here('./collect/bare-client.js'), urlsPath],
    'bare-whole': [...node, here('./collect/bare-client.js'), searchUrl],
    // tsc does not copy Python: it stays in the source tree.
    scrapy: [systemPython, here('../../bench/collect/scrapy_client.py'), urlsPath, 'selectors'],
    'scrapy-rows': [systemPython, here('../../bench/collect/scrapy_client.py'), urlsPath, 'rows'],
  };
  const command = commands[client];
  if (command === undefined)
    throw new Error(
      `--only: expected oikotie, oikotie-published, bare, bare-whole, scrapy or scrapy-rows, got ${client}`,
    );
  const { stdout } = await promisify(execFile)('taskset', ['-c', '0', ...command], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Measured; // printed by our own clients
}

function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds per listing in each tenth of a run, from its progress marks. */
function costOverTime({ listings, marks }: Measured): string {
  const costs: string[] = [];
  for (let tenth = 1; tenth <= 10; tenth += 1) {
    const from = marks.findLast(({ settled }) => settled <= ((tenth - 1) * listings) / 10) ?? marks[0];
    const to = marks.find(({ settled }) => settled >= (tenth * listings) / 10) ?? marks.at(-1);
    if (from === undefined || to === undefined || to.settled <= from.settled) continue;
    costs.push(((1000 * (to.seconds - from.seconds)) / (to.settled - from.settled)).toFixed(1));
  }
  return costs.join(' ');
}

const clients = values.only.split(',').filter((client) => !client.startsWith('scrapy') || hasScrapy());
if (values.only.includes('scrapy') && !hasScrapy()) {
  process.stdout.write('Scrapy is left out: install python3-scrapy (Debian) to measure it too.\n');
}
const simulator = await startSimulatorProcess();
const measured = new Map<string, Measured[]>(clients.map((client) => [client, []]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const client of clients) measured.get(client)?.push(await measure(client, simulator.searchUrl));
}
simulator.process.stdin?.end();
rmSync(folder, { recursive: true });

const rateOf = (client: string) =>
  medianOf((measured.get(client) ?? []).map(({ listings, seconds }) => listings / seconds));
for (const [client, runs] of measured) {
  const rates = runs.map(({ listings, seconds }) => (listings / seconds).toFixed(0)).join(' ');
  const peakMb = Math.max(...runs.map((run) => run.peakMb)).toFixed(0);
  const cpuMs = medianOf(runs.map(({ listings, cpuSeconds }) => (1000 * cpuSeconds) / listings)).toFixed(2);
  process.stdout.write(
    `${client.padEnd(17)} ${rateOf(client).toFixed(0)} listings/s (${rates}), ${cpuMs} CPU ms each, peak ${peakMb} MB\n`,
  );
}
for (const other of clients.filter((client) => client !== 'oikotie' && measured.has('oikotie'))) {
  process.stdout.write(`oikotie / ${other}: ${(rateOf('oikotie') / rateOf(other)).toFixed(2)}\n`);
}
const longest = measured.get('oikotie')?.at(-1);
if (longest !== undefined && isLong) {
  process.stdout.write(`ms per listing in each tenth of the run: ${costOverTime(longest)}\n`);
}
