/**
 * Starts the simulated portal on a socket: request log, faults, healthy answers, and the control API under
 * `/__control/`. It serves 127.0.0.1 by default and never talks to any other machine.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { text } from './answer.ts';
import { createControl, isControlPath } from './control.ts';
import type { Plan } from './fault-plan.ts';
import { planOf } from './fault-plan.ts';
import type { Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import type { Portal, PortalSettings } from './portal.ts';
import { createPortal } from './portal.ts';
import type { PortalRequest } from './portal-request.ts';
import { portalRequestOf } from './portal-request.ts';
import type { OpenRequest, RequestLog } from './request-log.ts';
import { createRequestLog } from './request-log.ts';
import { sendAnswer, sendPlan } from './send-plan.ts';
import { createSessionBook } from './session.ts';
import type { World } from './world.ts';
import { createWorld } from './world.ts';

export interface SimulatorOptions {
  readonly world?: World;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly settings?: Partial<PortalSettings>;
  /** Rendered listing pages kept in memory, about 75 KB each; default 2000. */
  readonly cachedPages?: number;
  /** Milliseconds since the epoch; default the system's clock with sub-millisecond precision. */
  readonly now?: () => number;
}

export interface RunningSimulator {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Search URL of a city as a task's `url` has it. @throws Error when the world has no such city. */
  readonly searchUrl: (city: string, dealType: 'sale' | 'rent') => string;
  readonly world: World;
  readonly faults: Faults;
  readonly requestLog: RequestLog;
  /** Changing a field takes effect with the next request. */
  readonly settings: PortalSettings;
  /** Makes all session tokens given out so far invalid. */
  readonly expireSessions: () => void;
  /** Ends every connection, hung ones too, and frees the port. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a simulator; who starts it closes it.
 * @throws Error of node:net when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const world = options.world ?? createWorld();
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const settings: PortalSettings = { ...defaultSettings(), ...options.settings };
  const sessions = createSessionBook({ seed: world.seed, now, lifetimeMs: () => settings.tokenLifetimeMs });
  const parts: Parts = {
    world,
    now,
    settings,
    portal: createPortal({ world, sessions, settings, cachedPages: options.cachedPages }),
    faults: createFaults(),
    requestLog: createRequestLog(),
    closing: new AbortController(),
  };
  const control = createControl({ ...parts, expireSessions: sessions.expireAll });
  const server = createServer((request, response) => {
    if (isControlPath(request.url ?? '')) void control(request, response);
    else void serve(request, response, parts);
  });
  server.keepAliveTimeout = 60_000;
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const origin = originOf(server, options.host ?? '127.0.0.1');
  return {
    origin,
    searchUrl: (city, dealType) => searchUrlOf(world, origin, city, dealType),
    world,
    faults: parts.faults,
    requestLog: parts.requestLog,
    settings,
    expireSessions: sessions.expireAll,
    close: () => closeServer(server, parts.closing),
  };
}

interface Parts {
  readonly world: World;
  readonly now: () => number;
  readonly settings: PortalSettings;
  readonly portal: Portal;
  readonly faults: Faults;
  readonly requestLog: RequestLog;
  readonly closing: AbortController;
}

async function serve(incoming: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const at = parts.now();
  const method = incoming.method ?? 'GET';
  const request = portalRequestOf({ method, target: incoming.url ?? '/', headers: incoming.headers }, parts.world);
  const logged = parts.requestLog.open({
    at,
    method,
    path: incoming.url ?? '/',
    kind: request.kind,
    city: request.city,
    userAgent: incoming.headers['user-agent'] ?? '',
  });
  if (method !== 'GET' && method !== 'HEAD') {
    sendAnswer(text(405, 'Method not allowed'), response, logged, true);
    return;
  }
  const { signal } = parts.closing;
  try {
    const plan = nextPlan(request, logged, parts);
    await sendPlan({ plan, response, logged, hasBody: method !== 'HEAD', signal });
  } catch (error) {
    // Closing the simulator ends every wait; the sockets are closed by then.
    if (!signal.aborted) response.destroy(error instanceof Error ? error : undefined);
  }
}

function nextPlan(request: PortalRequest, logged: OpenRequest, parts: Parts): Plan {
  const { portal, world, now, settings } = parts;
  const rule = parts.faults.hit(request);
  if (rule === null) return { kind: 'answer', answer: portal.answer(request), delayMs: settings.latencyMs };
  logged.mark({ fault: rule.type });
  return planOf({ rule, request, portal, world, now });
}

function defaultSettings(): PortalSettings {
  return {
    tokenLifetimeMs: 1_800_000,
    crawlDelaySeconds: null,
    cardMarkup: 'v3',
    latencyMs: 0,
    sendsValidators: false,
  };
}

function searchUrlOf(world: World, origin: string, cityName: string, dealType: 'sale' | 'rent'): string {
  const city = world.cities.find((candidate) => candidate.name === cityName);
  if (city === undefined) {
    const known = world.cities.map((candidate) => candidate.name).join(', ');
    throw new Error(`search URL failed on "${cityName}"; expected one of ${known}`);
  }
  const locations = encodeURIComponent(`[[${city.locationId},6,"${city.name}"]]`).replaceAll('%2C', ',');
  const [path, cardType] = dealType === 'sale' ? ['myytavat-asunnot', 100] : ['vuokra-asunnot', 101];
  return `${origin}/${path}?locations=${locations}&cardType=${cardType}`;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function originOf(server: Server, host: string): string {
  // A TCP server that listens has an AddressInfo; the other cases are pipes and closed servers.
  const { port } = server.address() as AddressInfo;
  return `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
}

function closeServer(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
