/**
 * The grammar of `import`.
 */
import { InvalidArgumentError } from 'commander';
import type { AddCommand } from './grammar.ts';
import { configOption, databaseOption, examples, jsonOption } from './grammar.ts';

interface ImportOptions {
  readonly config?: string;
  readonly database?: string;
  readonly timeZone: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const addImport: AddCommand = (program, choose) => {
  program
    .command('import')
    .description('Bring in the history that an older collector kept in a DuckDB file with a table `listings`.')
    .argument('<file>', 'the older .duckdb file; it is only read')
    .option('--time-zone <zone>', 'zone of its times that say none', timeZone, 'Europe/Helsinki')
    .option('--dry-run', 'tell what it would bring, and write nothing')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the counts'))
    .addHelpText(
      'after',
      examples([
        'oikotie import old/real_estate.duckdb --dry-run',
        'oikotie import old/real_estate.duckdb',
        'oikotie import old.duckdb --time-zone UTC --database data/real_estate.duckdb',
        '',
        'Importing the same file again adds nothing. What is stored already stays as it is.',
        'Exit: 0 all rows were read; 1 some were left out, named; 3 a file cannot be used.',
      ]),
    )
    .action((path: string, options: ImportOptions) =>
      choose(async (io) => {
        const { runImport } = await import('../import.ts');
        const { config: configPath, database: databasePath, dryRun: isDryRun = false, json = false } = options;
        return runImport({ path, configPath, databasePath, timeZone: options.timeZone, isDryRun, json }, io);
      }),
    );
};

function timeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError(`expected a time zone such as Europe/Helsinki or UTC, got "${text}"`);
  }
}
