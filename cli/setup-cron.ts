/**
 * `oikotie setup-cron`: writes the entry of the daily run into this user's crontab, or takes it out. The run itself keeps two
 * from overlapping: with `--unless-running` the second finds the database held and ends.
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configPathFor } from '../config/config-path.ts';
import { messageOf, ScraperError } from '../src/errors.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import type { CronEntry } from './crontab-text.ts';
import { withEntry, withoutEntry } from './crontab-text.ts';

export interface SetupCronOptions {
  readonly configPath: string | undefined;
  /** Minute, hour, day, month, weekday; by default the configured schedule. */
  readonly pattern: string | undefined;
  readonly action: 'write' | 'remove' | 'print';
}

/**
 * Writes, removes or prints the entry. Entries of others, and those of other folders, stay as they are.
 * @throws ConfigError; ScraperError CRONTAB_UNUSABLE when there is no crontab, or it refuses the entry.
 */
export async function runSetupCron({ configPath, pattern, action }: SetupCronOptions, io: CommandIo): Promise<number> {
  const path = resolve(configPathFor(configPath));
  const { config, warnings } = await loadCommandConfig(path);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  const entry: CronEntry = {
    pattern: pattern ?? config.schedule.pattern,
    folder: process.cwd(),
    program: [process.execPath, fileURLToPath(new URL('main.js', import.meta.url))],
    configPath: path,
    logPath: resolve(config.logsDirectory ?? '.', 'cron.log'),
  };
  if (action === 'print') {
    io.stdout.write(withEntry('', entry));
    return exitCodes.ok;
  }
  const before = await crontab(['-l']);
  const after = action === 'write' ? withEntry(before, entry) : withoutEntry(before, entry.folder);
  if (after !== before) await crontab(['-'], after);
  io.stderr.write(sentenceOf(action, after !== before, entry, config.schedule.timezone));
  return exitCodes.ok;
}

function sentenceOf(action: 'write' | 'remove', isChanged: boolean, entry: CronEntry, timeZone: string): string {
  if (action === 'remove') {
    return isChanged ? `Took the entry of ${entry.folder} out.\n` : `There is no entry of ${entry.folder}.\n`;
  }
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone =
    here === timeZone ? '' : `warning: cron goes by the clock of this machine (${here}), not by that of ${timeZone}\n`;
  const done = isChanged ? 'Written' : 'There already';
  return `${done}: "${entry.pattern}" runs oikotie in ${entry.folder}; its output goes to ${entry.logPath}\n${zone}`;
}

/** What crontab prints; a user who has none yet has an empty one. */
function crontab(args: readonly string[], input?: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = execFile('crontab', [...args], { timeout: 10_000 }, (error, stdout, stderr) => {
      if (error === null) return done(stdout);
      if (input === undefined && /no crontab for/i.test(stderr)) return done('');
      fail(unusable(error, stderr));
    });
    child.stdin?.on('error', () => undefined); // Told by the end of the program.
    child.stdin?.end(input ?? '');
  });
}

function unusable(error: Error, stderr: string): ScraperError {
  const isMissing = 'code' in error && error.code === 'ENOENT';
  const problem = isMissing ? 'none on PATH' : stderr.trim() || messageOf(error);
  const remedy = 'install cron, or use `oikotie setup-cron --print` or the systemd units in deploy/systemd';
  return new ScraperError('CRONTAB_UNUSABLE', `crontab: expected one that takes the entry, got ${problem}; ${remedy}`, {
    category: 'UNKNOWN',
    cause: error,
  });
}
