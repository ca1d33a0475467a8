/** Pages that are kept right while they are open: what a stream says, when, and to whom. */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { LiveRun } from '../../dashboard/live/live-sources.ts';
import { nothingLive } from '../../dashboard/live/live-sources.ts';
import type { CityProgress } from '../../src/jobs/city-progress.ts';
import { runCity } from '../storage/city-run.ts';
import type { RunningTestDashboard, Visitor } from './running-dashboard.ts';
import { startTestDashboard } from './running-dashboard.ts';

const executionId = 'daily-2026-11-22';
const helsinki: CityProgress = {
  ...{ city: 'Helsinki', settled: 40, total: 100, portalTotal: 100, requests: 45, requestsPerSecond: 0.9 },
  ...{ allowedPerSecond: 1, new: 4, changed: 2, unchanged: 33, failed: 1, etaMs: null, isDone: false },
};

let dashboard: RunningTestDashboard;
let vera: Visitor;
/** Ahead of the system's clock by whatever a test wants. */
let aheadMs = 0;
const nowMs = () => Date.parse('2026-11-22T09:00:00Z') + (Date.now() - startedMs) + aheadMs;
const startedMs = Date.now();
let runs: () => Promise<readonly LiveRun[]>;
const runOf = (changes: Partial<LiveRun> = {}): LiveRun => ({
  ...{ executionId, startedAtMs: nowMs(), movedAtMs: nowMs(), isAlive: true, planned: ['Espoo', 'Helsinki'] },
  cities: [helsinki],
  ...changes,
});

beforeAll(async () => {
  runs = async () => [];
  dashboard = await startTestDashboard({
    nowMs,
    parts: () => ({ live: { ...nothingLive, runs: () => runs() } }),
    fill: async (store) => {
      const nominalDay = '2026-11-22';
      const cities = ['Espoo', 'Helsinki'].map((city) => ({ city, listingLimit: null }));
      await store.startExecution({ executionId, nominalDay, startedAtUtc: '2026-11-22T03:00:00.000Z', cities });
      await runCity(store, 22, { city: 'Espoo', pages: ['3'], hour: 3 });
    },
  });
  vera = await dashboard.visitor('vera');
});
afterAll(() => dashboard.close());

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Stream {
  readonly status: number;
  /** Parts as the page has them by now. */
  readonly parts: ReadonlyMap<string, string>;
  readonly events: readonly string[];
  readonly isEnded: () => boolean;
}

async function listen(visitor: Visitor, path = '/live/today', headers = {}): Promise<Stream> {
  const response = await visitor.get(path, headers);
  const parts = new Map<string, string>();
  const events: string[] = [];
  let isEnded = false;
  const reader = response.body?.getReader();
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) break;
      text += decoder.decode(chunk.value, { stream: true });
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const [, event, data] = /^(?:id: \S+\n)?event: (\w+)\ndata: (.*)$/s.exec(message) ?? [];
        if (event === undefined || data === undefined) continue;
        events.push(event);
        for (const [name, html] of Object.entries(JSON.parse(data).parts ?? {})) parts.set(name, String(html));
      }
    }
    isEnded = true;
  };
  const reading = read().catch(() => {
    isEnded = true;
  });
  ends.push(async () => {
    await reader?.cancel();
    await reading;
  });
  return { status: response.status, parts, events, isEnded: () => isEnded };
}

const until = (isThere: () => boolean | undefined) => vi.waitUntil(isThere, { timeout: 20_000, interval: 10 });

it('begins with everything, then sends a part only when it has changed', async () => {
  runs = async () => [runOf({ startedAtMs: 0, movedAtMs: nowMs() })];
  const stream = await listen(vera);
  await until(() => stream.parts.get('city:Helsinki')?.includes('39 / 100'));
  const cities = ['city:Espoo', 'city:Helsinki'];
  const days = ['days', 'days:Espoo', 'days:Helsinki'];
  expect([...stream.parts.keys()]).toEqual(['lead', 'published', 'runs', ...cities, 'retired', ...days]);
  expect(stream.parts.get('lead')).toContain('1 of 2 cities are complete so far.');
  const before = stream.events.length;
  runs = async () => [runOf({ cities: [{ ...helsinki, settled: 60 }] })];
  await until(() => stream.parts.get('city:Helsinki')?.includes('59 / 100'));
  expect(stream.events.slice(before)).toContain('parts');
});

