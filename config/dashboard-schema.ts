/**
 * The knobs under `dashboard`: where the page people look at listens, and who may see it. Data only.
 */
import { booleanKind, nullable, textKind, textListKind, wholeNumberKind } from './kinds.ts';
import { knob } from './knob.ts';

const scope = '(read:status|read:data|read:audit|operate)';

export const dashboard = {
  host: knob('127.0.0.1', {
    doc: 'Address that `oikotie dashboard` listens on; any but this machine only with authentication.',
    unit: 'address',
    env: 'DASHBOARD_HOST',
    kind: textKind('an address such as 127.0.0.1 or 0.0.0.0', /^[\w.:-]+$/),
  }),
  port: knob(3000, {
    doc: 'Port of it; 0 takes a free one.',
    unit: 'port',
    env: 'DASHBOARD_PORT',
    kind: wholeNumberKind('a whole number from 0 to 65535', { min: 0, max: 65_535 }),
  }),
  authentication: knob(true, {
    doc: 'Ask who is there. False is refused on any address but this machine, and lets everybody on it act as an operator.',
    env: 'DASHBOARD_AUTHENTICATION',
    kind: booleanKind,
  }),
  users: knob([], {
    doc: 'Who may sign in, `name:role:hash` each, role viewer or operator, hash from `oikotie dashboard hash-password`; empty makes one operator with a random password at the first start.',
    unit: 'in the environment separated by commas',
    env: 'DASHBOARD_USERS',
    sensitive: true,
    kind: textListKind(
      'a list of users such as ["anna:viewer:scrypt$…"]',
      /^[\w.@-]{1,64}:(viewer|operator):scrypt(\$\d+){3}\$[\w-]+\$[\w-]+$/,
    ),
  }),
  session_secret: knob(null, {
    doc: 'What sessions are signed with; the same for all dashboards behind one address. Null keeps a random one in state_directory.',
    unit: '32 characters or more',
    env: 'DASHBOARD_SESSION_SECRET',
    sensitive: true,
    kind: nullable(textKind('a text of 32 characters or more', /^.{32,}$/)),
  }),
  public_url: knob(null, {
    doc: 'Address that people type, when a reverse proxy is in front: requests for any other host are then refused.',
    unit: 'URL',
    env: 'DASHBOARD_PUBLIC_URL',
    kind: nullable(textKind('a URL such as https://oikotie.example.org', /^https?:\/\/[^/\s]+\/?$/)),
  }),
  tokens: knob([], {
    doc: 'Tokens of programs that use the JSON interface, `name:scope+scope:sha256$hash[:last-day]` each, from `oikotie dashboard token`; taking a line out revokes its token.',
    unit: 'in the environment separated by commas',
    env: 'DASHBOARD_TOKENS',
    sensitive: true,
    kind: textListKind(
      'a list of tokens such as ["notebook:read:data:sha256$…"], from "oikotie dashboard token"',
      new RegExp(`^[\\w.@-]{1,64}:${scope}(\\+${scope})*:sha256\\$[\\w-]{43}(:\\d{4}-\\d{2}-\\d{2})?$`),
    ),
  }),
  api_requests_per_minute: knob(600, {
    doc: 'Requests of one token or signed-in user to the JSON interface in a minute; more are answered with 429.',
    unit: 'requests/min',
    env: 'DASHBOARD_API_REQUESTS_PER_MINUTE',
    kind: wholeNumberKind('a whole number from 1 to 100000', { min: 1, max: 100_000 }),
  }),
  cors_origins: knob([], {
    doc: 'Origins whose pages may use the JSON interface with a token; none by default.',
    unit: 'in the environment separated by commas',
    env: 'DASHBOARD_CORS_ORIGINS',
    kind: textListKind('a list of origins such as ["https://notebook.example.org"]', /^https?:\/\/[^/\s,*]+$/),
  }),
  trusted_proxies: knob(0, {
    doc: 'Reverse proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed.',
    unit: 'proxies',
    env: 'DASHBOARD_TRUSTED_PROXIES',
    kind: wholeNumberKind('a whole number from 0 to 5', { min: 0, max: 5 }),
  }),
  niceness: knob(5, {
    doc: 'How far the dashboard stands back while others on its machine want the processor, a run above all; 0 not at all.',
    unit: '0 to 19',
    env: 'DASHBOARD_NICENESS',
    kind: wholeNumberKind('a whole number from 0 to 19', { min: 0, max: 19 }),
  }),
  tile_url: knob(null, {
    doc: 'Tiles under the map, with {z}, {x}, {y} and, where there are several servers, {s}; the browsers of viewers then ask that host. Null draws the map without.',
    unit: 'URL',
    env: 'DASHBOARD_TILE_URL',
    kind: nullable(
      textKind(
        'a URL such as https://tile.example.org/{z}/{x}/{y}.png',
        /^https?:\/\/(\{s\}\.)?[\w.-]+(:\d+)?\/(?=.*\{z\})(?=.*\{x\})(?=.*\{y\})[\w{}./?=&@-]+$/,
      ),
    ),
  }),
  tile_attribution: knob(null, {
    doc: 'Whose tiles they are, as their licence asks to be named; shown on the map.',
    env: 'DASHBOARD_TILE_ATTRIBUTION',
    unit: 'text',
    kind: nullable(textKind('a text such as "© OpenStreetMap contributors"')),
  }),
};
