/**
 * Every fault of a listing page, by HTTP and in a real browser: its category, the tries made, what becomes of the listing,
 * its row, its city's breaker, and the requests it cost. Each fault has a city and a breaker of its own, in one run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { FaultInput } from '../../simulator/faults.ts';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { createWorld } from '../../simulator/world.ts';
import { chromiumPath } from '../chromium-path.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRigFor } from './run-against-simulator.ts';
import { queryRows, storedRecords } from './stored-records.ts';

interface Row {
  readonly fault: Omit<FaultInput, 'kinds' | 'city'>;
  /** Null: the listing is stored. */
  readonly category: string | null;
  /** Tries that counted. */
  readonly attempts: number;
  /** Requests for the listing's own page. */
  readonly requests: number;
  readonly outcome: 'new' | 'failed' | 'removed';
  readonly breaker: 'OPEN' | 'CLOSED';
}

const stored = { category: null, attempts: 0, requests: 1, outcome: 'new', breaker: 'CLOSED' } as const;
const triedThrice = { attempts: 3, requests: 3, outcome: 'failed', breaker: 'OPEN' } as const;
const triedOnce = {
  category: 'PARSING_ERROR',
  attempts: 1,
  requests: 1,
  outcome: 'failed',
  breaker: 'CLOSED',
} as const;
const gone = { category: 'GONE', attempts: 1, requests: 1, outcome: 'removed', breaker: 'CLOSED' } as const;
/** Costs no attempt, so it ends with the bound on starts. */
const limited = { category: 'RATE_LIMIT', attempts: 1, requests: 10, outcome: 'failed', breaker: 'OPEN' } as const;

const rows: readonly Row[] = [
  { fault: { type: 'http_500' }, category: 'SERVER_ERROR', ...triedThrice },
  { fault: { type: 'http_401' }, category: 'BLOCKED', ...triedThrice },
  { fault: { type: 'http_403' }, category: 'BLOCKED', ...triedThrice },
  { fault: { type: 'http_429', retryAfterSeconds: 0 }, ...limited },
  { fault: { type: 'http_503_retry_after', retryAfterSeconds: 0 }, ...limited },
  { fault: { type: 'connection_reset' }, category: 'NETWORK_ERROR', ...triedThrice },
  { fault: { type: 'truncated', variant: 'short_body' }, category: 'NETWORK_ERROR', ...triedThrice },
  { fault: { type: 'hang' }, category: 'TIMEOUT', ...triedThrice },
  { fault: { type: 'block_page', variant: 'challenge_200' }, category: 'BLOCKED', ...triedThrice },
  { fault: { type: 'block_page', variant: 'challenge_403' }, category: 'BLOCKED', ...triedThrice },
  { fault: { type: 'truncated', variant: 'half_body' }, ...triedOnce },
  { fault: { type: 'malformed' }, ...triedOnce },
  { fault: { type: 'empty_body' }, ...triedOnce },
  { fault: { type: 'huge_body' }, ...triedOnce },
  { fault: { type: 'wrong_charset' }, ...triedOnce },
  { fault: { type: 'redirect_elsewhere', variant: 'evil' }, ...triedOnce },
  { fault: { type: 'redirect_elsewhere', variant: 'loopback' }, ...triedOnce },
  { fault: { type: 'removed', variant: 'not_found' }, ...gone },
  { fault: { type: 'removed', variant: 'gone' }, ...gone },
  { fault: { type: 'removed', variant: 'poistunut' }, ...gone },
  { fault: { type: 'removed', variant: 'myyty' }, ...gone },
  { fault: { type: 'removed', variant: 'redirect' }, ...gone },
  { fault: { type: 'slow', delayMs: 50 }, ...stored },
];

const cities = [
  ...['Hämeenlinna', 'Lahti', 'Kuopio', 'Jyväskylä', 'Pori', 'Joensuu', 'Lappeenranta', 'Vaasa', 'Kotka', 'Rovaniemi'],
  ...[
    'Seinäjoki',
    'Mikkeli',
    'Kouvola',
    'Porvoo',
    'Kokkola',
    'Hyvinkää',
    'Nurmijärvi',
    'Järvenpää',
    'Rauma',
    'Tuusula',
  ],
  ...['Kerava', 'Kajaani', 'Savonlinna'],
];

/** One listing in each city, so that nothing but the fault moves its breaker after the list was read. */
function startPortal(): Promise<RunningSimulator> {
  const world = createWorld({
    seed: 7,
    cities: cities.map((name, index) => ({ name, locationId: 1_000 + index, saleCount: 1, rentCount: 0 })),
  });
  return startSimulator({ world });
}

function configFor(simulator: RunningSimulator, folder: string, fetchMode: 'http' | 'browser') {
  const quickRetry = { max_attempts: 3, base_delay_seconds: 0.02, max_delay_seconds: 0.1 };
  return {
    tasks: cities.map((city) => ({
      city,
      enabled: true,
      url: simulator.searchUrl(city, 'sale'),
      rate_limit_seconds: 0,
      fetch_mode: fetchMode,
    })),
    global_settings: {
      database_path: join(folder, 'series.duckdb'),
      logs_directory: null,
      concurrent_cities: 8,
      crawler: {
        contact: 'test@example.org',
        max_requests_per_second: null,
        request_timeout_seconds: fetchMode === 'browser' ? 4 : 2,
      },
      retry: { listing: quickRetry, city: quickRetry },
      circuit_breaker: {
        failure_threshold: 3,
        portal_failure_threshold: 1_000,
        recovery_timeout: 0.05,
        max_recovery_timeout: 0.05,
      },
      politeness: { adaptive_slow_down: false },
      database: { batch_delay_ms: 50 },
      browser: { executable_path: chromiumPath },
    },
  };
}

