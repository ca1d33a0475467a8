/**
 * The grammar of the commands that look at the set-up: `config`, `doctor`, `debug-bundle`.
 */
import { Option } from 'commander';
import type { DoctorRole } from '../doctor-role.ts';
import { doctorRoles } from '../doctor-role.ts';
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption, positiveInteger } from './grammar.ts';

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
    .description('Check what a run, or a role of a cluster, needs: machine, folders, ports, database, Redis, portal.')
    .addOption(
      new Option(
        '--role <role>',
        'what the process is to be (default: a run in one process, and Redis when set)',
      ).choices(doctorRoles),
    )
    .addOption(configOption())
    .addOption(jsonOption('the findings'))
    .addHelpText('after', examples(['oikotie doctor', 'oikotie doctor --role worker', 'oikotie doctor --json']))
    .action((options: { config?: string; role?: DoctorRole; json?: boolean }) =>
      choose(async (io) => {
        const { runDoctorCommand } = await import('../doctor-command.ts');
        const { config: configPath, role, json = false } = options;
        return runDoctorCommand({ configPath, role, json }, io);
      }),
    );
};

export const addDebugBundle: AddCommand = (program, choose) => {
  program
    .command('debug-bundle')
    .description(
      'Make a zip of configuration (masked), versions, checks, recent runs and logs, for whoever is to help.',
    )
    .addOption(configOption())
    .addOption(new Option('--days <count>', 'of runs and logs').argParser(positiveInteger).default(7))
    .option('--to <file>', 'where to write it (default: oikotie-debug-<time>.zip here)')
    .addHelpText('after', examples(['oikotie debug-bundle', 'oikotie debug-bundle --days 2 --to /tmp/bundle.zip']))
    .action(({ config: configPath, days, to }: { config?: string; days: number; to?: string }) =>
      choose(async (io) => {
        const { runDebugBundle } = await import('../debug-bundle.ts');
        return runDebugBundle({ configPath, days, to }, io);
      }),
    );
};
