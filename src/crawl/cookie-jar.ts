/**
 * The cookies of the portal, per host, in memory: enough to stay with one server of its load balancer and in one session.
 * Format: RFC 6265. It never gives a cookie to another host than the one that set it.
 */

export interface CookieJar {
  /** Keeps what a response sets; `setCookie` is its Set-Cookie headers joined with `, `. */
  readonly keep: (url: URL, setCookie: string | undefined) => void;
  /** True while no host has set any. */
  readonly isEmpty: () => boolean;
  /** Value of the Cookie header for a request, or null when there is nothing to send. */
  readonly headerFor: (url: URL) => string | null;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
  readonly isSecure: boolean;
  readonly expiresAtMs: number;
}

/** More than this many cookies, or longer ones, are nothing a portal needs. */
const maxCookies = 50;
const maxCookieLength = 4096;

/** Makes an empty jar; `now` is in milliseconds since the Unix epoch. */
export function createCookieJar(now: () => number): CookieJar {
  const byHost = new Map<string, Map<string, Cookie>>();
  return {
    keep: (url, setCookie) => {
      if (setCookie === undefined) return;
      const cookies = byHost.get(url.host) ?? new Map<string, Cookie>();
      byHost.set(url.host, cookies);
      for (const line of splitSetCookie(setCookie)) {
        const read = readCookie(line, url, now());
        if (read === null) continue;
        cookies.delete(read.name);
        if (read.cookie.expiresAtMs > now() && cookies.size < maxCookies) cookies.set(read.name, read.cookie);
      }
    },
    isEmpty: () => byHost.size === 0,
    headerFor: (url) => {
      const pairs: string[] = [];
      for (const [name, cookie] of byHost.get(url.host) ?? []) {
        if (isSentTo(cookie, url, now())) pairs.push(`${name}=${cookie.value}`);
      }
      return pairs.length === 0 ? null : pairs.join('; ');
    },
  };
}

/** Splits joined Set-Cookie headers: a comma begins a new cookie only before `name=`, never inside a date. */
export function splitSetCookie(joined: string): string[] {
  return joined.split(/,\s*(?=[^\s;,=]+=)/);
}

function readCookie(line: string, url: URL, nowMs: number): { name: string; cookie: Cookie } | null {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  if (equals < 1 || line.length > maxCookieLength) return null;
  const settings = new Map<string, string>();
  for (const attribute of attributes) {
    const [key = '', ...value] = attribute.split('=');
    settings.set(key.trim().toLowerCase(), value.join('=').trim());
  }
  const domain = settings.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  if (domain !== '' && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return null;
  const path = settings.get('path') ?? '';
  return {
    name,
    cookie: {
      value: pair.slice(equals + 1).trim(),
      path: path.startsWith('/') ? path : '/',
      isSecure: settings.has('secure'),
      expiresAtMs: expiryMs(settings, nowMs),
    },
  };
}

function expiryMs(settings: ReadonlyMap<string, string>, nowMs: number): number {
  const maxAge = settings.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return nowMs + Number(maxAge) * 1000;
  const expiresMs = Date.parse(settings.get('expires') ?? '');
  return Number.isNaN(expiresMs) ? Number.POSITIVE_INFINITY : expiresMs;
}

function isSentTo(cookie: Cookie, url: URL, nowMs: number): boolean {
  if (cookie.expiresAtMs <= nowMs) return false;
  if (cookie.isSecure && url.protocol !== 'https:') return false;
  const isWithin = url.pathname.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`);
  return isWithin || url.pathname === cookie.path;
}
