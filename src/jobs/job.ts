/**
 * What a job is, whatever carries it: a kind, a JSON payload, and an id that is a pure function of execution, kind and
 * key, so that adding it twice is adding it once. A handler turns one job into follow-ups and never sees a queue.
 */
import type { z } from 'zod';
import type { ErrorCategory } from '../errors.ts';
import { categoryOf, messageOf, ScraperError } from '../errors.ts';

export const jobKinds = [
  'run',
  'city',
  'start-city',
  'search-page',
  'reconcile-list',
  'listing',
  'store-search-page',
  'store-listing',
  'store-unchanged',
  'store-failure',
  'store-ledger',
  'finalize-city',
  'finalize-run',
  'skip-day',
  'close-quarantine',
] as const;
export type JobKind = (typeof jobKinds)[number];

export interface JobRequest {
  /** Unique per execution; no `:` and never a bare integer (BullMQ refuses both). */
  readonly id: string;
  readonly kind: JobKind;
  /** `runs`, `cities`, `store` or `crawl-<city>`. */
  readonly queue: string;
  /** JSON; read back by the handler's schema. */
  readonly payload: unknown;
  /** Higher first; 0 by default. */
  readonly priority?: number;
  /**
   * Jobs that must settle, completed or failed, before this one starts; at least one. Follow-ups of a child are
   * children too, so the job waits for everything that grows below it.
   */
  readonly children?: readonly JobRequest[];
}

export interface HandlerResult {
  readonly followUps: readonly JobRequest[];
  /** Keeps this job active, and its place in the queue's concurrency taken, until that job has settled. */
  readonly holdUntil?: string;
  /** While this queue is on hold, the place that this held job takes in its own queue is lent to another job. */
  readonly lendsPlaceWhileHeld?: string;
}

export interface JobContext {
  /** Aborts when the process must let go of the job. */
  readonly signal: AbortSignal;
  /** 1-based number of this try. */
  readonly attempt: number;
  /** Its id, when it came by a queue: what all that it leads to is found by in the audit log. */
  readonly jobId?: string;
}

/** An error as it crosses a queue. */
export interface JobFailure {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly status: number | null;
  readonly attempts: number;
}

export interface JobHandler<Payload> {
  readonly kind: JobKind;
  readonly schema: z.ZodType<Payload>;
  /** @throws ScraperError whose category decides the retry. */
  readonly run: (payload: Payload, context: JobContext) => Promise<HandlerResult>;
  /** What is left to do when the job is given up: its last error will not be retried. */
  readonly onGivenUp?: (payload: Payload, failure: JobFailure) => readonly JobRequest[];
}

/** Takes many jobs at once, of the kinds it names; all of them succeed together or fail together. */
export interface BatchHandler {
  readonly kinds: readonly JobKind[];
  readonly run: (jobs: readonly { readonly kind: JobKind; readonly payload: unknown }[]) => Promise<void>;
  readonly onGivenUp?: (
    job: { readonly kind: JobKind; readonly payload: unknown },
    failure: JobFailure,
  ) => readonly JobRequest[];
}

/** A handler whose payload type only its own schema knows. */
export interface AnyJobHandler {
  readonly kind: JobKind;
  readonly run: (payload: unknown, context: JobContext) => Promise<HandlerResult>;
  readonly onGivenUp: (payload: unknown, failure: JobFailure) => readonly JobRequest[];
}

/**
 * Reads a payload with its schema.
 * @throws ScraperError PAYLOAD_INVALID (category PARSING_ERROR): trying again cannot help.
 */
export function readPayload<Payload>(kind: JobKind, schema: z.ZodType<Payload>, payload: unknown): Payload {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const message = `payload of a ${kind} job: expected its schema, got ${messageOf(result.error)}`;
  throw new ScraperError('PAYLOAD_INVALID', message, { category: 'PARSING_ERROR', cause: result.error });
}

/** Puts the schema in front of the handler: what comes from a queue is unknown until it has been read. */
export function sealHandler<Payload>(handler: JobHandler<Payload>): AnyJobHandler {
  const { kind, schema } = handler;
  return {
    kind,
    run: async (payload, context) => handler.run(readPayload(kind, schema, payload), context),
    onGivenUp: (payload, failure) => handler.onGivenUp?.(readPayload(kind, schema, payload), failure) ?? [],
  };
}

/** An error as it crosses a queue: what a thrown value says of itself, and how often it was tried. */
export function toJobFailure(error: unknown, attempts: number): JobFailure {
  const isOurs = error instanceof ScraperError;
  return {
    code: isOurs ? error.code : 'UNEXPECTED',
    category: categoryOf(error),
    message: messageOf(error),
    status: isOurs ? (error.details.status ?? null) : null,
    attempts,
  };
}
