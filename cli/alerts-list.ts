/**
 * `oikotie alerts list`: what is wrong now, since when, and which messages of it have not arrived yet.
 */
import { createFileAlertBook } from '../queues/file-alert-book.ts';
import { createRedisAlertBook } from '../queues/redis-alert-book.ts';
import type { OpenAlert } from '../src/alerts/alert.ts';
import type { AlertBook } from '../src/alerts/alert-book.ts';
import { runbookOf } from '../src/alerts/message.ts';
import { createAlertChannels } from '../workers/alert-channels.ts';
import { clusterPrefix } from '../workers/cluster.ts';
import { answerSoon, withCluster } from '../workers/cluster-access.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { columnWidths, renderRow, widthOf } from './text-table.ts';

export interface AlertsListOptions {
  readonly configPath: string | undefined;
  readonly json: boolean;
  /** Those of runs in one process, though a cluster is configured. */
  readonly isStandalone: boolean;
}

interface AlertsNow {
  /** Oldest first. */
  readonly open: readonly OpenAlert[];
  /** Messages that wait for their channel. */
  readonly untold: readonly { readonly channel: string; readonly events: number; readonly attempts: number }[];
}

const columns = [
  { title: 'since', isNumber: false },
  { title: 'alert', isNumber: false },
  { title: 'what is wrong', isNumber: false },
  { title: 'what to do', isNumber: false },
] as const;

/** Prints them. @throws ConfigError; ScraperError CLUSTER_UNREACHABLE when the Redis of the cluster does not answer. */
export async function runAlertsList(options: AlertsListOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(options.configPath);
  const channels = createAlertChannels(config.alerts).map(({ name }) => name);
  return reportStorageErrors(io, async () => {
    const alerts =
      config.cluster.redis === null || options.isStandalone
        ? await readAlerts(fileBook(config.stateDirectory, io), channels)
        : await withCluster(config, ({ redis }) =>
            answerSoon(readAlerts(createRedisAlertBook({ redis, prefix: clusterPrefix }), channels)),
          );
    io.stdout.write(options.json ? `${JSON.stringify(alerts, null, 2)}\n` : render(alerts, widthOf(io.stdout)));
    return exitCodes.ok;
  });
}

function fileBook(directory: string, io: CommandIo): AlertBook {
  return createFileAlertBook({ directory, onProblem: (message) => io.stderr.write(`warning: ${message}\n`) });
}

async function readAlerts(book: AlertBook, channels: readonly string[]): Promise<AlertsNow> {
  const open = [...(await book.open())].sort((one, other) => (one.openedAtUtc < other.openedAtUtc ? -1 : 1));
  const untold: AlertsNow['untold'][number][] = [];
  for (const channel of channels) {
    const { events, attempts } = await book.pending(channel);
    if (events.length > 0) untold.push({ channel, events: events.length, attempts });
  }
  return { open, untold };
}

function render({ open, untold }: AlertsNow, width: number | null): string {
  const rows = open.map(({ openedAtUtc, kind, summary }) => [openedAtUtc, kind, summary, runbookOf(kind)]);
  const widths = columnWidths(columns, rows, width);
  const table = [columns.map(({ title }) => title), ...rows].map((row) => renderRow(columns, row, widths)).join('');
  const late = untold.map(
    ({ channel, events, attempts }) => `${channel}: ${events} not told yet, tried ${attempts} times\n`,
  );
  return `${open.length === 0 ? 'No alert is open.\n' : table}${late.join('')}`;
}
