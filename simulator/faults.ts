/**
 * Faults that can be switched on while the simulated portal runs: what goes wrong, for which requests, how often.
 * This file only decides which fault hits a request; fault-plan.ts says what then happens.
 */
import { z } from 'zod';
import type { PortalRequest } from './portal-request.ts';
import type { Random } from './random.ts';
import { createRandom, hashOf } from './random.ts';

export const faultTypes = [
  'http_401',
  'http_403',
  'http_429',
  'http_503_retry_after',
  'http_500',
  'slow',
  'hang',
  'truncated',
  'malformed',
  'error_state',
  'error_envelope',
  'foreign_city',
  'shifting_pages',
  'removed',
  'huge_body',
  'redirect_elsewhere',
  'block_page',
  'renamed_label',
  'connection_reset',
  'empty_body',
  'wrong_charset',
] as const;
export type FaultType = (typeof faultTypes)[number];

const ruleSchema = z.strictObject({
  type: z.enum(faultTypes),
  /** Kinds of path it hits; absent means all kinds. */
  kinds: z.array(z.enum(['session', 'search', 'listing', 'robots', 'location'])).optional(),
  /** Only requests about this city. */
  city: z.string().optional(),
  /** Only requests whose Accept header holds this text, e.g. `application/json`: a script's, not a page's. */
  accept: z.string().optional(),
  /** Only these listing pages. */
  listingIds: z.array(z.string()).optional(),
  /** Part of the matching requests it hits, 0 to 1; default all. */
  probability: z.number().min(0).max(1).optional(),
  /** Only every nth matching request, counted from 1. */
  everyNth: z.int().positive().optional(),
  /** Hits at most this many requests. */
  times: z.int().positive().optional(),
  /** Seed of the probability. */
  seed: z.int().optional(),
  /** Retry-After of http_429 and http_503_retry_after; default 1. */
  retryAfterSeconds: z.number().nonnegative().optional(),
  /** Retry-After as an HTTP date instead of seconds. */
  retryAfterAsDate: z.boolean().optional(),
  /** Wait of `slow`, default 1000. */
  delayMs: z.number().nonnegative().optional(),
  /**
   * truncated: short_body (default), half_body; removed: not_found (default), gone, poistunut, myyty, redirect;
   * redirect_elsewhere: evil (default), loopback; block_page: challenge_200 (default), challenge_403;
   * wrong_charset: latin1_as_utf8 (default), utf8_as_latin1.
   */
  variant: z.string().optional(),
  /** renamed_label: the label that changes, default Velaton hinta, and what it becomes. */
  label: z.string().optional(),
  renamedTo: z.string().optional(),
  /** Size of `huge_body`, default 64 MiB. */
  bytes: z.int().positive().optional(),
  /** foreign_city: cards mixed in, default 3; shifting_pages: listings moved up per request, default 3. */
  count: z.int().positive().optional(),
});

export type FaultInput = z.infer<typeof ruleSchema>;
export type FaultRule = FaultInput & { readonly id: string };

export interface FaultRuleState {
  readonly rule: FaultRule;
  /** Requests in its scope so far. */
  readonly matched: number;
  /** Requests it hit so far. */
  readonly hits: number;
}

export interface Faults {
  /** Switches a fault on and gives back its rule with its id. @throws ZodError when the rule is not valid. */
  readonly add: (rule: FaultInput) => FaultRule;
  /** Switches one fault off; false when there is none of that id. */
  readonly remove: (id: string) => boolean;
  readonly clear: () => void;
  readonly list: () => readonly FaultRuleState[];
  /** The first fault that hits this request, or null. Counts the request. */
  readonly hit: (request: PortalRequest) => FaultRule | null;
}

/** No fault is on at first. */
export function createFaults(): Faults {
  const rules = new Map<string, { readonly rule: FaultRule; readonly random: Random; matched: number; hits: number }>();
  let added = 0;
  return {
    add: (input) => {
      added += 1;
      const rule = { ...ruleSchema.parse(input), id: `fault-${added}` };
      rules.set(rule.id, { rule, random: createRandom(hashOf(rule.seed ?? 1, rule.type)), matched: 0, hits: 0 });
      return rule;
    },
    remove: (id) => rules.delete(id),
    clear: () => rules.clear(),
    list: () => [...rules.values()].map(({ rule, matched, hits }) => ({ rule, matched, hits })),
    hit: (request) => {
      for (const state of rules.values()) {
        if (!isInScope(state.rule, request)) continue;
        state.matched += 1;
        if (!isDue(state)) continue;
        state.hits += 1;
        return state.rule;
      }
      return null;
    },
  };
}

const onlyOn: Partial<Record<FaultType, readonly string[]>> = {
  removed: ['listing'],
  renamed_label: ['listing'],
  foreign_city: ['search'],
  shifting_pages: ['search'],
  error_state: ['search', 'session'],
};

function isInScope(rule: FaultRule, request: PortalRequest): boolean {
  if (request.kind === 'trap' || request.kind === 'other') return false;
  if (rule.kinds !== undefined && !rule.kinds.includes(request.kind)) return false;
  if (onlyOn[rule.type]?.includes(request.kind) === false) return false;
  if (rule.city !== undefined && rule.city !== request.city) return false;
  if (rule.accept !== undefined && !(request.headers.accept ?? '').includes(rule.accept)) return false;
  return rule.listingIds === undefined || (request.listingId !== null && rule.listingIds.includes(request.listingId));
}

function isDue(state: {
  readonly rule: FaultRule;
  readonly random: Random;
  readonly matched: number;
  readonly hits: number;
}): boolean {
  const { rule } = state;
  if (rule.times !== undefined && state.hits >= rule.times) return false;
  if (rule.everyNth !== undefined && state.matched % rule.everyNth !== 0) return false;
  return rule.probability === undefined || state.random.chance(rule.probability);
}