it('sends a page only what has changed since it was loaded, or since it was last heard', async () => {
  const run = runOf({ startedAtMs: 0, movedAtMs: nowMs() });
  runs = async () => [run];
  aheadMs += 2_000;
  const page = await vera.page('/');
  const seen = /data-live_seen="([^"]+)"/.exec(page)?.[1] ?? '';
  const same = await listen(vera, `/live/today?seen=${seen}`);
  await until(() => same.events.length > 0);
  expect(same.events[0]).toBe('beat');
  expect([...same.parts.keys()]).toEqual([]);

  runs = async () => [{ ...run, cities: [{ ...helsinki, settled: 70 }] }];
  await until(() => same.parts.get('city:Helsinki')?.includes('69 / 100'));
  expect([...same.parts.keys()]).toEqual(['city:Helsinki']);
  const again = await listen(vera, '/live/today?seen=nonsense', { 'last-event-id': seen });
  await until(() => again.parts.size > 0);
  expect([...again.parts.keys()]).toEqual(['city:Helsinki']);
  const unknown = await listen(vera, '/live/today?seen=nonsense');
  await until(() => unknown.parts.has('lead'));
});

it('says that a run stands still, and since when', async () => {
  const movedAtMs = nowMs() - 300_000;
  runs = async () => [runOf({ movedAtMs })];
  const stream = await listen(vera);
  await until(() => stream.parts.get('runs')?.includes('stands still: nothing has moved since'));
});

it('says that a run broke off when its process is gone, and what became of its cities', async () => {
  runs = async () => [runOf({ isAlive: false })];
  const stream = await listen(vera);
  await until(() => stream.parts.get('runs')?.includes('broke off: no process works on it any more'));
  expect(stream.parts.get('city:Helsinki')).toContain('broken off');
  expect(stream.parts.get('lead')).toContain('1 of 2 cities are not complete today.');
});

it('shows what is published though what goes on cannot be seen, and says so', async () => {
  runs = async () => {
    throw new Error('no Redis answers');
  };
  const stream = await listen(vera);
  await until(() => stream.parts.get('runs')?.includes('What goes on now cannot be seen: no Redis answers'));
  expect(stream.parts.get('runs')).toContain('whether it still is cannot be seen');
  expect(stream.parts.get('city:Espoo')).toContain('complete');
});

it('looks once for all who watch', async () => {
  let looks = 0;
  runs = async () => {
    looks++;
    return [runOf()];
  };
  const streams = await Promise.all(Array.from({ length: 20 }, () => listen(vera)));
  await until(() => streams.every(({ parts }) => parts.has('lead')));
  // One for each second that went by, and not for each of the twenty.
  expect(looks).toBeLessThan(10);
});

it('is shown to nobody who has not signed in, and ends with the session', async () => {
  runs = async () => [runOf()];
  const nobody = await dashboard.visitor();
  expect((await nobody.get('/live/today', { accept: 'text/event-stream' })).status).toBe(401);
  const stream = await listen(vera);
  await until(() => stream.parts.has('lead'));
  aheadMs += 13 * 3_600_000;
  await until(() => stream.events.includes('leave') && stream.isEnded());
  aheadMs -= 13 * 3_600_000;
});

it('escapes what the portal or a program wrote', async () => {
  runs = async () => {
    throw new Error('<script>alert(1)</script>');
  };
  const stream = await listen(vera);
  await until(() => stream.parts.get('runs')?.includes('&lt;script>alert(1)&lt;/script>'));
});
