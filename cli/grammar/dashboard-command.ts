/**
 * The grammar of `dashboard`.
 */
import type { Command } from 'commander';
import type { AddCommand } from './grammar.ts';
import { configOption, examples, portNumber } from './grammar.ts';

interface DashboardFlags {
  readonly config?: string;
  readonly database?: string;
  readonly host?: string;
  readonly port?: number;
  readonly newPassword?: boolean;
}

export const addDashboard: AddCommand = (program, choose) => {
  const dashboard = program
    .command('dashboard')
    .description("Serve the page that says whether today's data is complete, and shows the data; until stopped.")
    .option('--host <address>', 'address to listen on (default: the configured one, 127.0.0.1)')
    .option('--port <port>', 'port to listen on, 0 for a free one (default: the configured one, 3000)', portNumber)
    .option('--database <file>', 'database whose snapshot is shown (default: the configured database_path)')
    .option('--new-password', 'make a new password for the user "operator" of the first start, and show it once')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        'oikotie dashboard',
        'oikotie dashboard --port 8080 --database data/demo.duckdb',
        'oikotie dashboard --new-password',
        'echo "a long password" | oikotie dashboard hash-password',
        'oikotie dashboard token --name notebook --scope read:data',
        '',
        'The first start makes a user "operator" and shows its password once; DASHBOARD_USERS names your own.',
      ]),
    )
    .action((options: DashboardFlags) =>
      choose(async (io) => {
        const { runDashboard } = await import('../dashboard.ts');
        return runDashboard(await configFor(options, io), io, options.newPassword);
      }),
    );
  dashboard
    .command('hash-password')
    .description('Print the hash of the password on stdin, for dashboard.users.')
    .addHelpText('after', examples(['echo "a long password" | oikotie dashboard hash-password']))
    .action(() =>
      choose(async (io) => {
        const [{ runHashPassword }, { text }] = await Promise.all([
          import('../dashboard.ts'),
          import('node:stream/consumers'),
        ]);
        return runHashPassword((await text(process.stdin)).replace(/\r?\n$/, ''), io);
      }),
    );
  addToken(dashboard, choose);
};

interface TokenFlags {
  readonly name: string;
  readonly scope: readonly string[];
  readonly expires?: string;
}

function addToken(dashboard: Command, choose: Parameters<AddCommand>[1]): void {
  dashboard
    .command('token')
    .description(
      'Make a token for a program that uses the JSON interface; shows it once, and its line for dashboard.tokens.',
    )
    .requiredOption('--name <name>', 'what the token is for, as it stands in the audit trail')
    .requiredOption(
      '--scope <scope...>',
      'what it may do: read:status, read:data, read:audit; operate is for actions; more than one may be given',
    )
    .option('--expires <day>', 'last day on which it holds, YYYY-MM-DD (default: it does not end)')
    .addHelpText(
      'after',
      examples([
        'oikotie dashboard token --name notebook --scope read:data',
        'oikotie dashboard token --name monitor --scope read:status read:audit --expires 2027-01-31',
      ]),
    )
    .action((options: TokenFlags) =>
      choose(async (io) => {
        const { runMakeToken } = await import('../dashboard-token.ts');
        return runMakeToken({ name: options.name, scopes: options.scope, expires: options.expires }, io);
      }),
    );
}

/** The configuration with what the command line says instead. */
async function configFor(
  { config: path, database, host, port }: DashboardFlags,
  io: { stderr: NodeJS.WritableStream },
) {
  const { loadCommandConfig } = await import('../command-config.ts');
  const { config, warnings } = await loadCommandConfig(path);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  return {
    ...config,
    databasePath: database ?? config.databasePath,
    dashboard: { ...config.dashboard, host: host ?? config.dashboard.host, port: port ?? config.dashboard.port },
  };
}
