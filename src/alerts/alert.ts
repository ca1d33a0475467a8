/**
 * What an alert is: one thing that is wrong, named so that it can be opened once and resolved once. What is wrong is judged
 * in judge-run.ts and judge-cluster.ts; docs/alerts.md has a section for each kind.
 */
import { z } from 'zod';

export const alertKinds = [
  'run_failed',
  'run_degraded',
  'run_crashed',
  'run_missing',
  'city_incomplete',
  'quarantine_open',
  'breaker_open',
  'node_offline',
  'role_missing',
  'queue_stuck',
  'redis_away',
] as const;
export type AlertKind = (typeof alertKinds)[number];

export interface Alert {
  readonly kind: AlertKind;
  /** City, breaker, node, role or queue; null when there is only one of the kind. */
  readonly subject: string | null;
  /** What is wrong, in a sentence. */
  readonly summary: string;
}

export const openAlertSchema = z.object({
  kind: z.enum(alertKinds),
  subject: z.string().nullable(),
  summary: z.string(),
  /** ISO 8601 UTC. */
  openedAtUtc: z.string(),
});
export type OpenAlert = Readonly<z.infer<typeof openAlertSchema>>;

export const alertEventSchema = openAlertSchema.extend({
  type: z.enum(['opened', 'resolved']),
  /** When that was noticed, ISO 8601 UTC. */
  atUtc: z.string(),
});
/** An alert that was opened or resolved: what the channels are told. */
export type AlertEvent = Readonly<z.infer<typeof alertEventSchema>>;

/** What somebody found when he looked: what is wrong of all that he looks at. */
export interface Judgement {
  readonly firing: readonly Alert[];
  /** True for an open alert that this look would have found if it were still so. */
  readonly covers: (alert: Pick<Alert, 'kind' | 'subject'>) => boolean;
}

/** Unique among all that can be wrong, e.g. `city_incomplete/Helsinki`. */
export function keyOf({ kind, subject }: Pick<Alert, 'kind' | 'subject'>): string {
  return subject === null ? kind : `${kind}/${subject}`;
}

export interface AlertChanges {
  readonly opened: readonly OpenAlert[];
  readonly resolved: readonly OpenAlert[];
}

/** What a judgement changes: an alert that is open stays as it was opened. @param atUtc ISO 8601 */
export function changesOf(judgement: Judgement, open: readonly OpenAlert[], atUtc: string): AlertChanges {
  const known = new Set(open.map(keyOf));
  const firing = new Map(judgement.firing.map((alert) => [keyOf(alert), alert]));
  return {
    opened: [...firing].filter(([key]) => !known.has(key)).map(([, alert]) => ({ ...alert, openedAtUtc: atUtc })),
    resolved: open.filter((alert) => !firing.has(keyOf(alert)) && judgement.covers(alert)),
  };
}
