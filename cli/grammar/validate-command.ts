/**
 * The grammar of `validate`.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { ValidationStep } from '../../src/quality/judge-validation.ts';
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

interface ValidateFlags {
  readonly step: ValidationStep;
  readonly city?: string[];
  readonly force?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

export const addValidate: AddCommand = (program, choose) => {
  program
    .command('validate')
    .description('Try the portal in steps before a run of everything; the series is not touched.')
    .addOption(
      new Option('--step <step>', '1: a few listings of each city, 2: some hundred, 3: all')
        .argParser(stepOf)
        .makeOptionMandatory(),
    )
    .option('--city <name...>', 'only these cities, whether enabled or not')
    .option('--force', 'go on although the step before has not passed; the audit log says so')
    .addOption(configOption())
    .addOption(jsonOption('the report'))
    .addHelpText(
      'after',
      examples([
        'oikotie validate --step 1',
        'oikotie validate --step 2 --city Helsinki Espoo',
        'oikotie validate --step 3 --force --json > validation.json',
        '',
        'Exit: 0 passed; 1 not passed, or the checks before it found a problem; 2 bad input, or the step',
        'before has not passed; 3 the database cannot be used, e.g. while a run holds it; 130 stopped.',
      ]),
    )
    .action((options: ValidateFlags) =>
      choose(async (io) => {
        const { runValidate } = await import('../validate.ts');
        const { step, city: cities = null, force: isForced = false, config: configPath, json = false } = options;
        return runValidate({ step, cities, isForced, configPath, json }, io);
      }),
    );
};

function stepOf(text: string): ValidationStep {
  const step = ([1, 2, 3] as const).find((each) => String(each) === text);
  if (step === undefined) throw new InvalidArgumentError(`expected 1, 2 or 3, got "${text}"`);
  return step;
}
