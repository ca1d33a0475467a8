/**
 * The grammar of the commands that collect: `run`, `demo`, and the simulator they may use.
 */
import { Option } from 'commander';
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption, portNumber, positiveInteger, wholeNumber } from './grammar.ts';

export const addRun: AddCommand = (program, choose) => {
  program
    .command('run')
    .description('Collect the configured cities once, in this process or by a cluster, and store what was found.')
    .addOption(configOption())
    .option('--city <name...>', 'only these cities, whether enabled or not')
    .addOption(new Option('--limit <count>', 'at most this many listings per city').argParser(positiveInteger))
    .addOption(jsonOption('the result'))
    .option('--accept-drop', 'mark listings gone even when they are a large part of a city')
    .option('--cluster', 'let the workers and the store of the cluster do it, and follow; here when Redis is away')
    .option('--require-cluster', 'as --cluster, but refuse when Redis is away')
    .option('--unless-running', 'end with 0 when another run holds the database: for cron')
    .addHelpText(
      'after',
      examples([
        'oikotie run',
        'oikotie run --city Helsinki Espoo --limit 50',
        'oikotie run --city Helsinki --accept-drop',
        'oikotie run --cluster',
        'oikotie run --json > result.json',
        '',
        'Ctrl-C stops cleanly; the same command goes on where it stopped.',
        'Exit: 0 completed, 1 degraded, 2 bad input, 3 failed, 130 interrupted.',
      ]),
    )
    .action((options: RunGrammar) =>
      choose(async (io) => {
        const { runRun } = await import('../run.ts');
        return runRun(
          {
            configPath: options.config,
            cities: options.city ?? null,
            listingLimit: options.limit ?? null,
            json: options.json ?? false,
            acceptDrop: options.acceptDrop ?? false,
            cluster: options.requireCluster ? 'required' : options.cluster ? 'preferred' : 'no',
            unlessRunning: options.unlessRunning ?? false,
          },
          io,
        );
      }),
    );
};

interface RunGrammar {
  readonly config?: string;
  readonly city?: string[];
  readonly limit?: number;
  readonly json?: boolean;
  readonly acceptDrop?: boolean;
  readonly cluster?: boolean;
  readonly requireCluster?: boolean;
  readonly unlessRunning?: boolean;
}

export const addDemo: AddCommand = (program, choose) => {
  program
    .command('demo')
    .description('Run the whole thing against the built-in simulator: no internet, no Redis, no browser.')
    .addOption(
      new Option('--listings <count>', 'listings for sale in the largest city').argParser(positiveInteger).default(120),
    )
    .option('--database <file>', 'where to put the data', 'data/demo.duckdb')
    .option('--cluster', 'by a store and three workers on a private Redis (needs redis-server); one worker is killed')
    .addOption(jsonOption('the result'))
    .addHelpText('after', examples(['oikotie demo', 'oikotie demo --cluster', 'oikotie demo --listings 500 --json']))
    .action((options: { listings: number; database: string; cluster?: boolean; json?: boolean }) =>
      choose(async (io) => {
        const demo = { ...options, json: options.json ?? false };
        if (options.cluster === true) return (await import('../demo-cluster.ts')).runDemoCluster(demo, io);
        return (await import('../demo.ts')).runDemo(demo, io);
      }),
    );
};

export const addSimulator: AddCommand = (program, choose) => {
  program
    .command('simulator')
    .description('Start the local stand-in for the portal alone, until Ctrl-C.')
    .addOption(new Option('--port <port>', 'port to listen on; 0 = any free one').argParser(portNumber).default(8080))
    .option('--host <address>', 'address to listen on; 0.0.0.0 inside a network of containers', '127.0.0.1')
    .addOption(new Option('--seed <seed>', 'seed of its invented listings').argParser(wholeNumber).default(1))
    .addOption(new Option('--listings <count>', 'listings for sale in the largest city').argParser(positiveInteger))
    .addHelpText('after', examples(['oikotie simulator', 'oikotie simulator --port 9090 --seed 7']))
    .action((options: { port: number; seed: number; listings?: number; host: string }) =>
      choose(async (io) => {
        const { runSimulator } = await import('../simulator.ts');
        return runSimulator(options, io);
      }),
    );
};
