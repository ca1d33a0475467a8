/**
 * Which proxy, if any, a request goes through: a city's own, else the one for the URL's scheme, unless the host is
 * excepted. The rules of the exceptions are those of the NO_PROXY variable as curl has them. It opens nothing.
 */

export interface ProxySettings {
  /** Proxy for http:// addresses; null goes without. May hold a user name and password. */
  readonly http: string | null;
  /** Proxy for https:// addresses. */
  readonly https: string | null;
  /** Hosts asked without a proxy: `example.org`, `.example.org` for all below it, `host:port`, `*` for all. */
  readonly except: readonly string[];
  /** A city's own proxy for both schemes; null when it has none. */
  readonly ofCity: (city: string) => string | null;
}

/** Goes without a proxy. */
export const noProxies: ProxySettings = { http: null, https: null, except: [], ofCity: () => null };

/** URL of the proxy for a request, or null; the URL may hold a password and is not to be shown. */
export function proxyFor(settings: ProxySettings, url: URL, city: string | null): string | null {
  if (settings.except.some((pattern) => isExcepted(pattern.trim().toLowerCase(), url))) return null;
  const own = city === null ? null : settings.ofCity(city);
  return own ?? (url.protocol === 'https:' ? settings.https : settings.http);
}

function isExcepted(pattern: string, url: URL): boolean {
  if (pattern === '*') return true;
  const host = /:\d+$/.test(pattern) && !pattern.endsWith(']') ? hostWithPort(url) : url.hostname;
  const domain = pattern.startsWith('*.') ? pattern.slice(1) : pattern;
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain;
}

function hostWithPort(url: URL): string {
  const defaultPort = url.protocol === 'https:' ? '443' : '80';
  return `${url.hostname}:${url.port === '' ? defaultPort : url.port}`;
}
