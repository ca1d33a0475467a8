/**
 * The grammar of `politeness`.
 */
import { Option } from 'commander';
import type { AddCommand } from './grammar.ts';
import { calendarDay, configOption, databaseOption, databasePathFor, examples, jsonOption } from './grammar.ts';

export const addPoliteness: AddCommand = (program, choose) => {
  program
    .command('politeness')
    .description('Show how politely the portal was asked on one day: rates against the limits, refusals, robots.txt.')
    .addOption(
      new Option('--day <YYYY-MM-DD>', 'day in Helsinki (default: the last one with requests)').argParser(calendarDay),
    )
    .option('--city <name>', 'the portal and only this city')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the numbers'))
    .addHelpText(
      'after',
      examples([
        'oikotie politeness',
        'oikotie politeness --day 2026-11-22 --city Helsinki',
        'oikotie politeness --json > politeness.json',
        '',
        'Exit: 0 within every limit, or nothing was asked; 1 a window was above its limit;',
        '2 bad input; 3 the database cannot be read.',
      ]),
    )
    .action((options: { day?: string; city?: string; database?: string; config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runPoliteness } = await import('../politeness.ts');
        const databasePath = await databasePathFor(options);
        return runPoliteness({ ...options, json: options.json ?? false, databasePath }, io);
      }),
    );
};
