/**
 * The grammar of `oikotie city`, which changes how fast a city is asked while the cluster runs.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { CityChange } from '../../workers/operator/city-limits.ts';
import type { Action, AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption, positiveInteger } from './grammar.ts';

interface CityFlags {
  readonly config?: string;
  readonly json?: boolean;
}

interface SetFlags extends CityFlags {
  readonly rate?: number;
  readonly workers?: number;
}

const fastestRate = 1_000;
const mostWorkers = 1_000;

export const addCity: AddCommand = (program, choose) => {
  const city = program
    .command('city')
    .description('Show how fast the cluster asks for each city, or change it while it runs.')
    .addHelpText(
      'after',
      examples([
        'oikotie city list',
        'oikotie city set Helsinki --rate 0.5 --workers 3',
        'oikotie city reset Helsinki',
        '',
        'It holds on every node at once and for later runs. A longer Crawl-delay of robots.txt, and the limit of',
        'the portal as a whole, hold all the same.',
      ]),
    );
  city
    .command('list')
    .description('Show every city: what is configured, what is in force, and who set it.')
    .addOption(configOption())
    .addOption(jsonOption('the cities'))
    .action((options: CityFlags) => choose(actionOf(options, null)));
  const set = city
    .command('set')
    .description('Set one or both limits of a city; the other stays as it is.')
    .argument('<city>', 'a configured city')
    .addOption(new Option('--rate <number>', 'requests per second, e.g. 0.5').argParser(rate))
    .addOption(new Option('--workers <count>', 'search pages and listings at once, over all nodes').argParser(workers))
    .addOption(configOption())
    .addOption(jsonOption('the city'));
  set.action((name: string, options: SetFlags) => {
    const { rate: requestsPerSecond = null, workers: count = null } = options;
    if (requestsPerSecond === null && count === null)
      set.error('error: expected --rate, --workers or both, got neither');
    choose(actionOf(options, { action: 'set', city: name, requestsPerSecond, workers: count }));
  });
  city
    .command('reset')
    .description('Take the configured limits again.')
    .argument('<city>', 'a configured city')
    .addOption(configOption())
    .addOption(jsonOption('the city'))
    .action((name: string, options: CityFlags) => choose(actionOf(options, { action: 'reset', city: name })));
};

function rate(text: string): number {
  const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= fastestRate) return value;
  throw new InvalidArgumentError(`expected a number above 0 and at most ${fastestRate}, got "${text}"`);
}

function workers(text: string): number {
  const value = positiveInteger(text);
  if (value > mostWorkers) throw new InvalidArgumentError(`expected at most ${mostWorkers}, got "${text}"`);
  return value;
}

function actionOf({ config: configPath, json = false }: CityFlags, change: CityChange | null): Action {
  return async (io) => {
    const { runCityCommand } = await import('../city-command.ts');
    return runCityCommand({ configPath, json, change }, io);
  };
}
