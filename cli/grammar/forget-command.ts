/**
 * The grammar of `forget`.
 */
import { InvalidArgumentError } from 'commander';
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

interface ForgetFlags {
  readonly reason?: string;
  readonly backups?: string[];
  readonly config?: string;
  readonly json?: boolean;
}

export const addForget: AddCommand = (program, choose) => {
  program
    .command('forget')
    .description('Take one listing out of everything that is kept, for good; no later run stores it again.')
    .argument('<listing-id>', 'its number, as in listing_id', listingNumber)
    .option('--reason <text>', 'why, for the audit log; name nobody in it')
    .option('--backups <folder...>', 'folders with backups to look into, besides `backups` beside the database')
    .addOption(configOption())
    .addOption(jsonOption('what was done'))
    .addHelpText(
      'after',
      examples([
        'oikotie forget 12345678 --reason "asked for by the seller"',
        '',
        'Needs the database to itself: stop the run or the store first. Datasets that hold the listing are deleted',
        'and written anew; backups and datasets with a file KEEP are named, and are yours to delete.',
        'Exit: 0 done, 1 something still holds it, 2 bad input, 3 the database is in use or cannot be written.',
      ]),
    )
    .action((listingId: string, options: ForgetFlags) =>
      choose(async (io) => {
        const { runForget } = await import('../forget.ts');
        const { reason = null, backups = [], config: configPath, json = false } = options;
        return runForget({ listingId, reason, backupDirectories: backups, configPath, json }, io);
      }),
    );
};

function listingNumber(text: string): string {
  if (/^\d{1,20}$/.test(text)) return text;
  throw new InvalidArgumentError(`expected the number of a listing such as 12345678, got "${text}"`);
}
