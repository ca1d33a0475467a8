/**
 * What a fault does to one request: the answer it sends instead, or how it mistreats the connection. Computes a plan;
 * send-plan.ts carries it out.
 */
import type { Answer } from './answer.ts';
import { html, json, redirect, shortPage, text } from './answer.ts';
import type { FaultRule, FaultType } from './faults.ts';
import { removedVariants } from './listing.ts';
import type { Portal } from './portal.ts';
import type { PortalRequest } from './portal-request.ts';
import { foreignListings } from './search-api.ts';
import { failedMessage } from './search-page.ts';
import type { World } from './world.ts';

export type Plan =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly delayMs: number }
  /** Announces the whole body, sends part of it and drops the connection. */
  | { readonly kind: 'short_body'; readonly answer: Answer; readonly sentBytes: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Sends the answer and then filler until `bytes` have been sent. */
  | { readonly kind: 'flood'; readonly answer: Answer; readonly bytes: number };

export interface FaultContext {
  readonly rule: FaultRule;
  readonly request: PortalRequest;
  readonly portal: Portal;
  readonly world: World;
  readonly now: () => number;
}

/** The plan of the fault for this request. */
export function planOf(context: FaultContext): Plan {
  const { rule } = context;
  switch (rule.type) {
    case 'hang':
      return { kind: 'hang' };
    case 'connection_reset':
      return { kind: 'reset' };
    case 'slow':
      return { kind: 'answer', answer: healthy(context), delayMs: rule.delayMs ?? 1000 };
    case 'huge_body':
      return { kind: 'flood', answer: healthy(context), bytes: rule.bytes ?? 64 * 1024 * 1024 };
    case 'truncated':
      return truncated(context);
    default:
      return { kind: 'answer', answer: faultAnswer(rule.type, context), delayMs: 0 };
  }
}

type AnswerFault = Exclude<FaultType, 'hang' | 'connection_reset' | 'slow' | 'huge_body' | 'truncated'>;

function faultAnswer(type: AnswerFault, context: FaultContext): Answer {
  return answerFaults[type](context);
}

const answerFaults: Readonly<Record<AnswerFault, (context: FaultContext) => Answer>> = {
  http_401: ({ request }) => refusal(request, 401, 'Unauthorized'),
  http_403: ({ request }) => refusal(request, 403, 'Forbidden'),
  http_500: ({ request }) => refusal(request, 500, 'Internal Server Error'),
  http_429: (context) => withRetryAfter(refusal(context.request, 429, 'Too Many Requests'), context),
  http_503_retry_after: (context) => withRetryAfter(refusal(context.request, 503, 'Service Unavailable'), context),
  malformed,
  error_state: errorState,
  error_envelope: () => json(200, { code: 'SEARCH_FAILED', message: 'Search backend did not answer' }),
  foreign_city: ({ rule, request, portal, world }) =>
    portal.answer(request, { foreign: foreignListings(portal.searchQuery(request), world, rule.count ?? 3) }),
  shifting_pages: shiftedPage,
  removed: removedAnswer,
  redirect_elsewhere: elsewhere,
  block_page: ({ rule }) => html(rule.variant === 'challenge_403' ? 403 : 200, challengePage()),
  renamed_label: renamedLabel,
  empty_body: (context) => ({ ...healthy(context), status: 200, body: Buffer.alloc(0) }),
  wrong_charset: wrongCharset,
};

function healthy({ portal, request }: FaultContext): Answer {
  return portal.answer(request);
}

function isApi(request: PortalRequest): boolean {
  return request.kind === 'search' || request.kind === 'location';
}

function refusal(request: PortalRequest, status: number, words: string): Answer {
  if (isApi(request)) return json(status, { code: status, message: words });
  if (request.kind === 'robots') return text(status, words);
  return html(status, shortPage(`${status} ${words}`));
}

function withRetryAfter(answer: Answer, { rule, now }: FaultContext): Answer {
  const seconds = rule.retryAfterSeconds ?? 1;
  const value = rule.retryAfterAsDate === true ? new Date(now() + seconds * 1000).toUTCString() : String(seconds);
  return { ...answer, headers: { ...answer.headers, 'retry-after': value } };
}

function truncated(context: FaultContext): Plan {
  const answer = healthy(context);
  const half = Math.floor(answer.body.length / 2);
  if (context.rule.variant === 'half_body') {
    return { kind: 'answer', answer: { ...answer, body: answer.body.subarray(0, half) }, delayMs: 0 };
  }
  return { kind: 'short_body', answer, sentBytes: half };
}

/** JSON that does not parse; HTML whose table cells and headings are never closed. */
function malformed(context: FaultContext): Answer {
  const answer = healthy(context);
  const body = answer.body.toString('utf8');
  const broken = isApi(context.request)
    ? `${body.slice(0, Math.floor(body.length * 0.7))},,}`
    : body.replaceAll('</dd>', '<dd').replaceAll('</h3>', '<<h3 "').replaceAll('</script>', '</scrip>');
  return { ...answer, body: Buffer.from(broken) };
}

/** The search "succeeds" while failing: status 200, nothing found, a sentence that says so. */
function errorState({ request, portal }: FaultContext): Answer {
  if (request.kind === 'session') return portal.answer(request, { failed: true });
  return json(200, { found: 0, start: 0, cards: [], secondaryCards: [], message: failedMessage });
}

function shiftedPage({ rule, request, portal, world }: FaultContext): Answer {
  const query = portal.searchQuery(request);
  world.bump(query.cities[0] ?? null, query.dealType, rule.count ?? 3);
  return portal.answer(request);
}

function removedAnswer(context: FaultContext): Answer {
  const listing = context.world.listing(context.request.listingId ?? '');
  const variant = removedVariants.find((candidate) => candidate === context.rule.variant) ?? 'not_found';
  return listing === undefined ? healthy(context) : context.portal.goneAnswer(listing, variant);
}

function elsewhere({ rule, request }: FaultContext): Answer {
  if (rule.variant !== 'loopback') return redirect('http://evil.invalid/');
  const port = new URL(request.origin).port;
  return redirect(`http://elsewhere.localhost${port === '' ? '' : `:${port}`}${request.path}`);
}

function renamedLabel(context: FaultContext): Answer {
  const answer = healthy(context);
  const label = context.rule.label ?? 'Velaton hinta';
  const renamed = answer.body
    .toString('utf8')
    .replaceAll(`>${label}</dt>`, `>${context.rule.renamedTo ?? `${label} yhteensä`}</dt>`);
  return { ...answer, body: Buffer.from(renamed) };
}

function wrongCharset(context: FaultContext): Answer {
  const answer = healthy(context);
  if (context.rule.variant !== 'utf8_as_latin1') {
    return { ...answer, body: Buffer.from(answer.body.toString('utf8'), 'latin1') };
  }
  const [mediaType] = (answer.headers['content-type'] ?? 'text/html').split(';');
  return { ...answer, headers: { ...answer.headers, 'content-type': `${mediaType}; charset=ISO-8859-1` } };
}

function challengePage(): string {
  return (
    '<!doctype html><html lang="fi"><head><meta charset="utf-8"><title>Access denied</title></head><body>' +
    '<h1>Pääsy estetty</h1><p>Havaitsimme epätavallista liikennettä. Vahvista, että et ole robotti.</p>' +
    '<form action="/captcha/verify"><div id="captcha-box"></div><button>Jatka</button></form></body></html>'
  );
}
