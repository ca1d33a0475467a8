/**
 * `oikotie breaker`: shows the circuit breakers and lets an operator hold one open, close it or forget what it has
 * counted. A run in progress sees the change before its next request; each action is in the breaker's history.
 */
import type { BreakerAction, BreakerDesk } from '../workers/operator/breakers.ts';
import { moveBreaker, readBreakers } from '../workers/operator/breakers.ts';
import { renderBreakers } from './breaker-table.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { widthOf } from './text-table.ts';

export interface BreakerOptions extends BreakerDesk {
  readonly json: boolean;
}

/** Prints every breaker: the portal's, those of the configured cities, and whatever else has a state. */
export function listBreakers({ json, ...desk }: BreakerOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const metrics = await readBreakers(desk);
    if (json) io.stdout.write(`${JSON.stringify(metrics, null, 2)}\n`);
    else io.stdout.write(renderBreakers(metrics, widthOf(io.stdout)));
    return exitCodes.ok;
  });
}

/** Does it to one breaker and prints what became of it; 2 when there is none of that name. */
export function operateBreaker(
  { action, name, json, ...desk }: BreakerOptions & { readonly action: BreakerAction; readonly name: string },
  io: CommandIo,
): Promise<number> {
  return reportStorageErrors(io, async () => {
    const moved = await moveBreaker(desk, action, name);
    if (moved.kind === 'unknown_breaker') {
      io.stderr.write(`breaker ${action} ${name}: expected one of ${moved.known.join(', ')}\n`);
      return exitCodes.badInput;
    }
    if (json) io.stdout.write(`${JSON.stringify(moved.metrics, null, 2)}\n`);
    else io.stdout.write(`${sentences[action](moved.name)}\n`);
    return exitCodes.ok;
  });
}

const sentences: Readonly<Record<BreakerAction, (name: string) => string>> = {
  open: (name) => `${name} is held open: nothing is asked until "oikotie breaker close ${name}" or reset.`,
  close: (name) => `${name} is closed: it may be asked again.`,
  reset: (name) => `${name} is reset: closed, nothing counted, no node kept from asking.`,
};
