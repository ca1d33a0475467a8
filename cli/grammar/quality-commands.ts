/**
 * The grammar of `quality` and `quarantine`.
 */
import type { Command } from 'commander';
import type { QuarantineOptions } from '../quarantine.ts';
import type { AddCommand } from './grammar.ts';
import { configOption, databaseOption, examples, jsonOption } from './grammar.ts';

interface QualityFlags {
  readonly city?: string;
  readonly database?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export const addQuality: AddCommand = (program, choose) => {
  program
    .command('quality')
    .description("Show how good the data is: fields of each city's last run beside its history, scores, quarantines.")
    .option('--city <name>', 'only this city')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('all of it'))
    .addHelpText(
      'after',
      examples([
        'oikotie quality',
        'oikotie quality --city Helsinki',
        'oikotie quality --json > quality.json',
        '',
        'Exit: 0 nothing is in quarantine; 1 something is; 2 bad input; 3 the database cannot be read.',
      ]),
    )
    .action((options: QualityFlags) =>
      choose(async (io) => {
        const { runQuality } = await import('../quality.ts');
        const { config, databasePath } = await placeFor(options);
        return runQuality({ ...options, json: options.json ?? false, databasePath, limits: config.quality }, io);
      }),
    );
};

const actionHelp = {
  release: 'Accept its changes: they hold from the time on when they were seen, where nothing newer has come.',
  discard: 'Forget its changes; what is stored stays as it is.',
} as const;

export const addQuarantine: AddCommand = (program, choose) => {
  const quarantine = program
    .command('quarantine')
    .description('Show the changes that were taken back because a run had drifted, or release or discard them.')
    .addHelpText(
      'after',
      examples([
        'oikotie quarantine list',
        'oikotie quarantine release daily-2026-11-22 Helsinki',
        'oikotie quarantine discard daily-2026-11-22 Helsinki --json',
        '',
        'Exit: 0 done, or nothing is open; 1 something is open; 2 bad input; 3 the database cannot be used.',
      ]),
    );
  withOptions(quarantine.command('list').description('Show every quarantine, those that are open last.')).action(
    (options: QualityFlags) =>
      choose(async (io) => {
        const { listQuarantines } = await import('../quarantine.ts');
        return listQuarantines(await optionsFor(options), io);
      }),
  );
  for (const action of ['release', 'discard'] as const) {
    withOptions(quarantine.command(action).description(actionHelp[action]))
      .argument('<execution>', 'execution whose changes they are, e.g. daily-2026-11-22')
      .argument('<city>', 'city whose changes they are')
      .action((executionId: string, city: string, options: QualityFlags) =>
        choose(async (io) => {
          const { runQuarantineDecision } = await import('../quarantine.ts');
          return runQuarantineDecision(await optionsFor(options), { executionId, city, action }, io);
        }),
      );
  }
};

function withOptions(command: Command): Command {
  return command.addOption(databaseOption()).addOption(configOption()).addOption(jsonOption('it'));
}

async function placeFor(options: QualityFlags) {
  const { loadCommandConfig } = await import('../command-config.ts');
  const { config } = await loadCommandConfig(options.config);
  return { config, databasePath: options.database ?? config.databasePath };
}

async function optionsFor(options: QualityFlags): Promise<QuarantineOptions> {
  return { ...(await placeFor(options)), json: options.json ?? false };
}
