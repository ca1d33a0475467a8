/**
 * The grammar of `alerts`: what is open, and whether messages arrive.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

interface AlertsFlags {
  readonly config?: string;
  readonly json?: boolean;
  readonly standalone?: boolean;
}

export const addAlerts: AddCommand = (program, choose) => {
  const alerts = program
    .command('alerts')
    .description('Show what is wrong and since when, or send a test message to each channel that is configured.')
    .addHelpText(
      'after',
      examples([
        'oikotie alerts list',
        'oikotie alerts list --json',
        'SCRAPER_ALERT_NTFY_URL=https://ntfy.sh/my-topic oikotie alerts test',
      ]),
    );
  alerts
    .command('list')
    .description('Show the alerts that are open, oldest first, and what could not be told yet.')
    .addOption(configOption())
    .addOption(jsonOption('the alerts'))
    .option('--standalone', 'the alerts of runs in one process, though a cluster is configured')
    .action((options: AlertsFlags) =>
      choose(async (io) => {
        const { runAlertsList } = await import('../alerts-list.ts');
        const { config: configPath, json = false, standalone: isStandalone = false } = options;
        return runAlertsList({ configPath, json, isStandalone }, io);
      }),
    );
  alerts
    .command('test')
    .description('Send a test message to each channel and say what happened; exit code 1 when one did not take it.')
    .addOption(configOption())
    .action((options: AlertsFlags) =>
      choose(async (io) => {
        const { runAlertsTest } = await import('../alerts-test.ts');
        return runAlertsTest(options.config, io);
      }),
    );
};
