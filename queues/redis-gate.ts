/**
 * The politeness gate of a cluster: one rhythm in Redis for every request of every node, told by Redis's own clock, so that
 * the clocks of the nodes do not matter. While Redis is away nobody is let through. A request counts from its departure:
 * until that is known its city and the portal are closed, however busy its node is and however long its connection takes.
 */
import type { Clock } from '../src/clock.ts';
import type { Gate } from '../src/crawl/gate.ts';
import { prepareToLeave } from '../src/crawl/gate.ts';
import { onAbort } from '../src/crawl/on-abort.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { RedisConnection } from './redis-connection.ts';
import { SerialLane } from './serial-lane.ts';

export interface RedisGateOptions {
  readonly redis: RedisConnection;
  /** Before the key, e.g. `scraper`. */
  readonly prefix: string;
  /** Waits, and must never wake early; the times themselves are Redis's. The finer its sleeps end, the better. */
  readonly clock: Clock;
  /** Smallest time between any two requests of the cluster, in milliseconds; 0 = no limit besides the cities' own. */
  readonly portalIntervalMs: number;
  /** Smallest time between two requests of one city as configured, in milliseconds; what an operator has set goes first. */
  readonly cityIntervalMs: (city: string) => number;
  /** How many times slower a city, or the portal (null), is to be asked now; 1 or more, the default. */
  readonly slowDown?: (city: string | null) => number;
  readonly log: Log;
  /** @internal Instead of Redis's clock, so that tests can drive it. */
  readonly nowMs?: () => number;
}

/** Added to every interval, so that timers and the network never put one request too many into a window. */
const safetyMargin = 0.012;
/** Part of that margin which a request that left late gives back to the next one: its departure is told late, never early. */
const forgivenLateness = 0.01;
/**
 * A moment is reserved at most this long before it comes, in milliseconds and as a share of the longer interval, so that
 * Redis can be asked what there is to ask and the request leaves on time. Who has waited a second reserves twice as early,
 * so that a node near to Redis does not always come first.
 */
const longestLeadMs = 20;
const leadShare = 0.1;
const longWaitMs = 1_000;
/** How long after its moment a request may keep its lanes closed: its process may have died. */
const departurePatienceMs = 2_000;

/**
 * One lane per city and one of the portal, as fields of one hash: `<lane>:next`, from when on the lane is free;
 * `<lane>:closed`, until when it waits for a departure; `<lane>:widened`, its interval when it was widened. A moment that
 * lies absurdly far ahead is left over from a clock that was set back.
 */
const common = `
local key, limitsKey = KEYS[1], KEYS[2]
local margin, now = tonumber(ARGV[1]), tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
redis.call('PEXPIRE', key, 86400000)
local function intervalOf(lane, wanted)
  return math.max(tonumber(wanted), tonumber(redis.call('HGET', key, lane .. ':widened') or '0'))
end
local function cityIntervalOf(city, configured, slowDown)
  local kept = redis.call('HGET', limitsKey, city)
  local isReadable, override = pcall(cjson.decode, kept or '{}')
  local wanted = isReadable and type(override) == 'table' and tonumber(override.requestIntervalMs) or tonumber(configured)
  return intervalOf('city ' .. city, wanted * tonumber(slowDown))
end
local function nextOf(lane, interval)
  local at = tonumber(redis.call('HGET', key, lane .. ':next') or '0')
  if at > now + 100 * interval + 60000 then return now end
  return at
end
local function setNext(lane, at)
  redis.call('HSET', key, lane .. ':next', string.format('%.3f', at))
end
local function isClosed(lane)
  local leftMs = tonumber(redis.call('HGET', key, lane .. ':closed') or '0') - now
  return leftMs > 0 and leftMs <= ${departurePatienceMs} + 1000
end
`;

/**
 * ARGV: margin, now, city or '', its configured interval, how many times slower, portal interval, longest lead, ms waited so
 * far. Gives {1, ms to wait} when a moment was reserved; {0, ms until it is worth asking again} when the city is not due,
 * and {2, the same} when it is but the portal is not. A moment is reserved shortly before it comes, not in advance: so it
 * is known when the request before it left.
 */
