/**
 * What is wrong with a cluster, seen by its watchdog: breakers, nodes, roles that nobody plays, queues that stand still, a
 * day without its run. Pure.
 */
import type { NodeFigures, QueueFigures } from '../metrics/figures.ts';
import type { BreakerState } from '../resilience/breaker-state.ts';
import { notClosedMs } from '../resilience/breaker-state.ts';
import type { Alert, AlertKind, Judgement } from './alert.ts';

export interface ClusterSight {
  readonly nowMs: number;
  readonly nodes: readonly Pick<NodeFigures, 'nodeId' | 'role' | 'status'>[];
  readonly breakers: ReadonlyMap<string, Pick<BreakerState, 'status' | 'history'>>;
  /** Sentences by the role that a run waits for. */
  readonly missingRoles: readonly { readonly role: string; readonly sentence: string }[];
  /** Since when each queue that has work stands still, in epoch milliseconds. */
  readonly stillSinceMs: ReadonlyMap<string, number>;
  /** Day whose run should have ended by now and has not; null when none is. */
  readonly missingRunDay: string | null;
}

export interface ClusterLimits {
  readonly breakerOpenMs: number;
  readonly queueStuckMs: number;
}

const coveredKinds: ReadonlySet<AlertKind> = new Set<AlertKind>([
  'breaker_open',
  'node_offline',
  'role_missing',
  'queue_stuck',
  'run_missing',
]);

/** What is wrong now. */
export function judgeCluster(sight: ClusterSight, limits: ClusterLimits): Judgement {
  return {
    firing: [
      ...breakerAlerts(sight.breakers, sight.nowMs, limits.breakerOpenMs),
      ...sight.nodes.filter(({ status }) => status === 'offline').map(nodeAlert),
      ...sight.missingRoles.map(
        ({ role, sentence }): Alert => ({ kind: 'role_missing', subject: role, summary: sentence }),
      ),
      ...stuckAlerts(sight, limits.queueStuckMs),
      ...missingRunAlerts(sight.missingRunDay),
    ],
    covers: ({ kind }) => coveredKinds.has(kind),
  };
}

/** Those that have not been closed for too long. */
export function breakerAlerts(breakers: ClusterSight['breakers'], nowMs: number, longestMs: number): readonly Alert[] {
  return [...breakers].flatMap(([name, state]): readonly Alert[] => {
    const forMs = notClosedMs(state, nowMs);
    if (forMs < longestMs) return [];
    const why = state.history.at(-1)?.reason ?? 'no reason is known';
    const summary = `the breaker of ${name} has not been closed for ${minutes(forMs)}: ${why}`;
    return [{ kind: 'breaker_open', subject: name, summary }];
  });
}

function nodeAlert({ nodeId, role }: Pick<NodeFigures, 'nodeId' | 'role'>): Alert {
  return { kind: 'node_offline', subject: nodeId, summary: `${role} ${nodeId} has missed three heartbeats` };
}

function stuckAlerts({ stillSinceMs, nowMs }: ClusterSight, longestMs: number): readonly Alert[] {
  return [...stillSinceMs].flatMap(([queue, sinceMs]): readonly Alert[] => {
    if (nowMs - sinceMs < longestMs) return [];
    const summary = `queue ${queue} has jobs and nothing of it has moved for ${minutes(nowMs - sinceMs)}`;
    return [{ kind: 'queue_stuck', subject: queue, summary }];
  });
}

function missingRunAlerts(day: string | null): readonly Alert[] {
  if (day === null) return [];
  return [{ kind: 'run_missing', subject: null, summary: `the run of ${day} has not ended, long after its time` }];
}

function minutes(durationMs: number): string {
  return `${Math.floor(durationMs / 60_000)} min`;
}

export interface QueueStillness {
  /**
   * Takes a look at the queues; gives since when each one with work stands still, in epoch milliseconds. A queue that is not
   * among them is forgotten: its stillness counts from when it comes again.
   */
  readonly look: (queues: readonly QueueFigures[], nowMs: number) => ReadonlyMap<string, number>;
}

/** Sees from one look to the next whether anything of a queue has moved. */
export function watchStillness(): QueueStillness {
  const seen = new Map<string, { readonly figures: string; readonly sinceMs: number }>();
  return {
    look: (queues, nowMs) => {
      const still = new Map<string, number>();
      const names = new Set(queues.map(({ queue }) => queue));
      for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
      for (const { queue, jobs } of queues) {
        const figures = JSON.stringify(jobs);
        const before = seen.get(queue);
        const sinceMs = before?.figures === figures ? before.sinceMs : nowMs;
        seen.set(queue, { figures, sinceMs });
        if ((jobs['waiting'] ?? 0) + (jobs['prioritized'] ?? 0) > 0) still.set(queue, sinceMs);
      }
      return still;
    },
  };
}
