/**
 * What the dashboard makes for itself at its first start, when the configuration gives none: one operator with a random
 * password, and what sessions are signed with. Kept in the state directory, readable by its owner alone; the password only as
 * its hash.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ScraperError } from '../../src/errors.ts';
import { fileProblem } from '../../src/file-problem.ts';
import { hashPassword, randomPassword } from './passwords.ts';

export interface KeptSecrets {
  /** `name:role:hash` each. */
  readonly users: readonly string[];
  readonly sessionSecret: string;
  /** The password that was made just now, to be shown once; null when there was one. */
  readonly newPassword: string | null;
}

interface Wanted {
  readonly stateDirectory: string;
  /** Configured; empty = the kept one. */
  readonly users: readonly string[];
  /** Configured; null = the kept one. */
  readonly sessionSecret: string | null;
  /** Make another password in place of the kept one, whose sessions end; for who has no configured users. By default not. */
  readonly wantsNewPassword?: boolean;
}

/** Name of the operator that is made at the first start. */
const firstName = 'operator';

/** @throws ScraperError DASHBOARD_STATE when they cannot be read or kept. */
export async function keepSecrets(wanted: Wanted): Promise<KeptSecrets> {
  const { stateDirectory, users, sessionSecret, wantsNewPassword = false } = wanted;
  const folder = join(stateDirectory, 'dashboard');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const password = users.length === 0 ? randomPassword() : null;
    const keep = wantsNewPassword ? replace : keepFirst;
    const made = password === null ? null : await keep(join(folder, 'users'), firstUser(password));
    const secret = sessionSecret ?? (await keepFirst(join(folder, 'session-secret'), newSecret)).text;
    return {
      users: made === null ? users : made.text.split('\n').filter((line) => line !== ''),
      sessionSecret: secret,
      newPassword: made?.isNew === true ? password : null,
    };
  } catch (error) {
    const message = `dashboard: expected a folder that can be written at ${folder}, got: ${fileProblem(error)}; set dashboard.users and dashboard.session_secret, or free the folder`;
    throw new ScraperError('DASHBOARD_STATE', message, { category: 'STORAGE_ERROR', cause: error });
  }
}

function firstUser(password: string): () => Promise<string> {
  return async () => `${firstName}:operator:${await hashPassword(password)}\n`;
}

async function newSecret(): Promise<string> {
  return randomBytes(32).toString('base64url');
}

/** What the file holds; made when there is none. Of two that make it at once, one wins and both have the same. */
async function keepFirst(path: string, make: () => Promise<string>): Promise<{ text: string; isNew: boolean }> {
  const kept = await readIfThere(path);
  if (kept !== null) return { text: kept, isNew: false };
  const unfinished = `${path}.${process.pid}.part`;
  const text = await make();
  await writeFile(unfinished, text, { mode: 0o600 });
  try {
    await link(unfinished, path);
    return { text, isNew: true };
  } catch (error) {
    const winner = await readIfThere(path);
    if (winner === null) throw error;
    return { text: winner, isNew: false };
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Writes the file anew, in one step. */
async function replace(path: string, make: () => Promise<string>): Promise<{ text: string; isNew: boolean }> {
  const unfinished = `${path}.${process.pid}.part`;
  const text = await make();
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, path);
  return { text, isNew: true };
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
