import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlertConfig } from '../../config/config-connections.ts';
import { createFileAlertBook } from '../../queues/file-alert-book.ts';
import type { Alert, Judgement } from '../../src/alerts/alert.ts';
import { createLog } from '../../src/log.ts';
import { createAlertDesk } from '../../workers/alert-desk.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import type { WebServer } from './message-servers.ts';
import { startWebServer } from './message-servers.ts';

let web: WebServer;
let directory = '';
beforeAll(async () => {
  web = await startWebServer();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oikotie-desk-'));
  web.answer = 200;
});
afterEach(() => rmSync(directory, { recursive: true }));
afterAll(() => web.close());

const lines: { level: string; msg: string; error?: string }[] = [];
const log = createLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line)) } });
const never = new AbortController().signal;

function deskOf(pausesMs: readonly number[] = [], alerts: Partial<AlertConfig> = {}) {
  const none = { ntfyUrl: null, ntfyToken: null, smtpUrl: null, emailFrom: null, emailTo: [], deadManUrl: null };
  const limits = { isEnabled: true, runDeadlineMs: 1, breakerOpenMs: 1, queueStuckMs: 1 };
  const config = { nodeId: 'node-1', alerts: { ...none, ...limits, webhookUrl: `${web.origin}/hook`, ...alerts } };
  const book = createFileAlertBook({ directory, onProblem: () => undefined });
  const clock = createFakeClock();
  const outcomes: string[] = [];
  const recorder = { recordDelivery: (channel: string, outcome: string) => outcomes.push(`${channel} ${outcome}`) };
  const desk = createAlertDesk({ config, book, clock, log, signal: never, pausesMs, recorder });
  return { ...desk, book, clock, outcomes };
}

const espoo: Alert = { kind: 'city_incomplete', subject: 'Espoo', summary: 'Espoo is partial' };
const found = (...firing: Alert[]): Judgement => ({ firing, covers: () => true });
const titles = () => web.requests.map(({ body }) => JSON.parse(body).title);

describe('the desk of alerts', () => {
  it('tells an alert once when it opens and once when it is over, by however many processes', async () => {
    const before = web.requests.length;
    await deskOf().settle(found(espoo));
    await deskOf().settle(found({ ...espoo, summary: 'Espoo is still partial' }));
    await deskOf().settle(found(espoo, { ...espoo, subject: 'Oulu' }));
    await deskOf().settle({ firing: [], covers: ({ subject }) => subject === 'Espoo' });

    expect(titles().slice(before)).toEqual([
      'oikotie: 1 alert opened',
      'oikotie: 1 alert opened',
      'oikotie: 1 resolved',
    ]);
    expect((await deskOf().book.open()).map(({ subject }) => subject)).toEqual(['Oulu']);
  });

  it('tries a message that is not taken again, and leaves it to the next process', async () => {
    web.answer = 500;
    const before = web.requests.length;
    const { settle, clock, outcomes } = deskOf([1_000, 5_000]);
    const settled = settle(found(espoo));
    while (web.requests.length < before + 3) {
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.sleepers() > 0) await clock.runNext();
    }
    await settled;
    web.answer = 200;

    await deskOf().deliver();

    expect(outcomes).toEqual(['webhook failed', 'webhook failed', 'webhook failed']);
    expect(lines.map(({ msg }) => msg)).toContain('alerts could not be sent; trying again later');
    expect(web.requests).toHaveLength(before + 4);
    expect(JSON.parse(web.requests.at(-1)?.body ?? '').alerts).toMatchObject([{ subject: 'Espoo', type: 'opened' }]);
    await deskOf().deliver();
    expect(web.requests).toHaveLength(before + 4);
  });

  it('gives a message up after twenty tries, with an error, and tells what comes after it', async () => {
    web.answer = 503;
    const before = web.requests.length;
    const desk = deskOf();
    await desk.settle(found(espoo));
    for (let minute = 0; minute < 30; minute += 1) await desk.deliver();

    expect(web.requests).toHaveLength(before + 20);
    expect(desk.outcomes.at(-1)).toBe('webhook given_up');
    expect(lines.at(-1)).toMatchObject({ level: 'error', error: 'its URL answers with status 503' });
    web.answer = 200;
    await desk.settle(found());
    expect(titles().at(-1)).toBe('oikotie: 1 resolved');
  });

  it("asks the dead man's URL after a complete run only", async () => {
    const before = web.requests.length;
    const { pingAfter } = deskOf([], { deadManUrl: `${web.origin}/alive` });
    await pingAfter({ status: 'degraded', executionId: 'a' });
    await pingAfter({ status: 'interrupted', executionId: 'b' });
    await pingAfter({ status: 'completed', executionId: 'c' });

    expect(web.requests.slice(before)).toMatchObject([{ method: 'GET', path: '/alive' }]);
  });

  it('throws nothing when the book cannot be written', async () => {
    rmSync(directory, { recursive: true });
    directory = mkdtempSync(join(tmpdir(), 'oikotie-desk-'));
    const config = { nodeId: 'n', alerts: {} as AlertConfig };
    const book = createFileAlertBook({ directory: '/dev/null/state', onProblem: () => undefined });

    await createAlertDesk({ config, book, clock: createFakeClock(), log, signal: never }).settle(found(espoo));

    expect(lines.at(-1)).toMatchObject({ level: 'warn', msg: 'alerts could not be kept or told; trying again later' });
  });
});
