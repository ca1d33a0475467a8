/**
 * The grammar of the commands that look at the set-up: `config`, `doctor`.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

export const addConfig: AddCommand = (program, choose) => {
  program
    .command('config')
    .description('Print the effective configuration, where each value comes from, secrets masked.')
    .addOption(configOption())
    .addOption(jsonOption('it'))
    .addHelpText('after', examples(['oikotie config', 'oikotie config --config my.json --json']))
    .action((options: { config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runConfig } = await import('../config.ts');
        return runConfig({ configPath: options.config, json: options.json ?? false }, io);
      }),
    );
};

export const addDoctor: AddCommand = (program, choose) => {
  program
    .command('doctor')
    .description('Check this machine, the database, the portal and the location ids before an expensive run.')
    .addOption(configOption())
    .addOption(jsonOption('the findings'))
    .addHelpText('after', examples(['oikotie doctor', 'oikotie doctor --json']))
    .action((options: { config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runDoctorCommand } = await import('../doctor-command.ts');
        return runDoctorCommand({ configPath: options.config, json: options.json ?? false }, io);
      }),
    );
};
