/**
 * A dashboard for tests: the real server on a free port of this machine, over a published snapshot of a real database, with
 * one viewer and one operator. Made once per file.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperatorActions } from '../../cli/dashboard-actions.ts';
import { openClusterView } from '../../cli/dashboard-cluster.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { hashPassword } from '../../dashboard/auth/passwords.ts';
import { createUsers } from '../../dashboard/auth/users.ts';
import type { Dashboard } from '../../dashboard/dashboard.ts';
import { nothingLive } from '../../dashboard/live/live-sources.ts';
import { startDashboard } from '../../dashboard/server.ts';
import { systemClock } from '../../src/clock.ts';
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { AuditEvent } from '../../src/lineage/audit-event.ts';
import { createLog } from '../../src/log.ts';
import type { Database } from '../../src/storage/database.ts';
import { createPublishedSeries } from '../../src/storage/published-series.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { publishSnapshot } from '../../src/storage/snapshot.ts';
import { openForWriting } from '../storage/samples.ts';

export const passwords = { vera: 'a viewer looks only', otto: 'an operator may act' } as const;
export type Name = keyof typeof passwords;

export interface RunningTestDashboard {
  readonly origin: string;
  readonly config: Config;
  /** The database whose snapshot is shown, open to write. */
  readonly database: Database;
  readonly store: SeriesStore;
  /** What the server was started with. */
  readonly parts: Dashboard;
  readonly audited: readonly AuditEvent[];
  /** What the server logged. */
  readonly logged: readonly string[];
  /** Publishes what is in the database now. */
  readonly publish: () => Promise<void>;
  /** A browser's cookies and nothing else: asks as nobody, or as who has signed in. */
  readonly visitor: (name?: Name) => Promise<Visitor>;
  readonly close: () => Promise<void>;
}

export interface Visitor {
  /** Asks for a path without following where it leads. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** The text of a page that answers 200. */
  readonly page: (path: string) => Promise<string>;
  /** Sends a form with the session's own token, unless `fields` brings another. */
  readonly post: (
    path: string,
    fields?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  readonly cookies: () => string;
}

export interface TestDashboardChoices {
  /** Fills the database before its first snapshot. */
  readonly fill?: (store: SeriesStore, database: Database) => Promise<void>;
  readonly nowMs?: () => number;
  /** More of the file's global_settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly parts?: (config: Config) => Partial<Dashboard>;
}

/** Starts it; the caller closes it. */
export async function startTestDashboard(choices: TestDashboardChoices = {}): Promise<RunningTestDashboard> {
  const folder = mkdtempSync(join(tmpdir(), 'oikotie-dashboard-'));
  const databasePath = join(folder, 'series.duckdb');
  const clock = choices.nowMs === undefined ? systemClock : { ...systemClock, now: choices.nowMs };
  const database = await openForWriting(databasePath);
  const store = createSeriesStore({ database, clock });
  await choices.fill?.(store, database);
  await publishSnapshot(database);
  const config = configIn(folder, databasePath, choices.settings ?? {});
  const series = createPublishedSeries({ databasePath, memoryLimit: '256MB', threads: 1, connections: 2 });
  const audited: AuditEvent[] = [];
  const logged: string[] = [];
  const users = await Promise.all([
    hashPassword(passwords.vera).then((hash) => `vera:viewer:${hash}`),
    hashPassword(passwords.otto).then((hash) => `otto:operator:${hash}`),
  ]);
  const log = createLog({ level: 'info', destination: { write: (line: string) => logged.push(line) } });
  const audit = (event: AuditEvent) => void audited.push(event);
  const cluster = openClusterView({ config, log, series });
  const closeParts = async () => {
    await cluster.close();
    await series.close();
    await database.close();
    rmSync(folder, { recursive: true });
  };
  const parts: Dashboard = {
    config: config.dashboard,
    scraper: config,
    series,
    live: nothingLive,
    users: createUsers(users),
    sessionSecret: 'a secret of the tests that signs nothing else',
    clock,
    ...{ log, audit, cluster, nodeId: 'test-node' },
    datasetsFolder: join(folder, 'dataset'),
    // What is changed is published by the test.
    actions: createOperatorActions({ config, log, audit, onChanged: async () => undefined }),
    ...choices.parts?.(config),
  };
  const running = await startDashboard(parts).catch(async (error: unknown) => {
    await closeParts();
    throw error;
  });
  return {
    origin: running.origin,
    parts,
    config,
    database,
    store,
    audited,
    logged,
    publish: async () => {
      await publishSnapshot(database);
    },
    visitor: (name) => visit(running.origin, name),
    close: async () => {
      await running.close();
      await closeParts();
    },
  };
}

/** Helsinki and Espoo at the portal, which nobody asks, and what the test wants else. */
function configIn(folder: string, databasePath: string, settings: Readonly<Record<string, unknown>>): Config {
  const path = join(folder, 'config.json');
  const search = 'https://asunnot.oikotie.fi/myytavat-asunnot?cardType=100&locations=';
  const tasks = Object.entries({ Helsinki: 64, Espoo: 39 }).map(([city, id]) => ({
    ...{ city, enabled: true },
    url: `${search}${encodeURIComponent(JSON.stringify([[id, 6, city]]))}`,
  }));
  const own = { database_path: databasePath, logs_directory: join(folder, 'logs'), dashboard: { port: 0 } };
  writeFileSync(path, JSON.stringify({ tasks, global_settings: { ...own, ...settings } }));
  return loadConfig({ path, environment: {} }).config;
}

async function visit(origin: string, name?: Name): Promise<Visitor> {
  const jar = new Map<string, string>();
  const cookies = () => [...jar].map(([key, value]) => `${key}=${value}`).join('; ');
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { accept: 'text/html', cookie: cookies(), ...Object.fromEntries(new Headers(init.headers)) };
    const response = await fetch(`${origin}${path}`, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  };
  const get: Visitor['get'] = (path, headers = {}) => ask(path, { headers });
  const page: Visitor['page'] = async (path) => {
    const response = await get(path);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`expected 200 for ${path}, got ${response.status}: ${text}`);
    return text;
  };
  const tokenOf = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const post: Visitor['post'] = async (path, fields = {}, headers = {}) => {
    const form = await get(name === undefined || !jar.has('oikotie_session') ? '/sign-in' : '/');
    const body = new URLSearchParams({ _csrf: tokenOf(await form.text()), ...fields });
    return ask(path, { method: 'POST', body, headers });
  };
  if (name !== undefined) {
    const signIn = await get('/sign-in');
    const body = new URLSearchParams({ _csrf: tokenOf(await signIn.text()), name, password: passwords[name] });
    const answer = await ask('/sign-in', { method: 'POST', body });
    if (answer.status !== 303) throw new Error(`${name} could not sign in: ${answer.status}`);
  }
  return { get, page, post, cookies };
}
