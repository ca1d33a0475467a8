/**
 * What the benchmark of people who look needs: a configuration of one city, a series that goes back for months, so that the
 * page is as large as theirs is, and the dashboard as a process of its own with its processor time.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RunningSimulator } from '../../simulator/server.ts';
import { nominalDayOf } from '../../src/clock.ts';
import { openDatabase } from '../../src/storage/database.ts';

export const program = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
/** Cities with a past, beside the one that is collected. */
const pastCities = 19;
const pastDays = 70;
/** Of Linux, which tells processor time in hundredths of a second. */
const ticksPerSecond = 100;

export function writeConfig(folder: string, simulator: RunningSimulator, requestsPerSecond: number): string {
  const path = join(folder, 'config.json');
  const task = { city: 'Helsinki', enabled: true, url: simulator.searchUrl('Helsinki', 'sale') };
  const settings = {
    ...{ database_path: databaseIn(folder), state_directory: folder, logs_directory: null },
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

/** Days of runs that were complete, but for a few. */
export async function inventPast(folder: string): Promise<void> {
  const database = await openDatabase({ path: databaseIn(folder), mode: 'write', memoryLimit: '1GB', threads: 2 });
  const today = nominalDayOf(Date.now());
  await database.use(async ({ run }) => {
    await run(`INSERT INTO executions (execution_id, nominal_day, status, started_at, finished_at)
      SELECT 'daily-' || day, day, 'completed', day + INTERVAL 3 HOUR, day + INTERVAL 4 HOUR
      FROM (SELECT DATE '${today}' - d::INTEGER AS day FROM range(1, ${pastDays}) t(d))`);
    await run(`INSERT INTO city_executions (execution_id, city, verdict, reason, started_at, finished_at, discovered)
      SELECT execution_id, 'Kaupunki ' || c, CASE WHEN hash(c, nominal_day) % 20 = 0 THEN 'partial' ELSE 'complete' END,
        NULL, started_at, finished_at, 1000 FROM executions, range(${pastCities}) t(c)`);
  });
  await database.close();
}

function databaseIn(folder: string): string {
  return join(folder, 'series.duckdb');
}

export interface DashboardProcess {
  readonly origin: string;
  readonly child: ChildProcess;
  /** Seconds of processor time it has used by now. */
  readonly processorSeconds: () => number;
}

export async function startDashboard(configPath: string): Promise<DashboardProcess> {
  const child = spawn(process.execPath, [program, 'dashboard', '--config', configPath], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const origin = /http:\S+/.exec(line)?.[0];
    if (origin !== undefined) return { origin, child, processorSeconds: () => processorSecondsOf(child.pid) };
  }
  throw new Error('expected the dashboard to say where it is, got its end');
}

/** User and system time of a process. @throws Error where there is no /proc. */
function processorSecondsOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks; user time is the 12th word behind it, system time the 13th.
  const words = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(words[11]) + Number(words[12])) / ticksPerSecond;
}