const enterScript = `${common}
local city, portalInterval, cityInterval = ARGV[3], intervalOf('portal', ARGV[6]), 0
local lane, cityAt = 'city ' .. city, now
if city ~= '' then
  cityInterval = cityIntervalOf(city, ARGV[4], ARGV[5])
  cityAt = math.max(now, nextOf(lane, cityInterval))
end
local interval, portalAt = math.max(cityInterval, portalInterval), math.max(now, nextOf('portal', portalInterval))
local lead = math.min(tonumber(ARGV[7]), interval * ${leadShare}) * (1 + math.min(1, ARGV[8] / ${longWaitMs}))
local function askAgain(who, inMs)
  return {who, string.format('%.3f', math.max(inMs, 0.1))}
end
if cityAt > now + lead then return askAgain(0, cityAt - now - lead) end
-- Once the request has left, a whole interval goes by: nothing is lost by looking again a little later.
if isClosed(lane) then return askAgain(0, cityInterval / 4) end
if portalAt > now + lead then return askAgain(2, portalAt - now - lead) end
if isClosed('portal') then return askAgain(2, portalInterval / 4) end
local at = math.max(cityAt, portalAt)
local function reserve(own, ownInterval)
  if ownInterval == 0 then return end
  setNext(own, at + ownInterval * (1 + margin))
  redis.call('HSET', key, own .. ':closed', string.format('%.3f', at + ${departurePatienceMs}))
end
reserve(lane, cityInterval)
reserve('portal', portalInterval)
return {1, string.format('%.3f', at - now)}
`;

/** ARGV as above, then the forgiven share: the next request counts from now, when that is later than what was reserved. */
const departedScript = `${common}
local function countFromNow(lane, interval)
  redis.call('HDEL', key, lane .. ':closed')
  setNext(lane, math.max(nextOf(lane, interval), now + interval * (1 + margin - tonumber(ARGV[7]))))
end
if ARGV[3] ~= '' then countFromNow('city ' .. ARGV[3], cityIntervalOf(ARGV[3], ARGV[4], ARGV[5])) end
countFromNow('portal', intervalOf('portal', ARGV[6]))
return 1
`;

/**
 * Sets the limits of a city and moves its next moment by as much as its interval has changed, so that the new one holds
 * from the last request on. KEYS: the gate, the limits. ARGV: city, limits as JSON, change in milliseconds.
 */
export const shiftScript = `
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local field = 'city ' .. ARGV[1] .. ':next'
local at = redis.call('HGET', KEYS[1], field)
if at then redis.call('HSET', KEYS[1], field, string.format('%.3f', at + ARGV[3] * (1 + ${safetyMargin}))) end
return 1
`;

/** A city that is not due is asked about again this soon, in milliseconds: its limits may have changed. */
const longestSleepMs = 1_000;

/** The hash of the lanes, and that of what operators have set for the cities. */
export function gateKeysOf(prefix: string): readonly [lanes: string, limits: string] {
  return [`${prefix}:gate`, `${prefix}:city_limits`];
}

