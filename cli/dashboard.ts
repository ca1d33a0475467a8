/**
 * `oikotie dashboard`: the page people look at, until stopped. It reads the published snapshot, and makes one at the start
 * when there is none though nobody holds the database.
 */

import { getPriority, setPriority } from 'node:os';
import type { Config } from '../config/config.ts';
import { keepSecrets } from '../dashboard/auth/kept-secrets.ts';
import { hashPassword } from '../dashboard/auth/passwords.ts';
import { createUsers } from '../dashboard/auth/users.ts';
import type { Dashboard } from '../dashboard/dashboard.ts';
import type { RunningDashboard } from '../dashboard/server.ts';
import { startDashboard } from '../dashboard/server.ts';
import { systemClock } from '../src/clock.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import { ConfigError, messageOf, StorageError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import { createLog } from '../src/log.ts';
import { createDegradations } from '../src/quality/degradations.ts';
import { openDatabase } from '../src/storage/database.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import { createPublishedSeries } from '../src/storage/published-series.ts';
import { readArchived } from '../src/storage/raw-archive.ts';
import { isSnapshotOfNow, publishSnapshot, snapshotPathOf } from '../src/storage/snapshot.ts';
import type { Monitoring } from '../workers/monitoring.ts';
import { openMonitoring } from '../workers/monitoring.ts';
import { datasetFolderOf } from '../workers/publications.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { createOperatorActions } from './dashboard-actions.ts';
import { openClusterView } from './dashboard-cluster.ts';
import { openLiveSources } from './live-sources.ts';
import { openOperatorAudit } from './operator-audit.ts';

/** Queries at once, and what DuckDB may use for them. */
const readers = { memoryLimit: '512MB', threads: 2, connections: 4 } as const;

/** Serves until stopped. @throws ScraperError as `startDashboard` and `keepSecrets`. */
export async function runDashboard(config: Config, io: CommandIo, wantsNewPassword = false): Promise<number> {
  if (wantsNewPassword && config.dashboard.users.length > 0) {
    const problem = '--new-password: expected no dashboard.users, got some; give them new hashes there instead';
    throw new ConfigError([problem]);
  }
  standBack(config, io);
  await publishIfFree(config, io);
  const dashboard = await openDashboard(config, io, wantsNewPassword);
  const monitoring = await openOwnMonitoring(config, io);
  try {
    await aborted(io.signal);
    return exitCodes.ok;
  } finally {
    await monitoring.close();
    await dashboard.close();
  }
}

/** Before anything else is started: on Linux the threads that are made later inherit it, those of the database too. */
function standBack({ dashboard: { niceness } }: Config, { stderr }: CommandIo): void {
  // Not even to the same value: what runs at a lower priority already must not be raised.
  if (niceness <= getPriority()) return;
  try {
    setPriority(niceness);
  } catch (error) {
    stderr.write(`warning: the dashboard keeps its priority: ${messageOf(error)}; set dashboard.niceness to 0\n`);
  }
}

/**
 * Starts it and says where it is; the caller closes it. @throws ScraperError as `startDashboard` and `keepSecrets`.
 * @internal Exported for its tests.
 */
export async function openDashboard(
  config: Config,
  io: CommandIo,
  wantsNewPassword = false,
): Promise<Pick<RunningDashboard, 'close' | 'origin'>> {
  const { users, sessionSecret, newPassword } = await keepSecrets({
    stateDirectory: config.stateDirectory,
    ...config.dashboard,
    wantsNewPassword,
  });
  const { audit, flush } = openOperatorAudit(config, io);
  const log = logTo(io, config);
  const series = createPublishedSeries({ databasePath: config.databasePath, ...readers });
  const live = openLiveSources({ config, clock: systemClock, log });
  const cluster = openClusterView({ config, log, series });
  const onChanged = () => publishIfFree(config, io);
  const running = await startDashboard({
    config: config.dashboard,
    scraper: config,
    series,
    live: live.sources,
    users: config.dashboard.asksWho ? createUsers(users) : null,
    sessionSecret,
    clock: systemClock,
    log,
    audit,
    nodeId: config.nodeId,
    datasetsFolder: datasetFolderOf(config),
    cluster,
    actions: createOperatorActions({ config, log, audit, onChanged }),
    ...archiveOf(config),
  }).catch(async (error: unknown) => {
    await Promise.all([live.close(), cluster.close()]);
    throw error;
  });
  announce(running, config, newPassword, io);
  return {
    origin: running.origin,
    close: async () => {
      await running.close();
      await Promise.all([live.close(), cluster.close()]);
      await series.close();
      await flush();
    },
  };
}

