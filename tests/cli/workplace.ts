/**
 * A folder with a configuration file, and a simulated portal for it: where a person would stand who starts `oikotie`.
 * Everything in it ends with the test.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { RunningSimulator } from '../../simulator/server.ts';
import type { PortalConfigOptions } from '../workers/portal-config.ts';
import { portalConfig, startSmallPortal } from '../workers/portal-config.ts';
import type { Ended, ProcessOptions, Running } from './oikotie-process.ts';
import { startOikotie } from './oikotie-process.ts';

export interface Workplace {
  readonly folder: string;
  readonly simulator: RunningSimulator;
  readonly configPath: string;
  readonly databasePath: string;
  /** Runs the program in the folder to its end. */
  readonly oikotie: (args: readonly string[], options?: ProcessOptions) => Promise<Ended>;
  readonly start: (args: readonly string[], options?: ProcessOptions) => Running;
  /** Writes the configuration anew. */
  readonly configure: (options: PortalConfigOptions) => void;
  /** Rows of a query, through the program itself. */
  readonly sql: (query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Listing pages that were asked for so far. */
  readonly listingRequests: () => number;
  /** Resolves when at least so many listing pages were asked for. */
  readonly untilListingRequests: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A busy machine may answer late; a request that is sent again would be one too many for tests that count. */
const patienceSeconds = 60;

/** Makes the folder and starts the portal; close it when done. */
export async function createWorkplace(options: PortalConfigOptions = {}): Promise<Workplace> {
  const simulator = await startSmallPortal(options);
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-cli-'));
  chmodSync(folder, 0o755);
  // Where the program looks by itself, so that no test can ever start a run with the shipped file.
  mkdirSync(join(folder, 'config'));
  const configPath = join(folder, 'config', 'config.json');
  const running = new Set<Running>();
  const start = (args: readonly string[], own: ProcessOptions = {}): Running => {
    const started = startOikotie(args, { cwd: folder, ...own });
    running.add(started);
    return started;
  };
  const oikotie = (args: readonly string[], own?: ProcessOptions) => start(args, own).ended;
  const configure = (changed: PortalConfigOptions) =>
    writeFileSync(
      configPath,
      JSON.stringify(portalConfig(simulator, folder, { requestTimeoutSeconds: patienceSeconds, ...changed })),
    );
  configure(options);
  const databasePath = join(folder, 'series.duckdb');
  const listingRequests = () => simulator.requestLog.entries().filter(({ kind }) => kind === 'listing').length;
  return {
    folder,
    simulator,
    configPath,
    databasePath,
    oikotie,
    start,
    configure,
    sql: async (query) => {
      const { stdout, stderr } = await oikotie(['sql', query, '--json', '--database', databasePath]);
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as Readonly<Record<string, unknown>>[]; // what `sql --json` prints
    },
    listingRequests,
    untilListingRequests: (count) =>
      vi.waitUntil(() => listingRequests() >= count, { timeout: 20_000, interval: 2 }).then(() => undefined),
    close: async () => {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
