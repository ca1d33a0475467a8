/**
 * The grammar of `setup-cron`.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { AddCommand } from './grammar.ts';
import { configOption, examples } from './grammar.ts';

interface SetupFlags {
  readonly config?: string;
  readonly at?: string;
  readonly remove?: boolean;
  readonly print?: boolean;
}

export const addSetupCron: AddCommand = (program, choose) => {
  program
    .command('setup-cron')
    .description('Have cron start a run in this folder every day, without Redis; or stop it.')
    .addOption(configOption())
    .option('--at <pattern>', 'minute hour day month weekday (default: the configured schedule)', cronPattern)
    .addOption(new Option('--remove', 'take the entry of this folder out'))
    .addOption(new Option('--print', 'print the entry and change nothing').conflicts('remove'))
    .addHelpText(
      'after',
      examples([
        'oikotie setup-cron',
        'oikotie setup-cron --at "15 4 * * *" --config config/config.json',
        'oikotie setup-cron --print',
        'oikotie setup-cron --remove',
        '',
        'Two runs never overlap: the second finds the database held and ends with 0.',
      ]),
    )
    .action(({ config, at, remove, print }: SetupFlags) =>
      choose(async (io) => {
        const { runSetupCron } = await import('../setup-cron.ts');
        const action = remove === true ? 'remove' : print === true ? 'print' : 'write';
        return runSetupCron({ configPath: config, pattern: at, action }, io);
      }),
    );
};

function cronPattern(text: string): string {
  if (/^(\S+\s+){4}\S+$/.test(text.trim()) && /^[\d\s*,/-]+$/.test(text)) return text.trim();
  throw new InvalidArgumentError(`expected five fields of digits, *, commas, dashes and slashes, got "${text}"`);
}
