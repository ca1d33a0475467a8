/**
 * `oikotie debug-bundle`: what somebody who is to help needs to see, in one zip file: configuration, versions, checks, status,
 * recent runs and logs. No listing, no page and no secret is in it.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Config } from '../config/config.ts';
import { configPathFor } from '../config/config-path.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { systemClock, toUtcIso } from '../src/clock.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import { fileProblem } from '../src/file-problem.ts';
import { openReader } from '../src/storage/reader.ts';
import { readStatus, withCluster } from '../workers/cluster-access.ts';
import { bundleQueries } from './bundle-queries.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { renderJson } from './config.ts';
import { describeMachine } from './describe-machine.ts';
import { collectFindings, createDoctorChecks } from './doctor.ts';
import { readRecentLogs } from './recent-logs.ts';
import { withoutSecrets } from './scrub-secrets.ts';
import { statusAsJson } from './status-page.ts';

export interface DebugBundleOptions {
  readonly configPath: string | undefined;
  /** Where to write it; by default `oikotie-debug-<time>.zip` here. */
  readonly to: string | undefined;
  /** Days of logs and runs. */
  readonly days: number;
}

/** Text files by their name in the bundle. */
type Files = Readonly<Record<string, string>>;

/**
 * Writes the bundle and prints its path. What cannot be had is in it as the reason why.
 * @throws ConfigError; ScraperError BUNDLE_UNWRITABLE
 */
export async function runDebugBundle({ configPath, to, days }: DebugBundleOptions, io: CommandIo): Promise<number> {
  const loaded = await loadCommandConfig(configPath);
  const now = systemClock.now();
  const files = await gather(loaded, configPathFor(configPath), { days, nowMs: now, signal: io.signal });
  const name = `oikotie-debug-${toUtcIso(now).slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const path = resolve(to ?? `${name}.zip`);
  const entries = Object.entries(withoutSecrets(files, loaded.knobs)).map(([file, text]) => [
    `${name}/${file}`,
    strToU8(text),
  ]);
  await writeWhole(path, zipSync(Object.fromEntries(entries)));
  io.stdout.write(`${path}\n`);
  io.stderr.write(`In it: ${Object.keys(files).join(', ')}\nSecrets are masked. Look into it before you share it.\n`);
  return exitCodes.ok;
}

interface Span {
  readonly days: number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

async function gather(loaded: LoadedConfig, path: string, span: Span): Promise<Files> {
  const { config } = loaded;
  const attempt = async (work: () => Promise<unknown>): Promise<string> => {
    try {
      return `${JSON.stringify(await work(), null, 2)}\n`;
    } catch (error) {
      return `${JSON.stringify({ missing: messageOf(error) }, null, 2)}\n`;
    }
  };
  return {
    'README.txt': readme(span),
    'configuration.json': renderJson(loaded, path),
    'machine.json': await attempt(() => describeMachine()),
    'doctor.json': await attempt(() => checksWithoutPortal(config, span.signal)),
    'status.json': await attempt(() => statusOf(config)),
    ...(await readRuns(config, span)),
    ...(await readRecentLogs(config.logsDirectory, span)),
  };
}

/** The portal is not asked: a bundle is made when something is wrong, perhaps with just that. */
async function checksWithoutPortal(config: Config, signal: AbortSignal): Promise<unknown> {
  const checks = createDoctorChecks(config).filter(({ name }) => name !== 'portal');
  return collectFindings(checks, signal);
}

async function statusOf(config: Config): Promise<unknown> {
  if (config.cluster.redis === null) return { cluster: null };
  return withCluster(config, async (access) => statusAsJson(await readStatus(access, config)));
}

async function readRuns(config: Config, { days, nowMs }: Span): Promise<Files> {
  const since = toUtcIso(nowMs - days * 86_400_000);
  try {
    const reader = await openReader(config.databasePath);
    try {
      const files: Record<string, string> = {};
      for (const [name, query] of Object.entries(bundleQueries(since))) {
        const rows: unknown[] = [];
        for await (const row of (await reader.runSelect(query)).rows) rows.push(row);
        files[`${name}.json`] = `${JSON.stringify({ source: reader.source.kind, rows }, null, 2)}\n`;
      }
      return files;
    } finally {
      await reader.close();
    }
  } catch (error) {
    return { 'runs.json': `${JSON.stringify({ missing: messageOf(error) }, null, 2)}\n` };
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.${process.pid}.part`;
  try {
    await writeFile(unfinished, bytes, { mode: 0o600 });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    const message = `debug bundle: expected to write ${path}, got: ${fileProblem(error)}; name another place with --to`;
    throw new ScraperError('BUNDLE_UNWRITABLE', message, { category: 'STORAGE_ERROR', cause: error });
  }
}

function readme({ days, nowMs }: Span): string {
  return `Made by oikotie debug-bundle at ${toUtcIso(nowMs)}, of the last ${days} days. Times are UTC.

configuration.json  every knob with its source; secrets are masked
machine.json        program, Node.js, system, memory, disk
doctor.json         the checks of oikotie doctor, without those that ask the portal
status.json         nodes and work of the cluster, when there is one
executions.json, receipts.json, failures.json, audit.json, tables.json
                    runs, receipts of cities, what failed how often, audit events, sizes of tables
logs/               the end of each log file

No text of a listing, no page and no contact is in here. A file that says "missing" says why.
`;
}
