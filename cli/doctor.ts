/**
 * `oikotie doctor`: looks at what a run or a role of a cluster needs before it does, and says what to do about each finding.
 * It changes nothing.
 */
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { systemClock } from '../src/clock.ts';
import type { RequestSink } from '../src/crawl/request-log.ts';
import { messageOf } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/storage/database.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import { snapshotPathOf } from '../src/storage/snapshot.ts';
import type { AskedSoFar } from '../workers/asked-today.ts';
import { createPortal } from '../workers/portal.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { checkArchive } from './doctor-archive.ts';
import { browserUse, checkBrowser } from './doctor-browser.ts';
import { checkClock, checkContact, checkDatabase, checkDisk, checkNode, checkTimeZone } from './doctor-machine.ts';
import { checkSnapshot, checkSpool } from './doctor-places.ts';
import { checkPortal } from './doctor-portal.ts';
import type { DoctorRole } from './doctor-role.ts';
import type { DoctorCheck } from './doctor-roles.ts';
import { check, folderChecks, portChecks } from './doctor-roles.ts';
import { checkAccess, checkAlerts, checkSchedule, checkWarnings } from './doctor-settings.ts';
import type { Finding } from './finding.ts';
import { renderFindings } from './finding.ts';

export interface DoctorRequest {
  readonly checks: readonly DoctorCheck[];
  readonly json: boolean;
}

/** Runs the checks one after another; exit code 0 without a problem, 1 with one, 130 when interrupted. */
export async function runDoctor({ json, checks }: DoctorRequest, io: CommandIo): Promise<number> {
  const findings = await collectFindings(checks, io.signal);
  if (io.signal.aborted) return exitCodes.interrupted;
  const hasProblem = findings.some(({ status }) => status === 'problem');
  io.stdout.write(json ? `${JSON.stringify({ ok: !hasProblem, findings }, null, 2)}\n` : renderFindings(findings));
  return hasProblem ? exitCodes.degraded : exitCodes.ok;
}

/** Runs the checks one after another, until done or aborted. */
export async function collectFindings(
  checks: readonly DoctorCheck[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const each of checks) {
    if (signal.aborted) break;
    findings.push(...(await runCheck(each, signal)));
  }
  return findings;
}

/** Who is told of the doctor's requests, and where its limits go on from; by default they are part of no log. */
interface DoctorAsking extends Partial<AskedSoFar> {
  readonly requestSink: RequestSink;
}

const unrecorded: DoctorAsking = { requestSink: () => undefined };

export interface DoctorScope {
  /** What the process is to be; null: a run in one process, and the Redis of the configuration. */
  readonly role?: DoctorRole | null;
  /** What loading the configuration has warned of. */
  readonly warnings?: readonly string[];
  readonly asking?: DoctorAsking;
}

/** Every check that a role needs with this configuration, in the order in which they are printed. */
export function createDoctorChecks(config: Config, scope: DoctorScope = {}): readonly DoctorCheck[] {
  const { role = null, warnings = [], asking = unrecorded } = scope;
  const isOf = (...roles: readonly DoctorRole[]) => roles.includes(role ?? 'standalone');
  const { databasePath, crawler, stateDirectory, browser } = config;
  const asks = isOf('standalone', 'worker');
  const writes = isOf('standalone', 'store');
  const enabledCities = config.tasks.filter(({ enabled }) => enabled).length;
  const archive = asks ? openBodyStore(config.rawArchive, systemClock) : null;
  const use = asks ? browserUse(config) : null;
  return [
    check('node', () => checkNode(process.versions.node)),
    check('configuration', () => checkWarnings(warnings, enabledCities)),
    check('disk', () =>
      writes ? checkDisk(databasePath, 'database_path') : checkDisk(join(stateDirectory, 'any'), 'state_directory'),
    ),
    ...when(writes, 'database', () => checkDatabase(databasePath, (path) => tryDatabase(path, config))),
    ...folderChecks(config, role ?? 'standalone'),
    ...when(isOf('worker'), 'results on disk', () => checkSpool(join(stateDirectory, 'spool'), config.nodeId)),
    ...when(isOf('dashboard'), 'snapshot', () => lookAtSnapshot(config)),
    check('clock', () => checkClock(systemClock.now())),
    check('time zone data', checkTimeZone),
    ...when(asks, 'contact', () => checkContact(crawler.userAgent)),
    ...when(asks, 'portal', (signal) => askPortal(config, asking, signal)),
    ...(archive === null ? [] : [check('raw archive', () => checkArchive(archive))]),
    ...redisChecks(config, role),
    ...(use === null ? [] : [check('browser', () => checkBrowser(browser.executablePath, use))]),
    ...when(isOf('scheduler'), 'schedule', () => checkSchedule(config.schedule, systemClock.now())),
    ...when(isOf('store', 'scheduler'), 'alerts', () => checkAlerts(config, config.metricsPort !== null)),
    ...when(isOf('dashboard'), 'dashboard', () => checkAccess(config)),
    ...portChecks(config, role ?? 'standalone'),
  ];
}

function when(isAsked: boolean, ...[name, find]: Parameters<typeof check>): readonly DoctorCheck[] {
  return isAsked ? [check(name, find)] : [];
}

/** A run in one process needs no Redis: one that is configured is looked at unless the role says that it is not used. */
function redisChecks({ cluster: { redis } }: Config, role: DoctorRole | null): readonly DoctorCheck[] {
  const isNeeded = role === 'worker' || role === 'store' || role === 'scheduler';
  if (role === 'standalone' || (redis === null && !isNeeded)) return [];
  return [
    check('redis', async () => {
      const { checkRedis } = await import('./doctor-redis.ts');
      return checkRedis(redis, isNeeded);
    }),
  ];
}

async function runCheck({ name, run }: DoctorCheck, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await run(signal);
  } catch (error) {
    if (signal.aborted) return [];
    const seen = `could not be checked: ${messageOf(error)}`;
    return [{ name, status: 'problem', seen, remedy: 'See the message; report it if it makes no sense' }];
  }
}

async function tryDatabase(path: string, { database }: Config): Promise<void> {
  const { memoryLimit, threads } = database;
  const opened = await openDatabase({ path, mode: 'read', memoryLimit, threads });
  await opened.close();
}

async function askPortal(config: Config, asking: DoctorAsking, signal: AbortSignal): Promise<readonly Finding[]> {
  const portal = createPortal({
    config,
    tasks: config.tasks,
    clock: systemClock,
    executionId: 'doctor',
    ...asking,
    log: createLog({ level: 'silent', destination: process.stderr }),
  });
  try {
    return await checkPortal({ config, ...portal, now: systemClock.now, signal });
  } finally {
    await portal.close();
  }
}

async function lookAtSnapshot(config: Config): Promise<Finding> {
  const path = snapshotPathOf(config.databasePath);
  return checkSnapshot({ path, tryOpen: () => tryDatabase(path, config), nowMs: systemClock.now() });
}
