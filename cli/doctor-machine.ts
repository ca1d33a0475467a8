/**
 * The doctor's checks of this machine: Node, disk, database, clock, time zone, contact. They look and change
 * nothing: no file is created, no database migrated.
 */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { categoryOf, messageOf, ScraperError } from '../src/errors.ts';
import { latestSchemaVersion } from '../src/storage/migrate.ts';
import type { Finding } from './finding.ts';

const oldestNode = [20, 19] as const;
const megabyte = 1024 * 1024;
const scarceBytes = 2048 * megabyte;
const tooFewBytes = 200 * megabyte;

/** `version` as process.versions.node gives it, e.g. `20.19.1`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNew = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const seen = `Node ${version}`;
  if (isNew) return { name: 'node', status: 'ok', seen, remedy: null };
  return { name: 'node', status: 'problem', seen, remedy: `Install Node ${oldestNode.join('.')} or newer` };
}

/** Free space where a file is or would be. */
export async function checkDisk(path: string, setting: 'database_path' | 'state_directory'): Promise<Finding> {
  const folder = await nearestPlace(dirname(path));
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const seen = `${(freeBytes / megabyte).toFixed(0)} MB free in ${folder}`;
  const remedy = `Free some space, or set ${setting} to another disk`;
  if (freeBytes < tooFewBytes) return { name: 'disk', status: 'problem', seen, remedy };
  if (freeBytes < scarceBytes) return { name: 'disk', status: 'warning', seen, remedy };
  return { name: 'disk', status: 'ok', seen, remedy: null };
}

/** Opens and closes the database for reading. @throws StorageError as src/storage/database.ts says. */
export type TryDatabase = (path: string) => Promise<void>;

/** Whether the database can be used: not there yet, free, in use, or broken. */
export async function checkDatabase(path: string, tryDatabase: TryDatabase): Promise<Finding> {
  const name = 'database';
  if (!(await isUsable(path, constants.F_OK))) return checkPlaceForDatabase(path);
  if (!(await isUsable(path, constants.R_OK | constants.W_OK))) {
    return { name, status: 'problem', seen: `${path} may not be written`, remedy: 'Change its permissions' };
  }
  try {
    await tryDatabase(path);
    return {
      name,
      status: 'ok',
      seen: `${path} opens and is free, with schema ${latestSchemaVersion()}`,
      remedy: null,
    };
  } catch (error) {
    return databaseFinding(error);
  }
}

async function checkPlaceForDatabase(path: string): Promise<Finding> {
  const folder = await nearestPlace(dirname(path));
  const name = 'database';
  if (await isUsable(folder, constants.W_OK)) {
    return { name, status: 'ok', seen: `${path} is not there yet; the first run makes it`, remedy: null };
  }
  const remedy = 'Change the permissions of the folder, or set database_path';
  return { name, status: 'problem', seen: `${path} cannot be made: ${folder} may not be written`, remedy };
}

function databaseFinding(error: unknown): Finding {
  const seen = messageOf(error);
  const code = error instanceof ScraperError ? error.code : categoryOf(error);
  const name = 'database';
  if (code === 'DATABASE_LOCKED')
    return { name, status: 'warning', seen, remedy: 'Wait until that has ended; the store of a cluster is to hold it' };
  if (code === 'DATABASE_TOO_OLD') return { name, status: 'ok', seen: `${seen} (the next run does it)`, remedy: null };
  return { name, status: 'problem', seen, remedy: 'Move the file away, or restore it from a backup' };
}

/** Before this the clock cannot be right: this program was not written yet. */
const oldestNowMs = Date.UTC(2026, 10, 1);
const latestNowMs = Date.UTC(2100, 0, 1);

/** Whether the clock shows a time that can be. */
export function checkClock(nowMs: number): Finding {
  const seen = Number.isFinite(nowMs) ? new Date(nowMs).toISOString() : String(nowMs);
  if (nowMs >= oldestNowMs && nowMs < latestNowMs) return { name: 'clock', status: 'ok', seen, remedy: null };
  return { name: 'clock', status: 'problem', seen, remedy: 'Set the clock (NTP); days and retries go by it' };
}

/** Whether this Node knows Helsinki's time, in winter and in summer. */
export function checkTimeZone(): Finding {
  const name = 'time zone data';
  const hours = [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)].map(helsinkiHour);
  const seen = `Europe/Helsinki is UTC+${hours[0]} in winter and UTC+${hours[1]} in summer`;
  if (hours[0] === 2 && hours[1] === 3) return { name, status: 'ok', seen, remedy: null };
  return { name, status: 'problem', seen, remedy: 'Use a Node with full ICU; the nominal day is a Helsinki day' };
}

function helsinkiHour(epochMs: number): number {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', hour: 'numeric', hourCycle: 'h23' });
  return Number(format.format(epochMs));
}

/** Whether the portal can tell who we are. */
export function checkContact(userAgent: string): Finding {
  const seen = `User-Agent: ${userAgent}`;
  if (/@|https?:\/\//.test(userAgent)) return { name: 'contact', status: 'ok', seen, remedy: null };
  const remedy = 'Set SCRAPER_CONTACT to an e-mail address or a page, so that the portal can reach you';
  return { name: 'contact', status: 'warning', seen, remedy };
}

async function isUsable(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false; // Not there, or not allowed: the finding says so.
  }
}

/** The path, or the nearest one above it that is there. */
export async function nearestPlace(path: string): Promise<string> {
  let place = resolve(path);
  while (!(await isUsable(place, constants.F_OK)) && place !== dirname(place)) place = dirname(place);
  return place;
}
