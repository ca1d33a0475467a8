/**
 * The politeness gate of a cluster: one rhythm in Redis for every request of every node, told by Redis's own clock, so that
 * the clocks of the nodes do not matter. While Redis is away nobody is let through. A request counts from when it was let
 * go, or from its departure as soon as that is known: a connection that takes longer to make than the interval may bring
 * two requests of different nodes closer together.
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
 * A moment is reserved at most this long before it comes, in milliseconds and as a share of the city's interval, so that
 * Redis can be asked what there is to ask and the request leaves on time.
 */
const longestLeadMs = 20;
const leadShare = 0.1;

/**
 * One lane per city and one of the portal, as fields of one hash: `<lane>:next`, from when on the lane is free, and
 * `<lane>:widened`, its interval when it was widened. A moment that lies absurdly far ahead is left over from a clock
 * that was set back.
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
`;

/**
 * ARGV: margin, now, city or '', its configured interval, how many times slower, portal interval, longest lead. Gives
 * {1, ms to wait} when a moment was reserved, {0, ms until it is worth asking again} when the city is not due within its
 * lead: it takes no moment of the portal that others could use.
 */
const enterScript = `${common}
local city, portalInterval = ARGV[3], intervalOf('portal', ARGV[6])
local at = math.max(now, nextOf('portal', portalInterval))
if city ~= '' then
  local lane, cityInterval = 'city ' .. city, cityIntervalOf(city, ARGV[4], ARGV[5])
  local cityAt, lead = nextOf(lane, cityInterval), math.min(tonumber(ARGV[7]), cityInterval * ${leadShare})
  if cityAt > math.max(at, now + lead) then return {0, string.format('%.3f', math.max(cityAt - now - lead, 0.1))} end
  at = math.max(at, cityAt)
  setNext(lane, at + cityInterval * (1 + margin))
end
setNext('portal', at + portalInterval * (1 + margin))
return {1, string.format('%.3f', at - now)}
`;

/** ARGV as above, then the forgiven share: the next request counts from now, when that is later than what was reserved. */
const departedScript = `${common}
local function countFromNow(lane, interval)
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

  /** When the request may leave, on this process's clock. */
  async function reserve(city: string | null, signal: AbortSignal): Promise<number> {
    for (;;) {
      signal.throwIfAborted();
      const asked = redis.eval(enterScript, keys.length, ...keys, ...argumentsOf(city), longestLeadMs);
      const [isReserved, waitMs] = readReply(await asked);
      if (isReserved) return clock.now() + waitMs;
      await clock.sleep(Math.min(waitMs, longestSleepMs), signal);
    }
  }

  async function goWhenDue(city: string | null, signal: AbortSignal, beforeLeaving: Preparation): Promise<void> {
    const atMs = await reserve(city, signal);
    await prepareToLeave(beforeLeaving, () => departed(city));
    const waitMs = atMs - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
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

type Preparation = () => Promise<void>;
const nothingToDo: Preparation = () => Promise.resolve();

function readReply(reply: unknown): readonly [isReserved: boolean, waitMs: number] {
  if (!Array.isArray(reply)) throw new Error(`the gate's script: expected a pair, got ${String(reply)}`);
  return [Number(reply[0]) === 1, Number(reply[1])];
}
