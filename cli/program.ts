/**
 * The command line: every command with its options and examples. It only knows the grammar; each command's work is
 * loaded when that command is called, so that `--help` answers at once.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';

export interface Program {
  /** Parses the arguments, runs the command, gives back its exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

type Action = (io: CommandIo) => Promise<number>;

const configOption = () =>
  new Option('--config <file>', 'configuration file (default: config/config.json here, else the shipped one)');
const databaseOption = () => new Option('--database <file>', 'database file (default: the configured database_path)');
const jsonOption = (what: string) => new Option('--json', `print ${what} as JSON on stdout`);

/** Builds the grammar for one invocation. */
export function createProgram(io: CommandIo, version: string): Program {
  let chosen: Action = async () => exitCodes.ok;
  const choose = (action: Action) => {
    chosen = action;
  };
  const program = new Command('oikotie')
    .description('Collects Finnish housing listings from Oikotie every day into a DuckDB series that can be trusted.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText('after', examples(['oikotie demo', 'oikotie doctor', 'oikotie run --city Helsinki --limit 20']));
  for (const add of [addRun, addDemo, addSimulator, addParse, addListings, addSql, addExport, addConfig, addDoctor]) {
    add(program, choose);
  }
  return {
    run: async (args) => {
      try {
        await program.parseAsync([...args], { from: 'user' });
      } catch (error) {
        return exitCodeOfParsing(error);
      }
      return chosen(io);
    },
  };
}

function exitCodeOfParsing(error: unknown): number {
  const isParsing = error instanceof Error && 'exitCode' in error && 'code' in error;
  if (!isParsing) throw error;
  return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
}

type AddCommand = (program: Command, choose: (action: Action) => void) => void;

const addRun: AddCommand = (program, choose) => {
  program
    .command('run')
    .description('Collect the configured cities once, in this process, and store what was found.')
    .addOption(configOption())
    .option('--city <name...>', 'only these cities, whether enabled or not')
    .addOption(new Option('--limit <count>', 'at most this many listings per city').argParser(positiveInteger))
    .addOption(jsonOption('the result'))
    .addHelpText(
      'after',
      examples([
        'oikotie run',
        'oikotie run --city Helsinki Espoo --limit 50',
        'oikotie run --json > result.json',
        '',
        'Ctrl-C stops cleanly; the same command goes on where it stopped.',
        'Exit: 0 completed, 1 degraded, 2 bad input, 3 failed, 130 interrupted.',
      ]),
    )
    .action((options: { config?: string; city?: string[]; limit?: number; json?: boolean }) =>
      choose(async (io) => {
        const { runRun } = await import('./run.ts');
        return runRun(
          {
            configPath: options.config,
            cities: options.city ?? null,
            listingLimit: options.limit ?? null,
            json: options.json ?? false,
          },
          io,
        );
      }),
    );
};

const addDemo: AddCommand = (program, choose) => {
  program
    .command('demo')
    .description('Run the whole thing against the built-in simulator: no internet, no Redis, no browser.')
    .addOption(
      new Option('--listings <count>', 'listings for sale in the largest city').argParser(positiveInteger).default(120),
    )
    .option('--database <file>', 'where to put the data', 'data/demo.duckdb')
    .addOption(jsonOption('the result'))
    .addHelpText('after', examples(['oikotie demo', 'oikotie demo --listings 500', 'oikotie demo --json']))
    .action((options: { listings: number; database: string; json?: boolean }) =>
      choose(async (io) => {
        const { runDemo } = await import('./demo.ts');
        return runDemo({ ...options, json: options.json ?? false }, io);
      }),
    );
};

const addSimulator: AddCommand = (program, choose) => {
  program
    .command('simulator')
    .description('Start the local stand-in for the portal alone, until Ctrl-C.')
    .addOption(new Option('--port <port>', 'port on 127.0.0.1; 0 = any free one').argParser(portNumber).default(8080))
    .addOption(new Option('--seed <seed>', 'seed of its invented listings').argParser(wholeNumber).default(1))
    .addOption(new Option('--listings <count>', 'listings for sale in the largest city').argParser(positiveInteger))
    .addHelpText('after', examples(['oikotie simulator', 'oikotie simulator --port 9090 --seed 7']))
    .action((options: { port: number; seed: number; listings?: number }) =>
      choose(async (io) => {
        const { runSimulator } = await import('./simulator.ts');
        return runSimulator(options, io);
      }),
    );
};

const addParse: AddCommand = (program, choose) => {
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
        const { runParse } = await import('./parse.ts');
        const { fetchTextFor } = await import('./fetch-text.ts');
        return runParse({ source, ...options, fetchText: fetchTextFor(options.config, io) }, io);
      }),
    );
};

