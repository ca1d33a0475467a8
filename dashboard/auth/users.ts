/**
 * Who may sign in, and as what. A viewer reads; an operator may also act.
 */
import { createHash } from 'node:crypto';
import { isPassword } from './passwords.ts';

export const roles = ['viewer', 'operator'] as const;
export type Role = (typeof roles)[number];

export interface User {
  readonly name: string;
  readonly role: Role;
}

interface KnownUser extends User {
  readonly hash: string;
}

export interface Users {
  /** The user whose password this is; null for anything else. Takes as long for a name that is not known. */
  readonly check: (name: string, password: string) => Promise<User | null>;
  /** The user as it is now, when `stamp` is still that of its password; null once either is gone. */
  readonly find: (name: string, stamp: string) => User | null;
  /** Goes into a session: a new password ends the sessions of the old one. */
  readonly stampOf: (name: string) => string;
}

/** A hash of nothing anybody has: what an unknown name is checked against. */
const nobody = `scrypt$32768$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

/** @param lines `name:role:hash` each, as `dashboard.users` has them; the last of a name counts. */
export function createUsers(lines: readonly string[]): Users {
  const known = new Map(lines.map(readLine).map((user) => [user.name, user]));
  const stampOf = (name: string) => digest(known.get(name)?.hash ?? '');
  return {
    stampOf,
    check: async (name, password) => {
      const user = known.get(name);
      const isRight = await isPassword(password, user?.hash ?? nobody);
      return isRight && user !== undefined ? { name, role: user.role } : null;
    },
    find: (name, stamp) => {
      const user = known.get(name);
      return user !== undefined && stampOf(name) === stamp ? { name, role: user.role } : null;
    },
  };
}

function readLine(line: string): KnownUser {
  const [name = '', role, ...hash] = line.split(':');
  return { name, role: role === 'operator' ? 'operator' : 'viewer', hash: hash.join(':') };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