function requestsForListing({ simulator }: Rig, city: string): number {
  const [listing] = simulator.world.truth(city, 'sale', simulator.origin);
  const path = new URL(listing?.url ?? '').pathname;
  return simulator.requestLog.entries().filter((entry) => entry.path === path).length;
}

/** Whether the city's breaker ever opened in the run. */
function breakerOf({ config }: Rig, city: string): Row['breaker'] {
  const file: unknown = JSON.parse(readFileSync(join(config.stateDirectory, 'breakers.json'), 'utf8'));
  const { breakers } = file as { breakers: Record<string, { state: { history: readonly { kind: string }[] } }> };
  const history = breakers[city]?.state.history ?? [];
  return history.some(({ kind }) => kind === 'opened') ? 'OPEN' : 'CLOSED';
}

interface ListRow {
  readonly fault: Omit<FaultInput, 'city'>;
  /** Null: no listing and no search page failed. */
  readonly category: string | null;
  readonly verdict: 'complete' | 'failed' | 'foreign';
  readonly breaker: 'OPEN' | 'CLOSED';
}

const refused = { verdict: 'failed', breaker: 'OPEN' } as const;

/** Faults of the list, and of a label; what ends so by HTTP ends so in a browser. */
const listRows: readonly ListRow[] = [
  { fault: { type: 'http_500', kinds: ['search'] }, category: 'SERVER_ERROR', ...refused },
  { fault: { type: 'http_401', kinds: ['search'] }, category: 'BLOCKED', ...refused },
  { fault: { type: 'http_403', kinds: ['search'] }, category: 'BLOCKED', ...refused },
  { fault: { type: 'connection_reset', kinds: ['search'] }, category: 'NETWORK_ERROR', ...refused },
  { fault: { type: 'hang', kinds: ['search'] }, category: 'TIMEOUT', ...refused },
  { fault: { type: 'block_page', kinds: ['search'] }, category: 'BLOCKED', ...refused },
  { fault: { type: 'error_envelope', kinds: ['search'] }, category: 'WRONG_PAGE', ...refused },
  { fault: { type: 'error_state', kinds: ['search'] }, category: 'WRONG_PAGE', ...refused },
  {
    fault: { type: 'malformed', kinds: ['search'] },
    category: 'PARSING_ERROR',
    verdict: 'failed',
    breaker: 'CLOSED',
  },
  {
    fault: { type: 'foreign_city', kinds: ['search'], count: 3 },
    category: null,
    verdict: 'foreign',
    breaker: 'CLOSED',
  },
  {
    fault: { type: 'renamed_label', kinds: ['listing'], label: 'Kunto', renamedTo: 'Asunnon tila' },
    category: null,
    verdict: 'complete',
    breaker: 'CLOSED',
  },
];

async function playAll(fetchMode: 'http' | 'browser') {
  const simulator = await startPortal();
  const rig = await createRigFor(simulator, (folder) => configFor(simulator, folder, fetchMode));
  onTestFinished(rig.close);
  for (const [index, { fault }] of rows.entries()) {
    simulator.faults.add({ ...fault, kinds: ['listing'], city: cities[index] ?? '' });
  }
  await rig.run();
  const { databasePath } = rig.config;
  const outcomes = await queryRows(
    databasePath,
    `select e.city, e.outcome, f.category, coalesce(f.attempts, 0) as attempts
      from execution_listings e left join failed_listings f on f.city = e.city and f.key = e.listing_id`,
  );
  const truth = new Map(cities.map((city) => [city, simulator.world.truth(city, 'sale', simulator.origin)[0]]));
  return { rig, outcomes, records: [...(await storedRecords(databasePath)).values()], truth };
}

it.each(['http', 'browser'] as const)('every fault of a listing by %s', { timeout: 120_000 }, async (fetchMode) => {
  const { rig, outcomes, records, truth } = await playAll(fetchMode);

  const seen = rows.map(({ fault }, index) => {
    const city = cities[index] ?? '';
    const { outcome, category, attempts } = outcomes.find((each) => each['city'] === city) ?? {};
    const [breaker, requests] = [breakerOf(rig, city), requestsForListing(rig, city)];
    return { fault, category, attempts, requests, outcome, breaker };
  });
  expect(seen).toEqual(rows);
  expect(records).toEqual([truth.get(cities[rows.length - 1] ?? '')]);
});

it.each(['http', 'browser'] as const)('every fault of a list by %s', { timeout: 120_000 }, async (fetchMode) => {
  const simulator = await startPortal();
  const rig = await createRigFor(simulator, (folder) => configFor(simulator, folder, fetchMode));
  onTestFinished(rig.close);
  for (const [index, { fault }] of listRows.entries()) simulator.faults.add({ ...fault, city: cities[index] ?? '' });

  const result = await rig.run({ cities: cities.slice(0, listRows.length) });

  const failures = await queryRows(rig.config.databasePath, 'select city, category from failed_listings');
  const seen = listRows.map(({ fault }, index) => {
    const city = cities[index] ?? '';
    const verdict = result.cities.find((each) => each.city === city)?.verdict;
    const category = failures.find((each) => each['city'] === city)?.['category'] ?? null;
    return { fault, category, verdict, breaker: breakerOf(rig, city) };
  });
  expect(seen).toEqual(listRows);
  expect(result.cities.every(({ goneCandidates }) => goneCandidates === 0)).toBe(true);
});
