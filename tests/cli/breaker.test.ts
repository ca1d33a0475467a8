/** `oikotie breaker`: what it prints, what it changes, and that a run obeys it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderBreakers } from '../../cli/breaker-table.ts';
import type { BreakerMetrics } from '../../src/resilience/circuit-breaker.ts';
import { processTime } from './oikotie-process.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

let place: Workplace;

beforeAll(async () => {
  place = await createWorkplace({ helsinki: 3, espoo: 3 });
});
afterAll(() => place.close());

async function list(): Promise<readonly BreakerMetrics[]> {
  const { stdout } = await place.oikotie(['breaker', 'list', '--json']);
  return JSON.parse(stdout) as readonly BreakerMetrics[]; // what `--json` prints
}

describe('breaker', processTime, () => {
  beforeEach(async () => {
    await place.oikotie(['breaker', 'reset', 'Espoo']);
  });

  it('lists the portal and every configured city', async () => {
    const { exitCode, stdout } = await place.oikotie(['breaker', 'list']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^breaker +state +since +next trial +failures +opened\nportal +closed +0\nEspoo +closed /);
    expect(stdout).toMatch(/^Helsinki +closed/m);
  });

  it('names the breakers there are when it does not know the city', async () => {
    const { exitCode, stdout, stderr } = await place.oikotie(['breaker', 'close', 'Esbo']);

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe('breaker close Esbo: expected one of portal, Espoo, Helsinki\n');
  });

  it('holds a city open through a run, which says so, until it is closed', async () => {
    place.configure({
      helsinki: 3,
      espoo: 3,
      globalSettings: { concurrent_cities: 2, circuit_breaker: { max_hold_seconds: 0.2 } },
    });
    await place.oikotie(['breaker', 'open', 'espoo']);

    const held = await place.oikotie(['run', '--json']);
    await place.oikotie(['breaker', 'close', 'Espoo']);
    const free = await place.oikotie(['run', '--json']);

    expect(JSON.parse(held.stdout)).toMatchObject({ status: 'degraded', new: 3 });
    expect(held.stdout).toContain('Espoo was held by the circuit breaker of Espoo for 0 s in all');
    expect(JSON.parse(free.stdout)).toMatchObject({ status: 'completed', new: 3, unchanged: 3 });
  });

  it('keeps each action with its node in the history', async () => {
    const { stderr } = await place.oikotie(['breaker', 'open', 'Espoo'], { environment: { NODE_ID: 'desk-1' } });

    const espoo = (await list()).find(({ name }) => name === 'Espoo');
    expect(espoo).toMatchObject({ status: 'OPEN', isForced: true });
    expect(espoo?.history.at(-1)).toMatchObject({ kind: 'forced_open', nodeId: 'desk-1' });
    expect(stderr).toBe('recorded: circuit breaker of Espoo is held open: by an operator\n');
    expect(readFileSync(join(place.folder, 'state', 'breakers.json'), 'utf8')).toContain('"forced_open"');
    const logs = join(place.folder, 'logs');
    const [auditLog = ''] = readdirSync(logs).filter((name) => name.startsWith('audit_'));
    expect(readFileSync(join(logs, auditLog), 'utf8')).toMatch(/type=OPERATOR_ACTION.*"nodeId":"desk-1"/);
  });

  it('ends with 3 and the reason when the Redis of the cluster is away', async () => {
    const environment = { REDIS_URL: 'redis://:secret@127.0.0.1:1' };

    const { exitCode, stderr } = await place.oikotie(['breaker', 'list'], { environment });

    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^breaker states in Redis: expected to read and write them, got .*ECONNREFUSED/);
    expect(stderr).not.toContain('secret');
  });
});

describe('the table of breakers', () => {
  const open: BreakerMetrics = {
    name: 'Jyväskylän maalaiskunta ja Äänekoski yhdessä',
    status: 'OPEN',
    isForced: false,
    failures: 5,
    windowCalls: 20,
    windowFailures: 11,
    openings: 2,
    retryAtMs: Date.UTC(2026, 10, 22, 4, 10),
    nextTimeoutMs: 600_000,
    isolatedNodes: [{ nodeId: 'node-7', untilMs: Date.UTC(2026, 10, 22, 4) }],
    history: [
      {
        number: 1,
        atMs: Date.UTC(2026, 10, 22, 4),
        kind: 'opened',
        from: 'CLOSED',
        to: 'OPEN',
        nodeId: 'node-1',
        reason: `5 failures in a row; last: Request for http://127.0.0.1/${'long/'.repeat(8)} failed; expected status 200, got 500`,
      },
    ],
  };

  it('fits into 80 characters, says why in whole words and when in Helsinki time', () => {
    const text = renderBreakers([open], 80);

    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatch(/open +2026-11-22 06:00 +2026-11-22 06:10 +5 +2 ×\n/);
    expect(text).toContain('5 failures in a row; last: Request for');
    expect(text).toContain('node-7 fails alone and is kept from asking until 2026-11-22 06:00');
  });
});
