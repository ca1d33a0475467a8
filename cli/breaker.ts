/**
 * `oikotie breaker`: shows the circuit breakers and lets an operator hold one open, close it or forget what it has
 * counted. A run in progress sees the change before its next request; each action is in the breaker's history.
 */
import type { Config } from '../config/config.ts';
import { breakerAuditEvent } from '../src/jobs/breaker-audit.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import { citySettings, portalBreaker, portalSettings } from '../src/resilience/breaker-settings.ts';
import type { BreakerSettings } from '../src/resilience/breaker-state.ts';
import type { BreakerStateStore } from '../src/resilience/breaker-store.ts';
import type { BreakerMetrics } from '../src/resilience/circuit-breaker.ts';
import { CircuitBreaker } from '../src/resilience/circuit-breaker.ts';
import { renderBreakers } from './breaker-table.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { widthOf } from './text-table.ts';

export type BreakerAction = 'open' | 'close' | 'reset';

export interface BreakerOptions {
  readonly config: Pick<Config, 'tasks' | 'breaker' | 'nodeId'>;
  readonly store: BreakerStateStore;
  /** Told of an operator's action. */
  readonly audit: AuditSink;
  readonly json: boolean;
}

/** Prints every breaker: the portal's, those of the configured cities, and whatever else has a state. */
export function listBreakers(options: BreakerOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const metrics: BreakerMetrics[] = [];
    for (const name of await knownNames(options)) metrics.push(await breakerOf(name, options).getMetrics());
    if (options.json) io.stdout.write(`${JSON.stringify(metrics, null, 2)}\n`);
    else io.stdout.write(renderBreakers(metrics, widthOf(io.stdout)));
    return exitCodes.ok;
  });
}

/** Does it to one breaker and prints what became of it; 2 when there is none of that name. */
export function operateBreaker(
  { action, name, ...options }: BreakerOptions & { readonly action: BreakerAction; readonly name: string },
  io: CommandIo,
): Promise<number> {
  return reportStorageErrors(io, async () => {
    const known = await knownNames(options);
    const chosen = known.find((each) => each.toLowerCase() === name.toLowerCase());
    if (chosen === undefined) {
      io.stderr.write(`breaker ${action} ${name}: expected one of ${known.join(', ')}\n`);
      return exitCodes.badInput;
    }
    const breaker = breakerOf(chosen, options);
    await actionsOf(breaker)[action]();
    const metrics = await breaker.getMetrics();
    if (options.json) io.stdout.write(`${JSON.stringify(metrics, null, 2)}\n`);
    else io.stdout.write(`${sentences[action](chosen)}\n`);
    return exitCodes.ok;
  });
}

function actionsOf(breaker: CircuitBreaker): Readonly<Record<BreakerAction, () => Promise<void>>> {
  return {
    open: () => breaker.forceOpen(),
    close: () => breaker.forceClose(),
    reset: () => breaker.reset(),
  };
}

const sentences: Readonly<Record<BreakerAction, (name: string) => string>> = {
  open: (name) => `${name} is held open: nothing is asked until "oikotie breaker close ${name}" or reset.`,
  close: (name) => `${name} is closed: it may be asked again.`,
  reset: (name) => `${name} is reset: closed, nothing counted, no node kept from asking.`,
};

async function knownNames({ config, store }: Pick<BreakerOptions, 'config' | 'store'>): Promise<readonly string[]> {
  const cities = new Set([...config.tasks.map(({ city }) => city), ...(await store.list()).keys()]);
  cities.delete(portalBreaker);
  return [portalBreaker, ...[...cities].sort((left, right) => left.localeCompare(right, 'fi'))];
}

function breakerOf(name: string, options: Pick<BreakerOptions, 'config' | 'store' | 'audit'>): CircuitBreaker {
  const { config, store, audit } = options;
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
