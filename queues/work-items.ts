/**
 * A unit of work as those who bring their own loop see it, and as it travels: a BullMQ job whose id is made from the
 * work id, whose attempts are its retries and whose priority is counted down as every job's is. Pure.
 */
import type { Job, JobsOptions } from 'bullmq';
import { z } from 'zod';
import { toUtcIso } from '../src/clock.ts';
import { basePriority, keepCompleted } from './bullmq-jobs.ts';

/**
 * Where an item stands: `pending` waits to be taken, `active` is with a node, `retrying` has failed and waits for its next
 * try, `completed` and `failed` are its two ends.
 */
export type WorkItemStatus = 'pending' | 'active' | 'retrying' | 'completed' | 'failed';

/** What is handed to `distributeWork`. Other fields, such as those of a `WorkItem`, are left out. */
export interface NewWorkItem {
  /**
   * Names the item in the whole cluster, 1 to 200 characters. A name that is there already, waiting, active, failed or
   * completed within the last 24 hours, adds nothing: put the day in it, e.g. `helsinki-2026-11-25`.
   */
  readonly workId: string;
  readonly city: string;
  /** The page to collect, http or https. */
  readonly url: string;
  /** Whole number, higher first; default 1. */
  readonly priority?: number | undefined;
  /** Tries after the first one; default 3. */
  readonly maxRetries?: number | undefined;
}

export interface WorkItem {
  readonly workId: string;
  readonly city: string;
  readonly url: string;
  /** Higher first. */
  readonly priority: number;
  /** Tries after the first one. */
  readonly maxRetries: number;
  /** Tries that have failed and were or will be followed by another one, 0 to `maxRetries`. */
  readonly retryCount: number;
  readonly status: WorkItemStatus;
  /** The node it waits for or, once taken, the one that took it last; null when it waits for whoever comes first. */
  readonly assignedNode: string | null;
  /** When it was distributed, ISO 8601 UTC. */
  readonly createdAt: string;
  /** When it was last taken, ISO 8601 UTC; null before that. */
  readonly startedAt: string | null;
  /** When it was completed, ISO 8601 UTC; null until then. */
  readonly completedAt: string | null;
  /** Why the last failed try failed; null when none did. */
  readonly errorMessage: string | null;
}

const httpUrl = z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
  error: 'expected an http or https URL',
});
const wholeNumber = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const text = (most: number) => {
  const error = `expected 1 to ${most} characters`;
  return z.string({ error }).min(1, { error }).max(most, { error });
};

/** What an item is given with. BullMQ's priorities end at 2,097,151, ours lie around the middle. */
const newWorkItem = z.object({
  workId: text(200).refine((id) => !/\p{Surrogate}/u.test(id), { error: 'expected whole characters' }),
  city: text(200),
  url: httpUrl,
  priority: wholeNumber(-1_000_000, 1_000_000).default(1),
  maxRetries: wholeNumber(0, 100).default(3),
});

export type CheckedWorkItem = z.infer<typeof newWorkItem>;

/** The item with its defaults, or what is wrong with it in one sentence. */
export function checkWorkItem(item: unknown): { readonly item: CheckedWorkItem } | { readonly reason: string } {
  const checked = newWorkItem.safeParse(item);
  if (checked.success) return { item: checked.data };
  const problems = checked.error.issues.map(({ path, message }) => {
    const got = JSON.stringify(path.reduce<unknown>(fieldOf, item)) ?? 'nothing';
    return `${path.join('.') || 'item'}: ${message}, got ${got.length > 80 ? `${got.slice(0, 80)}…` : got}`;
  });
  return { reason: problems.join('; ') };
}

function fieldOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** What the job of an item carries. */
const workData = newWorkItem.extend({
  /** The node whose queue it is in; null = the queue of all. */
  node: z.string().nullable(),
  /** Tells the call that added it. */
  distributionId: z.string(),
});

export type WorkData = z.infer<typeof workData>;

/** BullMQ refuses colons and whole numbers in ids; a work id may be anything. */
export function jobIdOfWork(workId: string): string {
  return `item.${encodeURIComponent(workId)}`;
}

/** The item as a job. BullMQ counts the first try as an attempt and asks the worker how long to wait. */
export function toWorkJob(item: CheckedWorkItem, more: Pick<WorkData, 'node' | 'distributionId'>) {
  const data: WorkData = { ...item, ...more };
  const opts = {
    jobId: jobIdOfWork(item.workId),
    attempts: item.maxRetries + 1,
    backoff: { type: 'work' },
    priority: basePriority - item.priority,
    removeOnComplete: keepCompleted,
    removeOnFail: false,
  } satisfies JobsOptions;
  return { name: 'work', data, opts };
}

/** The item of a job that stands there. @throws ZodError for a job that is no work item */
export function toWorkItem(job: Job, status: WorkItemStatus): WorkItem {
  const { node, distributionId: _, ...item } = workData.parse(job.data);
  const isOver = status === 'completed' || status === 'failed';
  return {
    ...item,
    // The last try of an item is no retry to come.
    retryCount: Math.max(0, isOver ? job.attemptsMade - 1 : job.attemptsMade),
    status,
    assignedNode: job.processedBy ?? node,
    createdAt: toUtcIso(job.timestamp),
    startedAt: job.processedOn === undefined ? null : toUtcIso(job.processedOn),
    completedAt: status === 'completed' && job.finishedOn !== undefined ? toUtcIso(job.finishedOn) : null,
    errorMessage: job.failedReason === undefined || job.failedReason === '' ? null : job.failedReason,
  };
}

/** Why a job that somebody put into a queue of work items is none; null when it is one. */
export function notWorkReason(job: Job): string | null {
  const { success, error } = workData.safeParse(job.data);
  return success ? null : `expected a work item, got something else: ${error.message}`;
}

/** The call that added the job. */
export function distributionOf(job: Job): string {
  return workData.parse(job.data).distributionId;
}

/** Wait before a retry: `baseMs`, then twice as long each time, at most `maxMs`. @param failedTries 1 or more */
export function retryDelayMs(failedTries: number, { baseMs, maxMs }: WorkBackoff): number {
  return Math.min(baseMs * 2 ** (failedTries - 1), maxMs);
}

export interface WorkBackoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** 30, 60, 120, 240 s, then 300 s each time. */
export const defaultWorkBackoff: WorkBackoff = { baseMs: 30_000, maxMs: 300_000 };
