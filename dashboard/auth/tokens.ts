/**
 * Tokens of programs: what they may do, and until when. A token is 256 random bits, so its SHA-256 is kept and not a slow
 * hash: nobody tries 2^256 of them, and a hash that takes 60 ms would be paid with every request. The token itself is kept
 * nowhere.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `operate` is for actions; nothing that only reads needs it. */
export const scopes = ['read:status', 'read:data', 'read:audit', 'operate'] as const;
export type Scope = (typeof scopes)[number];

export interface ApiToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Last nominal day on which it holds, `YYYY-MM-DD`; null when it does not end. */
  readonly lastDay: string | null;
}

export interface ApiTokens {
  /** The token that was made as this text, expired or not; null when there is none. Takes as long either way. */
  readonly find: (text: string) => ApiToken | null;
}

/** What a token begins with, so that programs which look for leaked secrets know one. */
const prefix = 'oikotie_';
const linePattern = /^([\w.@-]{1,64}):([a-z:+]+):sha256\$([\w-]{43})(?::(\d{4}-\d{2}-\d{2}))?$/;

/** A new token, to be shown once. */
export function randomToken(): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

/** The line of a token as `dashboard.tokens` has it: `name:scope+scope:sha256$hash[:last-day]`. */
export function tokenLine(token: string, { name, scopes: granted, lastDay }: ApiToken): string {
  const line = `${name}:${granted.join('+')}:sha256$${digest(token).toString('base64url')}`;
  return lastDay === null ? line : `${line}:${lastDay}`;
}

/** @param lines as `tokenLine` makes them; the configuration has read them before. */
export function createTokens(lines: readonly string[]): ApiTokens {
  const known = lines.map(readLine);
  return {
    find: (text) => {
      const presented = digest(text);
      let found: ApiToken | null = null;
      // All of them, so that the time says nothing of which one it was.
      for (const { hash, token } of known) if (timingSafeEqual(hash, presented)) found = token;
      return found;
    },
  };
}

function readLine(line: string): { readonly hash: Buffer; readonly token: ApiToken } {
  const [, name = '', granted = '', hash = '', lastDay = null] = linePattern.exec(line) ?? [];
  const words = granted.split('+');
  const token = { name, scopes: scopes.filter((scope) => words.includes(scope)), lastDay };
  const bytes = Buffer.from(hash, 'base64url');
  // A line that is none fits no token.
  return { hash: bytes.length === 32 ? bytes : randomBytes(32), token };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
