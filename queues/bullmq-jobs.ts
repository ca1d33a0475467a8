/**
 * How our jobs are written in BullMQ's terms: envelope, options, parents. Pure; the one place that knows both shapes.
 */
import type { FlowJob, FlowJobNode, Job, JobsOptions } from 'bullmq';
import type { JobKind, JobRequest } from '../src/jobs/job.ts';

/** What a job carries in Redis. */
export interface JobEnvelope {
  readonly payload: unknown;
  /** Times the job was put back because nothing could be asked; such starts are not counted. */
  readonly holds: number;
}

/** A job of ours as BullMQ hands it to a processor. */
export type EngineJob = Job<JobEnvelope>;

/** A parent in BullMQ's terms: id and qualified queue name (`<prefix>:<queue>`). */
export interface ParentRef {
  readonly id: string;
  readonly queue: string;
}

/** How the kinds differ in Redis. */
export interface FlowRules {
  /** True for a job that is settled elsewhere: it is left out. */
  readonly isAlreadySettled: (jobId: string) => boolean;
  /** Kinds whose loss fails everything that waits for them. */
  readonly fatalKinds: ReadonlySet<JobKind>;
}

/** BullMQ asks for a limit; the real one is the retry policy, which is asked at every failure. */
const attemptsOfBullMq = 10_000;

/** Completed jobs stay a day, so that a repeat stays a no-op; at most this many per queue. Failed ones stay until removed. */
export const keepCompleted = { age: 86_400, count: 100_000 };

/**
 * BullMQ runs jobs without a priority first, then lower numbers before higher; ours are higher first and 0 by default.
 * Every job therefore has one, counted down from here (its limit is 2,097,151).
 */
export const basePriority = 1_048_576;

/** A request and its children as a flow below `parent`; null when it is already settled. */
export function toFlowJob(request: JobRequest, parent: ParentRef | null, rules: FlowRules): FlowJob | null {
  if (rules.isAlreadySettled(request.id)) return null;
  const node = nodeOf(request, rules);
  return parent === null ? node : { ...node, opts: { ...node.opts, parent } };
}

/** The request and everything it brings along, each with the id of the job that waits for it. */
export function withDescendants(
  request: JobRequest,
  parentId: string | null,
): readonly { readonly request: JobRequest; readonly parentId: string | null }[] {
  const below = (request.children ?? []).flatMap((child) => withDescendants(child, request.id));
  return [{ request, parentId }, ...below];
}

function nodeOf(request: JobRequest, rules: FlowRules): FlowJobNode {
  const { kind, queue, payload, children = [] } = request;
  const data: JobEnvelope = { payload, holds: 0 };
  const node = { name: kind, queueName: queue, data, opts: optionsOf(request, rules) };
  const unsettled = children.filter((child) => !rules.isAlreadySettled(child.id));
  return unsettled.length === 0 ? node : { ...node, children: unsettled.map((child) => nodeOf(child, rules)) };
}

function optionsOf({ id, kind, priority = 0 }: JobRequest, { fatalKinds }: FlowRules): Omit<JobsOptions, 'parent'> {
  const onFailure = fatalKinds.has(kind) ? { failParentOnFailure: true } : { ignoreDependencyOnFailure: true };
  return {
    jobId: id,
    attempts: attemptsOfBullMq,
    backoff: { type: 'policy' },
    priority: basePriority - priority,
    removeOnComplete: keepCompleted,
    removeOnFail: false,
    ...onFailure,
  };
}
