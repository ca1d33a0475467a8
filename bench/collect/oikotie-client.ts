/**
 * The whole standalone run, without a rate limit: search, listing pages, parse, store; with `publish` also the snapshot and
 * the dataset at its end, which the yardsticks do not make. Prints one JSON line.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load-config.ts';
import { systemClock } from '../../src/clock.ts';
import { createLog } from '../../src/log.ts';
import { runStandalone } from '../../workers/standalone.ts';

const [searchUrl, progressIntervalMs, publishing] = process.argv.slice(2);
if (searchUrl === undefined) throw new Error('usage: oikotie-client <search-url> [progress-interval-ms] [publish]');
const publishes = publishing === 'publish';

const folder = mkdtempSync(join(tmpdir(), 'oikotie-bench-'));
const path = join(folder, 'config.json');
const file = {
  tasks: [{ city: 'Helsinki', enabled: true, url: searchUrl, rate_limit_seconds: 0, max_detail_workers: 10 }],
  global_settings: {
    database_path: join(folder, 'bench.duckdb'),
    // Nothing beside it is read or left: a round must find what the one before found.
    output_directory: join(folder, 'output'),
    logs_directory: join(folder, 'logs'),
    // One core, one database thread; the yardstick has the same.
    database: { threads: 1 },
    publish: { snapshots: publishes, datasets: publishes },
    crawler: { contact: 'bench@example.org', max_requests_per_second: null },
    // It is meant to fill its core.
    resources: { max_cpu_percent: 100 },
  },
};
writeFileSync(path, JSON.stringify(file));
const { config } = loadConfig({ path, environment: {} });
/** Settled listings against seconds since the start, for the cost per listing over time. */
const marks: { settled: number; seconds: number }[] = [];
const startedAt = performance.now();
const cpuBefore = (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const result = await runStandalone({
  config,
  tasks: config.tasks,
  clock: systemClock,
  random: Math.random,
  log: createLog({ level: 'warn', destination: process.stderr }),
  signal: new AbortController().signal,
  // As a run does when nobody watches it in a terminal.
  progressIntervalMs: Number(progressIntervalMs ?? 10_000),
  onProgress: ([city]) => {
    if (city !== undefined) marks.push({ settled: city.settled, seconds: (performance.now() - startedAt) / 1000 });
  },
});
const seconds = (performance.now() - startedAt) / 1000;
rmSync(folder, { recursive: true });
if (result.status !== 'completed') throw new Error(`expected a completed run, got ${result.status}`);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6 - cpuBefore;
const peakMb = maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ listings: result.new, seconds, cpuSeconds, peakMb, marks })}\n`);
