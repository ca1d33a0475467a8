/** `oikotie dashboard token`: makes a token for a program, shown this once, and the line of its hash for the configuration. */
import type { Scope } from '../dashboard/auth/tokens.ts';
import { randomToken, scopes, tokenLine } from '../dashboard/auth/tokens.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';

export interface TokenRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  /** Last day, `YYYY-MM-DD`; undefined when it does not end. */
  readonly expires: string | undefined;
}

/** Prints both on stdout; 2 when the name, a scope or the day cannot be read: then there is no token. */
export function runMakeToken({ name, scopes: wanted, expires }: TokenRequest, io: CommandIo): number {
  const problem = problemOf({ name, scopes: wanted, expires });
  if (problem !== null) {
    io.stderr.write(`${problem}\n`);
    return exitCodes.badInput;
  }
  const token = randomToken();
  const granted: readonly Scope[] = scopes.filter((scope) => wanted.includes(scope));
  io.stdout.write(`token ${token}\nline  ${tokenLine(token, { name, scopes: granted, lastDay: expires ?? null })}\n`);
  io.stderr.write(
    'The token is shown this once: give it to the program, which sends "Authorization: Bearer <token>".\n' +
      'The line goes into dashboard.tokens (DASHBOARD_TOKENS); the token holds from the next start of the dashboard\n' +
      'and is revoked by taking the line out again.\n',
  );
  return exitCodes.ok;
}

function problemOf({ name, scopes: wanted, expires }: TokenRequest): string | null {
  if (!/^[\w.@-]{1,64}$/.test(name)) {
    return `--name: expected 1 to 64 letters, digits, or any of . _ @ -, got ${JSON.stringify(name)}`;
  }
  const unknown = wanted.find((scope) => !scopes.some((known) => known === scope));
  if (unknown !== undefined || wanted.length === 0) {
    return `--scope: expected ${scopes.join(', ')}, got ${unknown === undefined ? 'none' : JSON.stringify(unknown)}`;
  }
  if (expires === undefined) return null;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(expires) && !Number.isNaN(Date.parse(expires));
  return isDay ? null : `--expires: expected a day such as 2027-01-31, got ${JSON.stringify(expires)}`;
}
