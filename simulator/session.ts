/**
 * Session tokens of the simulated portal, as search pages hand them out and the search API asks them back. Tokens are
 * computed, not kept, so a long run needs no memory for them.
 */
import { createHash } from 'node:crypto';

export interface SessionTokens {
  /** 64 hex digits. */
  readonly token: string;
  /** Unix seconds of the page's rendering. */
  readonly loaded: string;
  /** 40 hex digits. */
  readonly cuid: string;
}

export interface SessionBook {
  readonly issue: () => SessionTokens;
  /** 200 when the three headers belong together and are fresh, 401 when one is missing, 403 when stale or wrong. */
  readonly statusOf: (headers: Readonly<Record<string, string | string[] | undefined>>) => 200 | 401 | 403;
  /** Makes every token given out so far invalid. */
  readonly expireAll: () => void;
}

/** A book of tokens; `lifetimeMs` is asked at every check so that it can change while running. */
export function createSessionBook(input: {
  readonly seed: number;
  readonly now: () => number;
  readonly lifetimeMs: () => number;
}): SessionBook {
  let issued = 0;
  let epoch = 0;
  const tokenOf = (loaded: string, cuid: string): string =>
    digest('sha256', `${input.seed}|${epoch}|${loaded}|${cuid}`);
  return {
    issue: () => {
      issued += 1;
      const loaded = String(Math.floor(input.now() / 1000));
      const cuid = digest('sha1', `${input.seed}|${issued}`);
      return { token: tokenOf(loaded, cuid), loaded, cuid };
    },
    statusOf: (headers) => {
      const token = headers['ota-token'];
      const loaded = headers['ota-loaded'];
      const cuid = headers['ota-cuid'];
      if (typeof token !== 'string' || typeof loaded !== 'string' || typeof cuid !== 'string') return 401;
      const ageMs = input.now() - Number(loaded) * 1000;
      return token === tokenOf(loaded, cuid) && ageMs <= input.lifetimeMs() ? 200 : 403;
    },
    expireAll: () => {
      epoch += 1;
    },
  };
}

function digest(algorithm: 'sha1' | 'sha256', text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}
