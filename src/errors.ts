/**
 * The family of errors that mean "cannot go on". Each carries a stable code, the category that decides its retry
 * (table: src/resilience/error-categories.ts) and details that are safe to log and to send through a queue.
 * An expected outcome (a listing was removed, a page is a block page) is a value, not an error.
 */

export const errorCategories = [
  'NETWORK_ERROR',
  'RATE_LIMIT',
  'SERVER_ERROR',
  'TIMEOUT',
  'BLOCKED',
  'PARSING_ERROR',
  'GONE',
  'WRONG_PAGE',
  'STORAGE_ERROR',
  'UNKNOWN',
] as const;

export type ErrorCategory = (typeof errorCategories)[number];

export interface ErrorDetails {
  /** HTTP status of the response, when there was one. */
  readonly status?: number;
  /** Wait the portal asked for, in milliseconds (Retry-After). */
  readonly retryAfterMs?: number;
  readonly url?: string;
  readonly [key: string]: unknown;
}

interface ScraperErrorOptions {
  readonly category: ErrorCategory;
  readonly details?: ErrorDetails;
  readonly cause?: unknown;
}

/** Base of all errors of this project. `code` is stable and listed in docs/operations.md. */
export class ScraperError extends Error {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly details: ErrorDetails;

  constructor(code: string, message: string, options: ScraperErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.category = options.category;
    this.details = options.details ?? {};
  }
}

/** One or more problems in the configuration; nothing has been started. Exit code 2. */
export class ConfigError extends ScraperError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('CONFIG_INVALID', problems.join('\n'), { category: 'UNKNOWN' });
    this.problems = problems;
  }
}

/** The database file cannot be opened, read or written. */
export class StorageError extends ScraperError {
  constructor(code: string, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, message, { ...options, category: 'STORAGE_ERROR' });
  }
}

/** The sentence of any thrown value, for logs and reports. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The category of any thrown value; what is not ours is UNKNOWN. */
export function categoryOf(error: unknown): ErrorCategory {
  return error instanceof ScraperError ? error.category : 'UNKNOWN';
}
