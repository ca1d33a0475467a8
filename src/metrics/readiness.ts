/**
 * Whether a process can do its work now, and if not, why: what `/readyz` answers. It only collects what the parts of the
 * process say of themselves; asking is free.
 */

/** Why a part is not ready, in words; null while it is. */
export type ReadinessCheck = () => string | null;

export interface Readiness {
  /** The process has begun its work. */
  readonly begin: () => void;
  /** Has the part asked from now on; a part of the same name is replaced. */
  readonly watch: (part: string, check: ReadinessCheck) => void;
  /** Why the process is not ready, by part; none when it is. */
  readonly reasons: () => Readonly<Record<string, string>>;
}

/** Not ready until `begin` was called. */
export function createReadiness(): Readiness {
  const checks = new Map<string, ReadinessCheck>([['start', () => 'the process is starting']]);
  return {
    begin: () => {
      checks.delete('start');
    },
    watch: (part, check) => {
      checks.set(part, check);
    },
    reasons: () => {
      const reasons: Record<string, string> = {};
      for (const [part, check] of checks) {
        const reason = check();
        if (reason !== null) reasons[part] = reason;
      }
      return reasons;
    },
  };
}