const addListings: AddCommand = (program, choose) => {
  program
    .command('listings')
    .description('Show stored listings, newest first.')
    .option('--city <name>', 'only this city')
    .addOption(new Option('--deal <type>', 'only sales or only rentals').choices(['sale', 'rent']))
    .addOption(new Option('--limit <count>', 'rows').argParser(positiveInteger).default(20))
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the rows'))
    .addHelpText('after', examples(['oikotie listings --city Espoo', 'oikotie listings --deal rent --limit 5 --json']))
    .action((options: ListingsFlags) =>
      choose(async (io) => {
        const { runListings } = await import('./listings.ts');
        const databasePath = await databasePathFor(options);
        return runListings({ ...options, json: options.json ?? false, databasePath }, io);
      }),
    );
};

interface ListingsFlags {
  readonly city?: string;
  readonly deal?: 'sale' | 'rent';
  readonly limit: number;
  readonly database?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const addSql: AddCommand = (program, choose) => {
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
        const { runSql } = await import('./sql.ts');
        return runSql({ query, json: options.json ?? false, databasePath: await databasePathFor(options) }, io);
      }),
    );
};

const addExport: AddCommand = (program, choose) => {
  program
    .command('export')
    .description('Write the stored listings to one file.')
    .addOption(new Option('--format <format>', 'file format').choices(['parquet', 'csv', 'json']).makeOptionMandatory())
    .option('--output <file>', 'file to write (default: listings.<format> in the configured output_directory)')
    .option('--city <name>', 'only this city')
    .addOption(databaseOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      examples(['oikotie export --format parquet', 'oikotie export --format csv --output espoo.csv --city Espoo']),
    )
    .action(
      (options: {
        format: 'parquet' | 'csv' | 'json';
        output?: string;
        city?: string;
        database?: string;
        config?: string;
      }) =>
        choose(async (io) => {
          const { runExport } = await import('./export.ts');
          const output = options.output ?? (await defaultExportPath(options));
          return runExport({ ...options, output, databasePath: await databasePathFor(options) }, io);
        }),
    );
};

const addConfig: AddCommand = (program, choose) => {
  program
    .command('config')
    .description('Print the effective configuration, where each value comes from, secrets masked.')
    .addOption(configOption())
    .addOption(jsonOption('it'))
    .addHelpText('after', examples(['oikotie config', 'oikotie config --config my.json --json']))
    .action((options: { config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runConfig } = await import('./config.ts');
        return runConfig({ configPath: options.config, json: options.json ?? false }, io);
      }),
    );
};

const addDoctor: AddCommand = (program, choose) => {
  program
    .command('doctor')
    .description('Check this machine, the database, the portal and the location ids before an expensive run.')
    .addOption(configOption())
    .addOption(jsonOption('the findings'))
    .addHelpText('after', examples(['oikotie doctor', 'oikotie doctor --json']))
    .action((options: { config?: string; json?: boolean }) =>
      choose(async (io) => {
        const { runDoctorCommand } = await import('./doctor-command.ts');
        return runDoctorCommand({ configPath: options.config, json: options.json ?? false }, io);
      }),
    );
};

async function databasePathFor(options: { database?: string; config?: string }): Promise<string> {
  if (options.database !== undefined) return options.database;
  const { loadCommandConfig } = await import('./command-config.ts');
  return (await loadCommandConfig(options.config)).config.databasePath;
}

async function defaultExportPath(options: { format: string; config?: string }): Promise<string> {
  const { join } = await import('node:path');
  const { loadCommandConfig } = await import('./command-config.ts');
  return join((await loadCommandConfig(options.config)).config.outputDirectory, `listings.${options.format}`);
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got "${text}"`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError(`expected at most 9007199254740991, got "${text}"`);
  return value;
}

function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError(`expected at most 65535, got "${text}"`);
  return value;
}

function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected at least 1, got 0');
  return value;
}
