/**
 * `oikotie status`: how many nodes there are and how they are, how much work there is and who has it; once, or until
 * stopped. It changes nothing.
 */
import { createLogUpdate } from 'log-update';
import type { Config } from '../config/config.ts';
import type { ClusterStatus } from '../queues/cluster-status.ts';
import { createRunBoard } from '../queues/run-board.ts';
import { systemClock } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import { clusterPrefix } from '../workers/cluster.ts';
import type { ClusterAccess } from '../workers/cluster-access.ts';
import { answerSoon, readStatus, withCluster } from '../workers/cluster-access.ts';
import { readShownProgress } from '../workers/shown-progress.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import type { ShownRun } from './status-page.ts';
import { renderStatus, statusAsJson } from './status-page.ts';
import { widthOf } from './text-table.ts';

export interface StatusOptions {
  readonly configPath: string | undefined;
  readonly json: boolean;
  /** True: again and again until stopped. */
  readonly watch: boolean;
}

interface Seen {
  readonly status: ClusterStatus;
  readonly runs: readonly ShownRun[];
}

/** Time between two looks, in milliseconds. */
const watchIntervalMs = 1_000;

/**
 * Prints the status and gives back the exit code.
 * @throws ConfigError when no Redis is configured; ScraperError CLUSTER_UNREACHABLE when it does not answer.
 */
export async function runStatus({ configPath, json, watch }: StatusOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(configPath);
  return withCluster(config, async (access) => {
    const look = () => answerSoon(lookAt(access, config));
    if (watch) {
      await watchStatus(look, json, io);
    } else {
      const seen = await look();
      io.stdout.write(json ? `${JSON.stringify(statusAsJson(seen.status), null, 2)}\n` : pageOf(seen, io));
    }
    return exitCodes.ok;
  });
}

async function lookAt(access: ClusterAccess, config: Config): Promise<Seen> {
  const status = await readStatus(access, config);
  const board = createRunBoard({ redis: access.redis, prefix: clusterPrefix });
  const runs: ShownRun[] = [];
  for (const executionId of await board.underWay()) {
    runs.push({ executionId, cities: await readShownProgress(board, executionId) });
  }
  return { status, runs };
}

function pageOf({ status, runs }: Seen, io: CommandIo): string {
  return renderStatus(status, runs, widthOf(io.stdout));
}

/** Redraws the page in a terminal; elsewhere one page, or one line of JSON, after the other. */
async function watchStatus(look: () => Promise<Seen>, json: boolean, io: CommandIo): Promise<void> {
  const screen = widthOf(io.stdout) === null || json ? null : createLogUpdate(io.stdout);
  let page = '';
  while (!io.signal.aborted) {
    try {
      const seen = await look();
      page = json ? `${JSON.stringify(statusAsJson(seen.status))}\n` : pageOf(seen, io);
      if (screen === null) io.stdout.write(json ? page : `${page}\n`);
      else screen(`${page}\nSeen at ${clockTime.format(systemClock.now())}; Ctrl-C ends.`);
    } catch (error) {
      // What is seen stays on the screen until Redis is back.
      if (screen === null) io.stderr.write(`${messageOf(error)}\n`);
      else screen(`${page}\n${messageOf(error)}`);
    }
    await systemClock.sleep(watchIntervalMs, io.signal).catch(() => undefined);
  }
  screen?.done();
}

const clockTime = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'medium' });
