/**
 * `oikotie doctor`: looks at this machine, the database, the portal and Redis before an expensive run does, and says
 * what to do about each finding. It changes nothing.
 */
import type { Config, RedisTarget } from '../config/config.ts';
import { probeRedis } from '../queues/redis-probe.ts';
import { describeTarget } from '../queues/redis-target.ts';
import { systemClock } from '../src/clock.ts';
import type { RequestSink } from '../src/crawl/request-log.ts';
import { messageOf } from '../src/errors.ts';
import { createLog } from '../src/log.ts';
import { openDatabase } from '../src/storage/database.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import type { AskedSoFar } from '../workers/asked-today.ts';
import { createPortal } from '../workers/portal.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { checkArchive } from './doctor-archive.ts';
import { browserUse, checkBrowser } from './doctor-browser.ts';
import { checkClock, checkContact, checkDatabase, checkDisk, checkNode, checkTimeZone } from './doctor-machine.ts';
import { checkPortal } from './doctor-portal.ts';
import type { Finding } from './finding.ts';
import { renderFindings } from './finding.ts';

export interface DoctorCheck {
  /** Name of the finding when the check itself fails. */
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<readonly Finding[]>;
}

export interface DoctorRequest {
  readonly config: Config;
  readonly json: boolean;
  /** Default: `createDoctorChecks(config)`. */
  readonly checks?: readonly DoctorCheck[];
}

/** Runs the checks one after another; exit code 0 without a problem, 1 with one, 130 when interrupted. */
export async function runDoctor({ config, json, checks }: DoctorRequest, io: CommandIo): Promise<number> {
  const findings = await collectFindings(checks ?? createDoctorChecks(config), io.signal);
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
  for (const check of checks) {
    if (signal.aborted) break;
    findings.push(...(await runCheck(check, signal)));
  }
  return findings;
}

/** Who is told of the doctor's requests, and where its limits go on from; by default they are part of no log. */
interface DoctorAsking extends Partial<AskedSoFar> {
  readonly requestSink: RequestSink;
}

const unrecorded: DoctorAsking = { requestSink: () => undefined };

/** Every check there is for this configuration. */
export function createDoctorChecks(config: Config, asking = unrecorded): readonly DoctorCheck[] {
  const { databasePath, cluster, crawler, rawArchive } = config;
  const checks: DoctorCheck[] = [
    { name: 'node', run: async () => [checkNode(process.versions.node)] },
    { name: 'disk', run: async () => [await checkDisk(databasePath)] },
    { name: 'database', run: async () => [await checkDatabase(databasePath, (path) => tryDatabase(path, config))] },
    { name: 'clock', run: async () => [checkClock(systemClock.now()), checkTimeZone()] },
    { name: 'contact', run: async () => [checkContact(crawler.userAgent)] },
    { name: 'portal', run: (signal) => askPortal(config, asking, signal) },
  ];
  const archive = openBodyStore(rawArchive, systemClock);
  if (archive !== null) checks.push({ name: 'raw archive', run: async () => [await checkArchive(archive)] });
  const { redis } = cluster;
  if (redis !== null) checks.push({ name: 'redis', run: async () => [await checkRedis(redis)] });
  const use = browserUse(config);
  if (use !== null)
    checks.push({ name: 'browser', run: async () => [await checkBrowser(config.browser.executablePath, use)] });
  return checks;
}

async function runCheck(check: DoctorCheck, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    return await check.run(signal);
  } catch (error) {
    if (signal.aborted) return [];
    const seen = `could not be checked: ${messageOf(error)}`;
    return [{ name: check.name, status: 'problem', seen, remedy: 'See the message; report it if it makes no sense' }];
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

/** The address is shown without user and password. */
async function checkRedis(target: RedisTarget): Promise<Finding> {
  const name = 'redis';
  const address = describeTarget(target);
  const probe = await probeRedis({ target });
  if (probe.kind === 'ok')
    return { name, status: 'ok', seen: `${address} answers, version ${probe.version}`, remedy: null };
  const remedy =
    probe.kind === 'refused'
      ? 'Check user and password of Redis, and the rights of the user (docs/redis.md)'
      : 'Start Redis, or correct where it is said to be (docs/redis.md); without Redis a run works alone on this machine';
  return { name, status: 'problem', seen: `${address}: ${probe.message}`, remedy };
}
