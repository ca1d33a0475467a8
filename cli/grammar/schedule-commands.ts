/**
 * The grammar of `scheduler` and `schedule`.
 */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ScheduleAction } from '../schedule-command.ts';
import type { Action, AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption, positiveInteger } from './grammar.ts';

export const addScheduler: AddCommand = (program, choose) => {
  program
    .command('scheduler')
    .description('Start the run of each day for the cluster until stopped, and catch up what was missed.')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        'REDIS_URL=redis://10.0.0.5:6379 oikotie scheduler',
        '',
        'A second one is harmless. When it starts is schedule.pattern in the configuration.',
      ]),
    )
    .action((options: { config?: string }) =>
      choose(async (io) => {
        const [{ runRole }, { runScheduler }] = await Promise.all([
          import('../role.ts'),
          import('../../workers/scheduler.ts'),
        ]);
        return runRole(runScheduler, options.config, io);
      }),
    );
};

interface ScheduleFlags {
  readonly config?: string;
  readonly json?: boolean;
  readonly count?: number;
}

export const addSchedule: AddCommand = (program, choose) => {
  const schedule = program
    .command('schedule')
    .description('Show when the daily run of the cluster starts and what became of the last days, or pause it.')
    .addHelpText(
      'after',
      examples([
        'oikotie schedule list',
        'oikotie schedule next --count 3',
        'oikotie schedule run-now',
        'oikotie schedule pause',
        'oikotie schedule resume',
      ]),
    );
  const add = (action: ScheduleAction, description: string): Command =>
    schedule
      .command(action)
      .description(description)
      .addOption(configOption())
      .action((options: ScheduleFlags) => choose(actionOf(action, options)));
  add('list', 'Show pattern, next run and the last days with their runs.').addOption(jsonOption('the schedule'));
  add('next', 'Show when the next runs start.')
    .addOption(new Option('--count <runs>', 'how many').argParser(positiveInteger).default(5))
    .addOption(jsonOption('the times'));
  add('run-now', "Start today's run at once, paused or not; another one when it has ended.").addOption(
    jsonOption('its name'),
  );
  add('pause', 'Start no run by itself from now on.');
  add('resume', "Start runs again; today's, when its time has passed, at once.");
};

function actionOf(action: ScheduleAction, options: ScheduleFlags): Action {
  return async (io) => {
    const { runScheduleCommand } = await import('../schedule-command.ts');
    const { config: configPath, json = false, count = 1 } = options;
    return runScheduleCommand({ configPath, action, json, count }, io);
  };
}
