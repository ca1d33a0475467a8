/**
 * The control API of a running simulator, JSON under `/__control/`: let a day pass, read the truth, switch faults,
 * read the request log. Its own requests are never logged and never meet a fault.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { FaultInput, Faults } from './faults.ts';
import type { PortalSettings } from './portal.ts';
import type { RequestLog } from './request-log.ts';
import type { World } from './world.ts';

export interface ControlParts {
  readonly world: World;
  readonly settings: PortalSettings;
  readonly faults: Faults;
  readonly requestLog: RequestLog;
  readonly expireSessions: () => void;
}

/** What the control API offers, one line each, for help texts. */
export const controlHelp: readonly string[] = [
  'GET    /__control/state                     day, cities and counts, settings, faults',
  'POST   /__control/state                     change settings {tokenLifetimeMs, crawlDelaySeconds, cardMarkup, latencyMs, sendsValidators}',
  'POST   /__control/advance-day               let a day pass {days?}; gives back its events',
  'POST   /__control/withdraw                  take listings off the portal {listingIds}',
  'POST   /__control/restore                   put them on it again {listingIds}',
  'GET    /__control/events                    all events so far',
  'GET    /__control/truth?city=NAME&deal=sale exact records of the active listings',
  'GET    /__control/faults                    faults with their hits',
  'POST   /__control/faults                    switch one on {type, kinds?, city?, listingIds?, probability?, everyNth?, times?, …}',
  'DELETE /__control/faults[/ID]               switch all or one off',
  'GET    /__control/requests                  request log',
  'DELETE /__control/requests                  empty the request log',
  'POST   /__control/expire-sessions           make all session tokens invalid',
];

/** True for paths of the control API. */
export function isControlPath(path: string): boolean {
  return path.startsWith('/__control');
}

interface ControlCall {
  readonly method: string;
  readonly resource: string;
  readonly id: string | undefined;
  readonly query: URLSearchParams;
  readonly origin: string;
  readonly body: unknown;
}

const settingsSchema = z.strictObject({
  tokenLifetimeMs: z.number().nonnegative().optional(),
  crawlDelaySeconds: z.number().nonnegative().nullable().optional(),
  cardMarkup: z.enum(['v2', 'v3']).optional(),
  latencyMs: z.number().nonnegative().optional(),
  sendsValidators: z.boolean().optional(),
});

/** The handler of control requests. It answers 400 with a message for a bad request and never throws. */
export function createControl(
  parts: ControlParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      const result = runCall(await callOf(request), parts);
      send(response, result === undefined ? 404 : 200, result ?? { help: controlHelp });
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      send(response, 400, { code: 'BAD_CONTROL_REQUEST', message });
    }
  };
}

function runCall(call: ControlCall, parts: ControlParts): unknown {
  const run = calls[`${call.method} ${call.resource}`];
  return run === undefined ? undefined : run(call, parts);
}

const calls: Readonly<Record<string, (call: ControlCall, parts: ControlParts) => unknown>> = {
  'GET ': () => ({ help: controlHelp }),
  'GET state': (_call, parts) => stateOf(parts),
  'POST state': ({ body }, parts) => {
    Object.assign(parts.settings, settingsSchema.parse(body));
    return stateOf(parts);
  },
  'POST advance-day': ({ body }, { world }) => {
    const { days } = z.strictObject({ days: z.int().min(1).max(366).default(1) }).parse(body);
    const events = Array.from({ length: days }, () => world.advanceDay()).flat();
    return { day: world.day(), events };
  },
  'POST withdraw': ({ body }, { world }) => moveAll(body, world.withdraw),
  'POST restore': ({ body }, { world }) => moveAll(body, world.restore),
  'GET events': (_call, { world }) => world.events(),
  'GET truth': ({ query, origin }, { world }) => {
    const deal = z.enum(['sale', 'rent']).parse(query.get('deal') ?? 'sale');
    const city = z.enum(world.cities.map(({ name }) => name)).parse(query.get('city'));
    return world.truth(city, deal, origin);
  },
  'GET faults': (_call, { faults }) => faults.list(),
  // The body is checked by the schema inside `add`, which throws on anything that is not a rule.
  'POST faults': ({ body }, { faults }) => faults.add(body as FaultInput),
  'DELETE faults': ({ id }, { faults }) => {
    if (id !== undefined) return { removed: faults.remove(id) };
    faults.clear();
    return { removed: true };
  },
  'GET requests': (_call, { requestLog }) => requestLog.entries(),
  'DELETE requests': (_call, { requestLog }) => {
    requestLog.clear();
    return { cleared: true };
  },
  'POST expire-sessions': (_call, { expireSessions }) => {
    expireSessions();
    return { expired: true };
  },
};

function moveAll(body: unknown, move: (listingId: string) => void) {
  const { listingIds } = z.strictObject({ listingIds: z.array(z.string()).min(1) }).parse(body);
  for (const listingId of listingIds) move(listingId);
  return { moved: listingIds };
}

function stateOf({ world, settings, faults }: ControlParts) {
  const cities = world.cities.map((city) => ({
    name: city.name,
    locationId: city.locationId,
    sale: world.active(city, 'sale').length,
    rent: world.active(city, 'rent').length,
  }));
  return { seed: world.seed, day: world.day(), cities, settings, faults: faults.list() };
}

async function callOf(request: IncomingMessage): Promise<ControlCall> {
  const origin = `http://${request.headers.host ?? '127.0.0.1'}`;
  const url = new URL(request.url ?? '/', origin);
  const [, , resource = '', id] = url.pathname.split('/');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text.trim() === '' ? {} : JSON.parse(text);
  return { method: request.method ?? 'GET', resource, id, query: url.searchParams, origin, body };
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
  response.end(body);
}
