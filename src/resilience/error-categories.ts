/**
 * The one table of error categories: what each means, what is done about it, and how the job ends when that did not
 * help. Code decides by it and docs/operations.md prints it; nothing else may know a category's treatment.
 */
import type { ErrorCategory } from '../errors.ts';
import { errorCategories } from '../errors.ts';

/**
 * `never`: the same request would end the same way. `backoff`: again after a growing pause, at the cost of an attempt.
 * `later`: again when the portal says, at no cost.
 */
export type RetryKind = 'never' | 'backoff' | 'later';

/**
 * What a failure says of the portal to a circuit breaker. `failure`: one. `block`: `blocked_weight` of them. `answer`: one
 * when the portal sent a status, else nothing (the fault may be ours). `nothing`: neither a failure nor a success.
 */
export type BreakerCount = 'failure' | 'block' | 'answer' | 'nothing';

export interface CategoryPolicy {
  readonly meaning: string;
  readonly retry: RetryKind;
  readonly costsAttempt: boolean;
  readonly countsForBreaker: BreakerCount;
  /** What becomes of the job when it is not tried again. */
  readonly jobExit: 'failed' | 'removed';
  /** What a person can do. */
  readonly remedy: string;
}

export const categoryPolicies = {
  NETWORK_ERROR: {
    meaning: 'No connection, no name, no TLS, or a response that broke off',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'failure',
    jobExit: 'failed',
    remedy: 'Check the network, a proxy or a firewall, and the address; then try again',
  },
  RATE_LIMIT: {
    meaning: 'The portal asks for fewer requests: 429, or 503 with Retry-After',
    retry: 'later',
    costsAttempt: false,
    countsForBreaker: 'failure',
    jobExit: 'failed',
    remedy: 'Raise rate_limit_seconds if it happens often',
  },
  SERVER_ERROR: {
    meaning: 'The portal failed: 5xx',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'failure',
    jobExit: 'failed',
    remedy: 'Wait; the next run tries again',
  },
  TIMEOUT: {
    meaning: 'The whole response did not come in time',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'failure',
    jobExit: 'failed',
    remedy: 'Raise the request timeout if the portal is only slow',
  },
  BLOCKED: {
    meaning: 'The portal refuses us: 401 or 403 after one new session, a block page, or robots.txt',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'block',
    jobExit: 'failed',
    remedy: 'Stop for some hours, slow down, and check the contact in the user agent; robots.txt is final',
  },
  PARSING_ERROR: {
    meaning: 'The response cannot be read, or must not be: unknown shape, too large, redirect to a foreign host',
    retry: 'never',
    costsAttempt: true,
    countsForBreaker: 'nothing',
    jobExit: 'failed',
    remedy: 'Look at the page with `oikotie parse <url>`; the portal may have changed',
  },
  GONE: {
    meaning: 'The listing is no longer there: 404, 410, or a page that says so',
    retry: 'never',
    costsAttempt: true,
    countsForBreaker: 'nothing',
    jobExit: 'removed',
    remedy: 'Nothing to do',
  },
  WRONG_PAGE: {
    meaning: 'A page, but not the one asked for: error state, another city, no session in it',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'failure',
    jobExit: 'failed',
    remedy: 'If it stays, check the url and location id of the task with `oikotie doctor`',
  },
  STORAGE_ERROR: {
    meaning: 'The database or the disk refused a write',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'nothing',
    jobExit: 'failed',
    remedy: 'Check free space and rights of the database path',
  },
  UNKNOWN: {
    meaning: 'Anything else',
    retry: 'backoff',
    costsAttempt: true,
    countsForBreaker: 'answer',
    jobExit: 'failed',
    remedy: 'Read the message; report it if it comes again',
  },
} as const satisfies Readonly<Record<ErrorCategory, CategoryPolicy>>;

/** Codes that are final whatever their category says. */
export const finalCodes: ReadonlySet<string> = new Set(['ROBOTS_DISALLOWED']);

/**
 * Codes that say "not now": nothing was asked, so nothing is spent. The city's queue waits for `details.retryAfterMs` and
 * the job keeps its place and its attempts. Whoever throws one bounds how often.
 */
export const holdCodes: ReadonlySet<string> = new Set(['BREAKER_OPEN', 'BREAKER_NODE_ISOLATED', 'QUIET_HOURS']);

/** Codes of what broke on this machine although its category is one of the portal's: no breaker counts them. */
export const ownFaultCodes: ReadonlySet<string> = new Set(['BROWSER_CRASHED', 'BROWSER_HUNG', 'PROXY_FAILED']);

/** Hold codes that are about one node only: others go on with the same queue. */
export const nodeHoldCodes: ReadonlySet<string> = new Set(['BREAKER_NODE_ISOLATED']);

/**
 * Codes that end a city for this run: what is left of it is not asked, and its receipt says why. Not a failure of the
 * single listings, which stay pending.
 */
export const stopCodes: ReadonlySet<string> = new Set(['BREAKER_HELD_TOO_LONG', 'BUDGET_SPENT', 'BROWSER_MISSING']);

const breakerCountWords = {
  failure: 'a failure',
  block: '`blocked_weight` failures',
  answer: 'a failure if the portal answered',
  nothing: '–',
} as const satisfies Record<BreakerCount, string>;

/** The table as Markdown, for the generated block of docs/operations.md. */
export function renderErrorTable(): string {
  const rows = errorCategories.map((category) => {
    const policy: CategoryPolicy = categoryPolicies[category];
    const { meaning, retry, costsAttempt, jobExit, remedy } = policy;
    const cost = retry === 'never' ? '–' : costsAttempt ? 'yes' : 'no';
    const count = breakerCountWords[policy.countsForBreaker];
    return `| ${category} | ${meaning} | ${retry} | ${cost} | ${count} | ${jobExit} | ${remedy} |`;
  });
  return [
    '| category | meaning | tried again | costs an attempt | for the circuit breaker | job ends as | what you can do |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
