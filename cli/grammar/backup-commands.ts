/**
 * The grammar of `backup` and `restore`.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, databaseOption, databasePathFor, examples, jsonOption } from './grammar.ts';

export const addBackup: AddCommand = (program, choose) => {
  program
    .command('backup')
    .description('Copy the whole database into one file with a manifest beside it.')
    .option('--to <folder>', 'where to put it (default: `backups` beside the database)')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the manifest'))
    .addHelpText(
      'after',
      examples([
        'oikotie backup',
        'oikotie backup --to /mnt/backups',
        '',
        'While a run holds the database the published snapshot is copied, and its age is said.',
        'The raw archive is not in it.',
      ]),
    )
    .action((options: { to?: string; database?: string; config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runBackup } = await import('../backup.ts');
        const databasePath = await databasePathFor(options);
        return runBackup({ databasePath, to: options.to, json: options.json ?? false }, io);
      }),
    );
};

export const addRestore: AddCommand = (program, choose) => {
  program
    .command('restore')
    .description('Compare a backup with its manifest and put it in the place of the database.')
    .argument('<file>', 'the .duckdb file of the backup, its .json beside it')
    .option('--force', 'replace a database that is there; it is kept beside')
    .addOption(databaseOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        'oikotie restore data/backups/real_estate-2026-11-21T100400Z.duckdb',
        'oikotie restore backup.duckdb --force --database data/real_estate.duckdb',
        '',
        'A database that is in use is never replaced: stop the run or the store first.',
      ]),
    )
    .action((backupPath: string, options: { force?: boolean; database?: string; config?: string }) =>
      choose(async (io) => {
        const { runRestore } = await import('../backup.ts');
        const { force = false, database, config } = options;
        return runRestore({ backupPath, configPath: config, databasePath: database, isForced: force }, io);
      }),
    );
};
