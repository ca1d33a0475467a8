/**
 * What the commands' grammar shares: common options, the reading of arguments, the look of examples. It loads no
 * command.
 */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { boundsOfNominalDay } from '../../src/clock.ts';
import type { CommandIo } from '../command.ts';

export type Action = (io: CommandIo) => Promise<number>;

/** Adds one command to the program; `choose` is told what is to be run when the command is called. */
export type AddCommand = (program: Command, choose: (action: Action) => void) => void;

export const configOption = () =>
  new Option('--config <file>', 'configuration file (default: config/config.json here, else the shipped one)');
export const databaseOption = () =>
  new Option('--database <file>', 'database file (default: the configured database_path)');
export const jsonOption = (what: string) => new Option('--json', `print ${what} as JSON on stdout`);

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`;
}

export function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected at least 1, got 0');
  return value;
}

export function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError(`expected at most 65535, got "${text}"`);
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`expected a whole number, got "${text}"`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError(`expected at most 9007199254740991, got "${text}"`);
  return value;
}

/** The database that is meant: the one named, else the configured one. @throws ConfigError of the configuration. */
export async function databasePathFor(options: { database?: string; config?: string }): Promise<string> {
  if (options.database !== undefined) return options.database;
  const { loadCommandConfig } = await import('../command-config.ts');
  return (await loadCommandConfig(options.config)).config.databasePath;
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** The last moment of a day in Helsinki, or an instant that says its zone, as epoch milliseconds. */
export function momentOf(text: string): number {
  const day = calendarDay(text.slice(0, 'YYYY-MM-DD'.length));
  if (day === text) return boundsOfNominalDay(day).toMs - 1;
  const epochMs = instantPattern.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(epochMs)) return epochMs;
  throw new InvalidArgumentError(
    `expected a day such as 2026-11-22 or an instant such as 2026-11-22T12:00:00Z, got "${text}"`,
  );
}

/** A calendar day, `YYYY-MM-DD`. */
export function calendarDay(text: string): string {
  const epochMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  const isDay = !Number.isNaN(epochMs) && new Date(epochMs).toISOString().startsWith(text);
  if (!isDay) throw new InvalidArgumentError(`expected a day such as 2026-11-22, got "${text}"`);
  return text;
}
