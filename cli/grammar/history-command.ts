/**
 * The grammar of `history`.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, databaseOption, databasePathFor, examples, jsonOption } from './grammar.ts';

export const addHistory: AddCommand = (program, choose) => {
  program
    .command('history')
    .description('Show what a listing was and when: changes, prices, gone and back, days on the market, its home.')
    .argument('<listing-id>', "the id in the listing's URL")
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('versions, prices and links'))
    .addHelpText(
      'after',
      examples([
        'oikotie history 23328035',
        'oikotie history 23328035 --json > history.json',
        '',
        'Times are in Helsinki. Exit: 0 shown; 2 no such listing; 3 the database cannot be read.',
      ]),
    )
    .action((listingId: string, options: { database?: string; config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runHistory } = await import('../history.ts');
        const databasePath = await databasePathFor(options);
        return runHistory({ listingId, json: options.json ?? false, databasePath }, io);
      }),
    );
};
