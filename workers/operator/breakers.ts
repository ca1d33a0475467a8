/**
 * The circuit breakers as an operator sees and moves them. A run in progress sees the change before its next request; each
 * action is in the breaker's history and in the audit trail.
 */
import type { Config } from '../../config/config.ts';
import { breakerAuditEvent } from '../../src/jobs/breaker-audit.ts';
import type { AuditSink } from '../../src/lineage/audit-event.ts';
import { citySettings, portalBreaker, portalSettings } from '../../src/resilience/breaker-settings.ts';
import type { BreakerSettings } from '../../src/resilience/breaker-state.ts';
import type { BreakerStateStore } from '../../src/resilience/breaker-store.ts';
import type { BreakerMetrics } from '../../src/resilience/circuit-breaker.ts';
import { CircuitBreaker } from '../../src/resilience/circuit-breaker.ts';

export type BreakerAction = 'open' | 'close' | 'reset';

export interface BreakerDesk {
  readonly config: Pick<Config, 'tasks' | 'breaker' | 'nodeId'>;
  readonly store: BreakerStateStore;
  /** Told of an operator's action. */
  readonly audit: AuditSink;
}

export type BreakerMoved =
  | { readonly kind: 'done'; readonly name: string; readonly metrics: BreakerMetrics }
  | { readonly kind: 'unknown_breaker'; readonly known: readonly string[] };

/** The portal's, those of the configured cities, and whatever else has a state. @throws StorageError STATE_UNUSABLE */
export async function readBreakers(desk: BreakerDesk): Promise<readonly BreakerMetrics[]> {
  const metrics: BreakerMetrics[] = [];
  for (const name of await knownNames(desk)) metrics.push(await breakerOf(name, desk).getMetrics());
  return metrics;
}

/** Does it to one breaker; its name in any case of letters. @throws StorageError STATE_UNUSABLE */
export async function moveBreaker(desk: BreakerDesk, action: BreakerAction, name: string): Promise<BreakerMoved> {
  const known = await knownNames(desk);
  const chosen = known.find((each) => each.toLowerCase() === name.toLowerCase());
  if (chosen === undefined) return { kind: 'unknown_breaker', known };
  const breaker = breakerOf(chosen, desk);
  await actionsOf(breaker)[action]();
  return { kind: 'done', name: chosen, metrics: await breaker.getMetrics() };
}

function actionsOf(breaker: CircuitBreaker): Readonly<Record<BreakerAction, () => Promise<void>>> {
  return {
    open: () => breaker.forceOpen(),
    close: () => breaker.forceClose(),
    reset: () => breaker.reset(),
  };
}

async function knownNames({ config, store }: Pick<BreakerDesk, 'config' | 'store'>): Promise<readonly string[]> {
  const cities = new Set([...config.tasks.map(({ city }) => city), ...(await store.list()).keys()]);
  cities.delete(portalBreaker);
  return [portalBreaker, ...[...cities].sort((left, right) => left.localeCompare(right, 'fi'))];
}

function breakerOf(name: string, { config, store, audit }: BreakerDesk): CircuitBreaker {
  return new CircuitBreaker({
    ...{ name, store, nodeId: config.nodeId, settings: settingsOf(name, config.breaker) },
    // An operator asks for no call.
    newToken: () => '',
    onChange: (change) => audit(breakerAuditEvent(name, change, null)),
  });
}

function settingsOf(name: string, limits: Config['breaker']): BreakerSettings {
  return name === portalBreaker ? portalSettings(limits, 0) : citySettings(limits, 0);
}
