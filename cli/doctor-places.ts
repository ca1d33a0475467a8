/**
 * The doctor's look at the places of a role: folders it writes to, results that wait on its disk, ports it opens, what it
 * reads of another. Nothing is made there.
 */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { messageOf, ScraperError } from '../src/errors.ts';
import { fileProblem } from '../src/file-problem.ts';
import { nearestPlace } from './doctor-machine.ts';
import type { Finding } from './finding.ts';

const hourMs = 3_600_000;
/** The run of a day takes some hours: what is older has missed one. */
const oldestSnapshotMs = 36 * hourMs;
const answerLimitMs = 2_000;

export interface FolderUse {
  readonly name: string;
  readonly path: string;
  /** What becomes of the role when it cannot write there. */
  readonly status: 'warning' | 'problem';
  readonly remedy: string;
}

/** Whether a folder can be written, or made. */
export async function checkFolder({ name, path, status, remedy }: FolderUse): Promise<Finding> {
  const place = await nearestPlace(path);
  try {
    if (!(await stat(place)).isDirectory()) return { name, status, seen: `${place} is a file, not a folder`, remedy };
    await access(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    return { name, status, seen: `${place}: ${fileProblem(error)}`, remedy };
  }
  const isThere = place === resolve(path);
  const seen = isThere ? `${path} can be written` : `${path} is not there yet, and can be made`;
  return { name, status: 'ok', seen, remedy: null };
}

/** Results that workers have left on this disk. `folder`: `spool` of the state directory, a folder in it for each worker. */
export async function checkSpool(folder: string, nodeId: string): Promise<readonly Finding[]> {
  const name = 'results on disk';
  const findings: Finding[] = [];
  for (const node of await namesIn(folder)) {
    const count = (await namesIn(join(folder, node))).length;
    if (count === 0) continue;
    const seen = `${count} of the worker ${node} wait to be sent`;
    const isOwn = node === nodeId;
    const remedy = `When no such worker lives any more: start one with NODE_ID=${node} and this state_directory; it sends them and can be stopped then`;
    findings.push({ name, status: isOwn ? 'ok' : 'warning', seen, remedy: isOwn ? null : remedy });
  }
  return findings.length > 0 ? findings : [{ name, status: 'ok', seen: 'none waits to be sent', remedy: null }];
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

export interface SnapshotUse {
  readonly path: string;
  /** Opens and closes it. @throws StorageError as src/storage/database.ts says. */
  readonly tryOpen: () => Promise<void>;
  readonly nowMs: number;
}

/** Whether what the store publishes is there, can be read by this program, and is of today or yesterday. */
export async function checkSnapshot({ path, tryOpen, nowMs }: SnapshotUse): Promise<Finding> {
  const name = 'snapshot';
  const found = await stat(path).catch(() => null);
  if (found === null) {
    const remedy =
      'Start the store or run once, and see that both have the same database_path; pages of data say so until then';
    return { name, status: 'warning', seen: `nothing has been published at ${path}`, remedy };
  }
  try {
    await tryOpen();
  } catch (error) {
    const code = error instanceof ScraperError ? error.code : '';
    const remedy =
      code === 'DATABASE_TOO_NEW'
        ? 'Bring this program to the version of the store'
        : 'Start the store of this version: it publishes anew';
    return { name, status: 'problem', seen: messageOf(error), remedy };
  }
  const ageMs = Math.max(nowMs - found.mtimeMs, 0);
  const seen = `${path} is ${(ageMs / hourMs).toFixed(1)} hours old`;
  if (ageMs <= oldestSnapshotMs) return { name, status: 'ok', seen, remedy: null };
  const remedy = 'See whether runs end: oikotie schedule list, oikotie status';
  return { name, status: 'warning', seen, remedy };
}

export interface PortUse {
  readonly name: string;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly status: 'warning' | 'problem';
  readonly remedy: string;
}

/** Whether a port can be opened; one that a role of ours answers on is as it should be. */
export async function checkPort({ name, host, port, status, remedy }: PortUse): Promise<Finding> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const code = await problemOfListening(host, port);
  if (code === null) return { name, status: 'ok', seen: `${address} is free`, remedy: null };
  if (code !== 'EADDRINUSE') return { name, status, seen: `${address} cannot be opened (${code})`, remedy };
  if (await isOurs(host, port)) {
    return { name, status: 'ok', seen: `${address} is in use by a process that answers as a role does`, remedy: null };
  }
  return { name, status, seen: `${address} is in use by something else`, remedy };
}

/** Opens the port and closes it again; the code of what went wrong, or null. */
function problemOfListening(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? messageOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)));
  });
}

/** Whether `/healthz` is answered there as our processes do. */
async function isOurs(host: string, port: number): Promise<boolean> {
  const own = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const origin = `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
  try {
    const response = await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(answerLimitMs) });
    return response.status === 200 && /"status":"(ok|degraded)"/.test(await response.text());
  } catch {
    return false; // Whatever answers in another way is something else.
  }
}
