/**
 * What every JSON answer of the portal may turn out to be before its content is read: JSON, the error envelope
 * `{code, message}` (which comes with status 200, too, and inside an otherwise readable body), a block page, or
 * something else. A body that carries a message is never content. Never throws.
 */
import { z } from 'zod';
import type { Issue } from '../listings/issue.ts';
import { readPageState } from './page-state.ts';
import { issueOf } from './reading.ts';

export type EnvelopeFailure =
  | { readonly kind: 'error_envelope'; readonly code: string; readonly message: string }
  | { readonly kind: 'blocked'; readonly evidence: string }
  | { readonly kind: 'unknown'; readonly issues: readonly Issue[] };

export type Envelope = { readonly kind: 'json'; readonly body: unknown } | EnvelopeFailure;

const messageSchema = z.string().trim().min(1);
const errorSchema = z.union([
  z.object({ code: z.union([z.string(), z.number()]).transform(String), message: messageSchema.catch('') }),
  z.object({ message: messageSchema }).transform(({ message }) => ({ code: 'none', message })),
]);

/** Parses the text and sorts out everything that is not content. */
export function openEnvelope(text: string): Envelope {
  const trimmed = text.replace(/^\uFEFF/, '').trimStart();
  if (trimmed.startsWith('<')) return openMarkup(trimmed);
  let body: unknown;
  try {
    body = JSON.parse(trimmed);
  } catch {
    // Not JSON is an expected outcome: a truncated or foreign body.
    return { kind: 'unknown', issues: [issueOf('UNEXPECTED_SHAPE', null, 'answer: expected JSON that ends', text)] };
  }
  const error = errorSchema.safeParse(body);
  if (!error.success) return { kind: 'json', body };
  return { kind: 'error_envelope', ...error.data };
}

function openMarkup(html: string): EnvelopeFailure {
  const { blockEvidence } = readPageState(html);
  if (blockEvidence !== null) return { kind: 'blocked', evidence: blockEvidence };
  return { kind: 'unknown', issues: [issueOf('UNEXPECTED_SHAPE', null, 'answer: expected JSON, got a page', html)] };
}
