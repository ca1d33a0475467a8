/**
 * People who look at the first page of a dashboard, as a process of their own: each loads the page, holds its live stream open,
 * and loads it again after a while, as browsers do. `watch-process <origin> <viewers> <reload ms>`; ends when its standard input
 * closes, and prints what it saw as JSON.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Watched {
  /** Milliseconds until each page was there. */
  readonly pages: readonly number[];
  /** Messages that the streams brought. */
  readonly messages: number;
  readonly pageBytes: number;
  readonly streamBytes: number;
}

const [origin, viewers, reloadMs] = process.argv.slice(2);
const leaving = new AbortController();
// Every viewer waits for it.
setMaxListeners(0, leaving.signal);
const pages: number[] = [];
let [messages, pageBytes, streamBytes] = [0, 0, 0];

async function follow(path: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${origin}${path}`, { signal });
  for await (const chunk of response.body ?? []) {
    streamBytes += chunk.length;
    messages += Buffer.from(chunk).toString().split('\n\n').length - 1;
  }
}

async function view(): Promise<void> {
  // They do not all come at once.
  await pause(Math.random());
  while (!leaving.signal.aborted) {
    const beginMs = performance.now();
    const page = await fetch(`${origin}/`, { signal: leaving.signal })
      .then((response) => response.text())
      .catch(() => null);
    if (page === null) continue;
    pages.push(performance.now() - beginMs);
    pageBytes += page.length;
    const [, path, seen] = /data-live="([^"]+)" data-live_seen="([^"]+)"/.exec(page) ?? [];
    if (path === undefined || seen === undefined) throw new Error('expected a page that names its stream');
    const left = new AbortController();
    const following = follow(`${path}?seen=${seen}`, AbortSignal.any([left.signal, leaving.signal])).catch(
      () => undefined,
    );
    await pause(0.5 + Math.random());
    left.abort();
    await following;
  }
}

/** Shares of the time between two loads. */
async function pause(share: number): Promise<void> {
  await sleep(Number(reloadMs) * share, undefined, { signal: leaving.signal }).catch(() => undefined);
}

process.stdin.resume();
process.stdin.on('end', () => leaving.abort());
await Promise.all(Array.from({ length: Number(viewers) }, view));
const watched: Watched = { pages, messages, pageBytes, streamBytes };
process.stdout.write(JSON.stringify(watched));
