/**
 * What an operator may do from the dashboard. Whoever starts the dashboard fills it with the functions that the commands use;
 * this room asks, and tells what became of it.
 */
import { z } from 'zod';

const name = z.string().trim().min(1).max(200);
const optional = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess((value) => (value === '' || value === undefined ? null : value), shape.nullable());

/** Bounds of a rate and of workers are those of `oikotie city set`. */
const rate = optional(z.coerce.number().gt(0).max(1_000));
const count = (most: number) => optional(z.coerce.number().int().min(1).max(most));

/** An action as a form sends it; texts become numbers here. */
export const actionShape = z.discriminatedUnion('kind', [
  /** A run at once: of one city, or of all that are enabled. */
  z.object({ kind: z.literal('run'), city: optional(name), limit: count(1_000_000) }),
  /** A run of the city: it asks again for every listing whose last try failed, as every run does. */
  z.object({ kind: z.literal('retry-failed'), city: name }),
  /** A run of the city that may lose many listings at once. */
  z.object({ kind: z.literal('accept-drop'), city: name }),
  z.object({ kind: z.literal('pause-schedule') }),
  z.object({ kind: z.literal('resume-schedule') }),
  z.object({ kind: z.literal('pause-city'), city: name }),
  z.object({ kind: z.literal('resume-city'), city: name }),
  z
    .object({ kind: z.literal('set-limits'), city: name, rate, workers: count(1_000) })
    .refine(
      ({ rate: perSecond, workers }) => perSecond !== null || workers !== null,
      'expected a rate, workers or both',
    ),
  z.object({ kind: z.literal('reset-limits'), city: name }),
  z.object({ kind: z.literal('open-breaker'), breaker: name }),
  z.object({ kind: z.literal('close-breaker'), breaker: name }),
  z.object({ kind: z.literal('reset-breaker'), breaker: name }),
  z.object({ kind: z.literal('drain-node'), node: name }),
  z.object({ kind: z.literal('release-quarantine'), execution: name, city: name }),
  z.object({ kind: z.literal('discard-quarantine'), execution: name, city: name }),
]);
export type OperatorAction = z.infer<typeof actionShape>;
export type ActionKind = OperatorAction['kind'];

/** Why something was not done; nothing has changed then. */
export const refusalReasons = [
  'needs_cluster',
  'cluster_away',
  'run_under_way',
  'unknown_city',
  'unknown_breaker',
  'unknown_node',
  'node_offline',
  'nothing_set',
  'unchanged',
  'no_quarantine',
  'database_held',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export type ActionResult =
  | {
      readonly outcome: 'done';
      /** What it came to: an execution, limits in words, a count of listings; null when there is nothing to add. */
      readonly about: string | null;
      /** What else to see to, in sentences. */
      readonly warnings: readonly string[];
    }
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly about: string | null };

export interface OperatorActions {
  /** Why an action of this kind cannot be done here, however often one asks; null when it can. */
  readonly hindrance: (kind: ActionKind) => RefusalReason | null;
  /**
   * Does it, on record, as the command would.
   * @throws whatever went wrong half-way: part of it may have been done.
   */
  readonly perform: (action: OperatorAction) => Promise<ActionResult>;
}
