/**
 * What is said of changes that are taken back because a run has drifted: when they are, and when an operator decides.
 */
import type { Drift } from './judge-drift.ts';

/** Changes of a run that are to be taken back. */
export interface QuarantineWrite {
  readonly executionId: string;
  readonly city: string;
  /** What fell from what to what. */
  readonly reason: string;
  readonly drifts: readonly Drift[];
  /** ISO 8601 UTC. */
  readonly openedAtUtc: string;
}

/** What an operator has decided of changes that are in quarantine. */
export interface QuarantineClosing {
  readonly executionId: string;
  readonly city: string;
  /** `release` accepts them, `discard` forgets them. */
  readonly action: 'release' | 'discard';
  /** ISO 8601 UTC. */
  readonly closedAtUtc: string;
}

export interface ClosedQuarantine {
  /** Listings whose changes were in it, and those of them whose changes hold now. */
  readonly listings: number;
  readonly released: number;
}
