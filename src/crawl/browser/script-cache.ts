/**
 * The scripts of the portal, kept as long as the portal says they stay the same: a browser that asks through
 * interception has no cache of its own, and would ask for them again with every page. Bounded in bytes, oldest out first.
 */
import type { Clock } from '../../clock.ts';
import type { FetchedResponse } from '../fetcher.ts';

export interface ScriptCache {
  /** The kept answer for a script; anything else, and what may not be kept, is asked for. */
  readonly fetch: (url: URL, resourceType: string, ask: () => Promise<FetchedResponse>) => Promise<FetchedResponse>;
}

interface Kept {
  readonly response: FetchedResponse;
  readonly untilMs: number;
}

const maxBytes = 32 * 1024 * 1024;

/** Makes an empty cache. */
export function createScriptCache(clock: Clock): ScriptCache {
  const kept = new Map<string, Kept>();
  let bytes = 0;

  function forget(url: string): void {
    bytes -= kept.get(url)?.response.bodyBytes ?? 0;
    kept.delete(url);
  }

  function keep(url: string, response: FetchedResponse): void {
    const ageMs = maxAgeMs(response);
    if (ageMs === 0 || response.bodyBytes > maxBytes) return;
    forget(url);
    kept.set(url, { response, untilMs: clock.now() + ageMs });
    bytes += response.bodyBytes;
    for (const [oldest] of kept) {
      if (bytes <= maxBytes) return;
      forget(oldest);
    }
  }

  return {
    fetch: async (url, resourceType, ask) => {
      if (resourceType !== 'script') return ask();
      const known = kept.get(url.href);
      if (known !== undefined && clock.now() < known.untilMs) return known.response;
      const response = await ask();
      keep(url.href, response);
      return response;
    },
  };
}

/** How long the answer may be used again (RFC 9111, max-age), in milliseconds; 0 = not at all. */
function maxAgeMs({ status, headers }: FetchedResponse): number {
  const control = headers['cache-control'] ?? '';
  if (status !== 200 || /no-store|no-cache/i.test(control)) return 0;
  return Number(/(?:^|[\s,])max-age=(\d{1,9})/i.exec(control)?.[1] ?? 0) * 1000;
}