/** Makes the gate of this node; nodes with the same Redis and prefix share their limits. */
export function createRedisGate(options: RedisGateOptions): Gate {
  const { redis, clock, log, slowDown = () => 1 } = options;
  const keys = gateKeysOf(options.prefix);
  const lanes = new Map<string | null, SerialLane>();

  function argumentsOf(city: string | null): (string | number)[] {
    const now = options.nowMs === undefined ? '' : options.nowMs();
    const cityIntervalMs = city === null ? 0 : options.cityIntervalMs(city);
    const factor = city === null ? 1 : slowDown(city);
    return [safetyMargin, now, city ?? '', cityIntervalMs, factor, options.portalIntervalMs * slowDown(null)];
  }

  /** Only the first of a city's line asks Redis, so that a node reserves one moment per city at most. */
  function lineOf(city: string | null): SerialLane {
    const known = lanes.get(city);
    if (known !== undefined) return known;
    const lane = new SerialLane();
    lanes.set(city, lane);
    return lane;
  }

  const reserve = createReservations(clock, async (city, waitedMs) =>
    readReply(await redis.eval(enterScript, keys.length, ...keys, ...argumentsOf(city), longestLeadMs, waitedMs)),
  );

  async function goWhenDue(city: string | null, signal: AbortSignal, beforeLeaving: Preparation): Promise<void> {
    const atMs = await reserve(city, signal);
    await prepareToLeave(
      async () => {
        await beforeLeaving();
        const waitMs = atMs - clock.now();
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        signal.throwIfAborted();
      },
      () => departed(city),
    );
  }

  function departed(city: string | null): void {
    const late = redis.eval(departedScript, keys.length, ...keys, ...argumentsOf(city), forgivenLateness);
    tell(late, 'the gate did not hear that a request left');
  }

  /** Nobody waits for these: the next `enter` goes over the same connection and comes after them. */
  function tell(command: Promise<unknown>, what: string): void {
    command.catch((error: unknown) => log.warn({ error: messageOf(error) }, what));
  }

  return {
    enter: (city, signal, beforeLeaving = nothingToDo) =>
      new Promise((resolve, reject) => {
        const stopListening = onAbort(signal, () => reject(signal.reason));
        lineOf(city)
          .run(() => goWhenDue(city, signal, beforeLeaving))
          .then(resolve, reject)
          .finally(stopListening);
      }),
    departed,
    widen: (city, intervalMs) => {
      const field = `${city === null ? 'portal' : `city ${city}`}:widened`;
      tell(redis.hset(keys[0], field, intervalMs), 'the gate did not hear of a wider interval');
    },
  };
}

type AskRedis = (city: string | null, waitedMs: number) => Promise<Answer>;
type Reserve = (city: string | null, signal: AbortSignal) => Promise<number>;

/** Reserves moments: gives back when the request may leave, on this process's clock. */
function createReservations(clock: Clock, askRedis: AskRedis): Reserve {
  /** Where those wait whose city is due: only the first of them asks Redis when the portal is. */
  const portalLine = new SerialLane();

  async function reserve(city: string | null, signal: AbortSignal): Promise<number> {
    const cameAtMs = clock.now();
    for (;;) {
      const answer = await ask(city, cameAtMs, signal);
      if (answer.kind === 'reserved') return clock.now() + answer.waitMs;
      if (answer.kind === 'portal_not_due') {
        const atMs = await portalLine.run(() => reserveInLine(city, cameAtMs, signal));
        if (atMs !== null) return atMs;
      } else await clock.sleep(Math.min(answer.waitMs, longestSleepMs), signal);
    }
  }

  /** Null when it is the city that is not due any more, so that others of the line need not wait for it. */
  async function reserveInLine(city: string | null, cameAtMs: number, signal: AbortSignal): Promise<number | null> {
    for (;;) {
      const answer = await ask(city, cameAtMs, signal);
      if (answer.kind === 'reserved') return clock.now() + answer.waitMs;
      if (answer.kind === 'city_not_due') return null;
      await clock.sleep(Math.min(answer.waitMs, longestSleepMs), signal);
    }
  }

  function ask(city: string | null, cameAtMs: number, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    return askRedis(city, Math.max(0, clock.now() - cameAtMs));
  }

  return reserve;
}

type Preparation = () => Promise<void>;
const nothingToDo: Preparation = () => Promise.resolve();

/** What the script says of a request. */
interface Answer {
  readonly kind: (typeof answerKinds)[number];
  /** Until its moment, or until it is worth asking again. */
  readonly waitMs: number;
}

const answerKinds = ['city_not_due', 'reserved', 'portal_not_due'] as const;

function readReply(reply: unknown): Answer {
  const [code, waitMs] = Array.isArray(reply) ? reply : [];
  const kind = answerKinds[Number(code)];
  if (kind === undefined) throw new Error(`the gate's script: expected a pair, got ${String(reply)}`);
  return { kind, waitMs: Number(waitMs) };
}
