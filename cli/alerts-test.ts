/**
 * `oikotie alerts test`: sends a test message to each channel, so that nobody finds out on the bad day that none arrives.
 */
import { testMessage } from '../src/alerts/message.ts';
import { systemClock, toUtcIso } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import { createAlertChannels } from '../workers/alert-channels.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';

/** Sends and gives back the exit code: 0 all took it, 1 one did not, 2 none is configured. @throws ConfigError */
export async function runAlertsTest(configPath: string | undefined, io: CommandIo): Promise<number> {
  const { config, warnings } = await loadCommandConfig(configPath);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const channels = createAlertChannels(config.alerts);
  if (channels.length === 0) {
    io.stderr.write(
      'alerts: expected a channel, got none; set alerts.webhook_url, alerts.ntfy_url or alerts.smtp_url (see docs/alerts.md)\n',
    );
    return exitCodes.badInput;
  }
  const message = testMessage({ nodeId: config.nodeId, sentAtUtc: toUtcIso(systemClock.now()) });
  const lines = await Promise.all(
    channels.map(async ({ name, send }) => {
      const problem = await send(message).then(
        () => null,
        (error: unknown) => messageOf(error),
      );
      return {
        isSent: problem === null,
        text: `${name.padEnd(8)} ${problem === null ? 'sent' : `failed: ${problem}`}\n`,
      };
    }),
  );
  for (const { text } of lines) io.stdout.write(text);
  return lines.every(({ isSent }) => isSent) ? exitCodes.ok : exitCodes.degraded;
}