/** What every process shows of itself, on `metrics_port`; whether there is something to see is the page's own `/readyz`. */
async function openOwnMonitoring(config: Config, io: CommandIo): Promise<Monitoring> {
  const monitoring = await openMonitoring({
    ...{ config, role: 'dashboard', clock: systemClock },
    log: logTo(io, config),
    degradations: createDegradations(({ part, reason, remedy }) => {
      io.stderr.write(`warning: without ${part}: ${reason}; ${remedy}\n`);
    }),
  });
  monitoring.readiness.begin();
  return monitoring;
}

/** `oikotie dashboard hash-password`: the hash of what is typed or piped in. */
export async function runHashPassword(password: string, io: CommandIo): Promise<number> {
  if (password.length < 12) {
    io.stderr.write(`expected a password of 12 characters or more on stdin, got ${password.length}\n`);
    return exitCodes.badInput;
  }
  io.stdout.write(`${await hashPassword(password)}\n`);
  return exitCodes.ok;
}

/** Nothing when nothing is archived: then no page says whether something is. */
function archiveOf({ rawArchive }: Config): Pick<Dashboard, 'isArchived'> {
  const store = openBodyStore(rawArchive, systemClock);
  if (store === null) return {};
  const isArchived = async (sha256: string): Promise<boolean> => {
    try {
      await readArchived(store, sha256);
      return true;
    } catch (error) {
      if (error instanceof StorageError && ['ARCHIVE_MISSING', 'ARCHIVE_DAMAGED'].includes(error.code)) return false;
      throw error;
    }
  };
  return { isArchived };
}

function announce({ origin }: RunningDashboard, { dashboard }: Config, password: string | null, io: CommandIo): void {
  io.stderr.write(`The dashboard is at ${origin}\n`);
  if (!dashboard.asksWho) io.stderr.write('Nobody is asked who they are: everybody on this machine may act.\n');
  if (password !== null && dashboard.asksWho) {
    io.stderr.write(
      `Sign in as "operator" with the password ${password}\nIt is shown this once; only its hash is kept.\n`,
    );
  }
  io.stderr.write('Ctrl-C ends it.\n');
}

/** A run that holds the database publishes by itself; whatever else hinders it is told, and the page says the rest. */
async function publishIfFree({ databasePath, database: limits }: Config, io: CommandIo): Promise<void> {
  if ((await isSnapshotOfNow(databasePath)) && !(await isOfOlderSchema(databasePath, limits))) return;
  try {
    const database = await openDatabase({ path: databasePath, mode: 'write', ...limits });
    try {
      await publishSnapshot(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    // Whoever holds it, or may write there, publishes.
    if (error.code === 'DATABASE_LOCKED' || error.code === 'DATABASE_READ_ONLY') return;
    io.stderr.write(`warning: ${error.message}\n`);
  }
}

/** True for a snapshot that a program before this one has published: no page could read it. */
async function isOfOlderSchema(databasePath: string, limits: Config['database']): Promise<boolean> {
  try {
    const snapshot = await openDatabase({ path: snapshotPathOf(databasePath), mode: 'read', ...limits });
    await snapshot.close();
    return false;
  } catch (error) {
    return error instanceof StorageError && error.code === 'DATABASE_TOO_OLD';
  }
}

function logTo({ stderr }: CommandIo, { logLevel }: Config): Log {
  return createLog({ level: logLevel, destination: { write: (line) => stderr.write(line) } });
}
