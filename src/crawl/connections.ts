/**
 * The connections requests travel on: one pool straight to the portal, whose names are looked up and checked here, and
 * one for each proxy. A proxy looks names up itself, so behind one only the host rules hold, not the address check.
 * Whoever makes the connections closes them.
 */
import { lookup as systemLookup } from 'node:dns';
import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import type { Dispatcher, ProxyAgent } from 'undici';
import Agent from 'undici/lib/dispatcher/agent.js';
import type { HostRules } from './allowed-hosts.ts';
import { createCheckedLookup } from './checked-lookup.ts';
import type { ProxySettings } from './proxies.ts';
import { proxyFor } from './proxies.ts';

export interface ConnectionOptions {
  readonly hosts: HostRules;
  readonly proxies: ProxySettings;
  readonly connectTimeoutMs: number;
  /** Looks names up; by default the system does. */
  readonly lookup?: LookupFunction;
}

export interface Route {
  readonly dispatcher: Dispatcher;
  /** Host and port of the proxy, without its credentials; null without a proxy. */
  readonly proxyHost: string | null;
}

export interface Connections {
  readonly routeFor: (url: URL, city: string | null) => Route;
  readonly close: () => Promise<void>;
}

/** Idle connections are kept this long unless the server says otherwise. */
const keepAliveMs = 15_000;
/** Time limits are kept by the exchange, not by the pool. */
const poolOptions = { keepAliveTimeout: keepAliveMs, headersTimeout: 0, bodyTimeout: 0 } as const;

/** Makes the pools; the one of a proxy when it is first used. */
export function createConnections(options: ConnectionOptions): Connections {
  const { hosts, proxies, connectTimeoutMs: timeout } = options;
  const lookup = createCheckedLookup(options.lookup ?? systemLookup, hosts);
  const direct: Route = { dispatcher: new Agent({ ...poolOptions, connect: { timeout, lookup } }), proxyHost: null };
  const byProxy = new Map<string, Route>();

  function routeThrough(proxyUrl: string): Route {
    const known = byProxy.get(proxyUrl);
    if (known !== undefined) return known;
    const route = { dispatcher: createProxyAgent(proxyUrl, timeout), proxyHost: new URL(proxyUrl).host };
    byProxy.set(proxyUrl, route);
    return route;
  }

  return {
    routeFor: (url, city) => {
      const proxyUrl = proxyFor(proxies, url, city);
      return proxyUrl === null ? direct : routeThrough(proxyUrl);
    },
    close: async () => {
      await Promise.all([direct, ...byProxy.values()].map(({ dispatcher }) => dispatcher.destroy()));
    },
  };
}

/**
 * An agent that asks http:// addresses by their whole URL and tunnels https:// ones (CONNECT), as most proxies want it.
 * The credentials go into a header and nowhere else: undici's errors may name the URL.
 */
function createProxyAgent(proxyUrl: string, timeout: number): ProxyAgent {
  const { username, password, origin } = new URL(proxyUrl);
  // The whole of undici, which a proxy needs and nothing else does; `require` because a route is chosen at once.
  const whole = createRequire(import.meta.url)('undici') as typeof import('undici');
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return new whole.ProxyAgent({
    ...poolOptions,
    uri: origin,
    ...(username === '' ? {} : { token: `Basic ${Buffer.from(pair).toString('base64')}` }),
    proxyTunnel: false,
    proxyTls: { timeout },
    requestTls: { timeout },
    factory: (target, targetOptions) => new whole.Pool(target, { ...targetOptions, ...poolOptions }),
    clientFactory: (proxy, proxyOptions) => new whole.Pool(proxy, { ...proxyOptions, ...poolOptions }),
  });
}
