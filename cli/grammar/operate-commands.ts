/**
 * The grammar of the commands that steer what is running: `breaker`.
 */
import type { Command } from 'commander';
import type { BreakerAction } from '../../workers/operator/breakers.ts';
import type { Action, AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

interface BreakerFlags {
  readonly config?: string;
  readonly json?: boolean;
  readonly standalone?: boolean;
}

const actionHelp = {
  open: 'Hold it open: nothing is asked until it is closed or reset by hand.',
  close: 'Close it: the city may be asked again, from the next request on.',
  reset: 'Close it and forget what it has counted; its history stays.',
} as const satisfies Record<BreakerAction, string>;

export const addBreaker: AddCommand = (program, choose) => {
  const breaker = program
    .command('breaker')
    .description('Show the circuit breakers of the cities and of the portal, or open, close or reset one.')
    .addHelpText(
      'after',
      examples([
        'oikotie breaker list',
        'oikotie breaker list --json',
        'oikotie breaker open Espoo',
        'oikotie breaker close portal',
        'oikotie breaker reset Espoo',
      ]),
    );
  withOptions(breaker.command('list').description('Show every breaker: its state, since when and why.')).action(
    (options: BreakerFlags) => choose(actionOf(options, null)),
  );
  for (const action of ['open', 'close', 'reset'] as const) {
    withOptions(breaker.command(action).description(actionHelp[action]))
      .argument('<city>', 'a configured city, or `portal` for all of them')
      .action((name: string, options: BreakerFlags) => choose(actionOf(options, { action, name })));
  }
};

function withOptions(command: Command): Command {
  return command
    .addOption(configOption())
    .addOption(jsonOption('the breakers'))
    .option('--standalone', 'the breakers of runs in one process, though a cluster is configured');
}

function actionOf(
  options: BreakerFlags,
  change: { readonly action: BreakerAction; readonly name: string } | null,
): Action {
  return async (io) => {
    const { runBreakerCommand } = await import('../breaker-command.ts');
    const { config: configPath, json = false, standalone: isStandalone = false } = options;
    return runBreakerCommand({ configPath, json, isStandalone, change }, io);
  };
}
