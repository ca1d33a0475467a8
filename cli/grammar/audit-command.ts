/**
 * The grammar of `oikotie audit`.
 */
import { Option } from 'commander';
import type { AddCommand } from './grammar.ts';
import { configOption, databaseOption, examples, jsonOption } from './grammar.ts';

interface AuditFlags {
  readonly database?: string;
  readonly logs?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly html?: boolean;
}

export const addAudit: AddCommand = (program, choose) => {
  const audit = program
    .command('audit')
    .description('Look at what happened, and check that nobody has changed what was recorded.');
  audit
    .command('report')
    .description('Tell what happened in one execution: timeline, cities, requests, errors, changes of data.')
    .argument('[execution]', 'its name, or latest', 'latest')
    .addOption(databaseOption())
    .addOption(configOption())
    .addOption(jsonOption('the report'))
    .addOption(new Option('--html', 'print one HTML page that needs nothing else').conflicts('json'))
    .addHelpText(
      'after',
      examples(['oikotie audit report', 'oikotie audit report daily-2026-11-22 --html > report.html']),
    )
    .action((execution: string, options: AuditFlags) =>
      choose(async (io) => {
        const { runAuditReport } = await import('../audit-report.ts');
        const format = options.html === true ? 'html' : options.json === true ? 'json' : 'text';
        return runAuditReport({ execution, format, databasePath: (await placesFor(options)).databasePath }, io);
      }),
    );
  audit
    .command('verify')
    .description(
      'Follow the chain of audit events in files and table, with the keys that are set; exit code 1 when it is broken.',
    )
    .addOption(databaseOption())
    .option('--logs <folder>', 'folder of the audit files (default: the configured logs_directory)')
    .addOption(configOption())
    .addOption(jsonOption('what was found'))
    .addHelpText('after', examples(['oikotie audit verify', 'oikotie audit verify --json']))
    .action((options: AuditFlags) =>
      choose(async (io) => {
        const { runAuditVerify } = await import('../audit-verify.ts');
        return runAuditVerify({ ...(await placesFor(options)), json: options.json ?? false }, io);
      }),
    );
};

/** Database and folder that are meant, and the keys that are set. */
async function placesFor({ database, logs, config: path }: AuditFlags) {
  const { loadCommandConfig } = await import('../command-config.ts');
  const { config } = await loadCommandConfig(path);
  const { databasePath, logsDirectory, audit: keys } = config;
  return { databasePath: database ?? databasePath, logsDirectory: logs ?? logsDirectory, keys };
}
