/**
 * The grammar of the commands that look at pages and data: `parse`, `listings`, `sql`, `export`, `raw`.
 */
import { Option } from 'commander';
import type { ArchivePlace } from '../../src/storage/open-body-store.ts';
import type { AddCommand } from './grammar.ts';
import {
  configOption,
  databaseOption,
  databasePathFor,
  examples,
  jsonOption,
  momentOf,
  positiveInteger,
} from './grammar.ts';

export const addParse: AddCommand = (program, choose) => {
  program
    .command('parse')
    .description('Read one page or response and print its value and issues as JSON.')
    .argument('<file-or-url>', 'a file, `-` for standard input, or a URL of an allowed host')
    .option('--city <name>', 'city the page should be of')
    .option('--personal-data', 'keep phones, e-mail addresses and contact persons')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples(['oikotie parse page.html', 'curl -s http://127.0.0.1:8080/… | oikotie parse - --city Helsinki']),
    )
    .action((source: string, options: { city?: string; personalData?: boolean; config?: string }) =>
      choose(async (io) => {
        const { runParse } = await import('../parse.ts');
        const { fetchTextFor } = await import('../fetch-text.ts');
        return runParse({ source, ...options, fetchText: fetchTextFor(options.config, io) }, io);
      }),
    );
};

export const addListings: AddCommand = (program, choose) => {
  program
    .command('listings')
    .description('Show stored listings, newest first.')
    .option('--city <name>', 'only this city')
    .addOption(new Option('--deal <type>', 'only sales or only rentals').choices(['sale', 'rent']))
    .addOption(
      new Option('--as-of <time>', 'as they were at the end of a day in Helsinki, or at an instant').argParser(
        momentOf,
      ),
    )
    .addOption(new Option('--limit <count>', 'rows').argParser(positiveInteger).default(20))
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the rows'))
    .addHelpText(
      'after',
      examples([
        'oikotie listings --city Espoo',
        'oikotie listings --deal rent --limit 5 --json',
        'oikotie listings --as-of 2026-11-22',
        'oikotie listings --as-of 2026-11-22T05:30:00Z --json',
      ]),
    )
    .action((options: ListingsFlags) =>
      choose(async (io) => {
        const { runListings } = await import('../listings.ts');
        const databasePath = await databasePathFor(options);
        return runListings({ ...options, json: options.json ?? false, databasePath }, io);
      }),
    );
};

interface ListingsFlags {
  readonly city?: string;
  readonly deal?: 'sale' | 'rent';
  readonly asOf?: number;
  readonly limit: number;
  readonly database?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export const addSql: AddCommand = (program, choose) => {
  program
    .command('sql')
    .description('Answer one read-only query on the database.')
    .argument('<select>', 'one SELECT, WITH, FROM, DESCRIBE or SHOW statement')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the rows'))
    .addHelpText(
      'after',
      examples([
        'oikotie sql "select city, count(*) as listings from listings group by city"',
        'oikotie sql "from city_executions order by started_at desc limit 5" --json',
      ]),
    )
    .action((query: string, options: { database?: string; config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runSql } = await import('../sql.ts');
        return runSql({ query, json: options.json ?? false, databasePath: await databasePathFor(options) }, io);
      }),
    );
};

export const addExport: AddCommand = (program, choose) => {
  program
    .command('export')
    .description('Write the stored listings to one file.')
    .addOption(new Option('--format <format>', 'file format').choices(['parquet', 'csv', 'json']).makeOptionMandatory())
    .option('--output <file>', 'file to write (default: listings.<format> in the configured output_directory)')
    .option('--city <name>', 'only this city')
    .addOption(
      new Option(
        '--as-of <time>',
        'the listings as they were at the end of a day (2026-11-21, in Helsinki) or at an instant with its zone',
      ).argParser(momentOf),
    )
    .addOption(databaseOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        'oikotie export --format parquet',
        'oikotie export --format csv --output espoo.csv --city Espoo',
        'oikotie export --format parquet --as-of 2026-11-21',
        'oikotie export --format csv --as-of 2026-11-21T12:00:00Z',
      ]),
    )
    .action(
      (options: {
        format: 'parquet' | 'csv' | 'json';
        output?: string;
        city?: string;
        asOf?: number;
        database?: string;
        config?: string;
      }) =>
        choose(async (io) => {
          const { runExport } = await import('../export.ts');
          const output = options.output ?? (await defaultExportPath(options));
          return runExport({ ...options, output, databasePath: await databasePathFor(options) }, io);
        }),
    );
};

export const addRaw: AddCommand = (program, choose) => {
  program
    .command('raw')
    .description('Print the response that a row was read from, out of the raw archive.')
    .argument('<sha256>', 'response_sha256 of the row')
    .option('--archive <folder>', 'folder of the archive (default: the configured folder or bucket)')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        `oikotie sql "select response_sha256 from listings where listing_id = '1'"`,
        'oikotie raw <sha256> | oikotie parse -',
      ]),
    )
    .action((sha256: string, options: { archive?: string; config?: string }) =>
      choose(async (io) => {
        const { runRaw } = await import('../raw.ts');
        return runRaw({ sha256, place: await archiveFor(options) }, io);
      }),
    );
};

async function archiveFor({ archive, config }: { archive?: string; config?: string }): Promise<ArchivePlace> {
  if (archive !== undefined) return { directory: archive, bucket: null };
  const { loadCommandConfig } = await import('../command-config.ts');
  return (await loadCommandConfig(config)).config.rawArchive;
}

async function defaultExportPath(options: { format: string; config?: string }): Promise<string> {
  const { join } = await import('node:path');
  const { loadCommandConfig } = await import('../command-config.ts');
  return join((await loadCommandConfig(options.config)).config.outputDirectory, `listings.${options.format}`);
}
