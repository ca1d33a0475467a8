/**
 * The end of a demo: how to look at its data on the dashboard and, where somebody sits in front of a terminal, the offer to
 * open it at once. The demo's data are invented, so that nobody is asked who they are; only this machine reaches it.
 */
import { createInterface } from 'node:readline/promises';
import type { Config } from '../config/config.ts';
import type { CommandIo } from './command.ts';

type Keyboard = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Asks, and serves the dashboard until stopped when the answer is yes; elsewhere than in a terminal it does neither.
 * @param stateDirectory of the dashboard alone
 */
export async function offerDashboard(
  config: Config,
  stateDirectory: string,
  io: CommandIo,
  keyboard: Keyboard = process.stdin,
): Promise<void> {
  const screen: NodeJS.WritableStream & { readonly isTTY?: boolean } = io.stderr;
  if (keyboard.isTTY !== true || screen.isTTY !== true) return;
  if (!(await isAnsweredYes(keyboard, screen, io.signal))) return;
  // Any port that is free: another dashboard may have the usual one, and this one says where it is.
  const dashboard = { ...config.dashboard, asksWho: false, host: '127.0.0.1', port: 0 };
  // The Redis of a demo is gone by now.
  const cluster = { ...config.cluster, redis: null };
  const { runDashboard } = await import('./dashboard.ts');
  await runDashboard({ ...config, stateDirectory, dashboard, cluster }, io);
}

async function isAnsweredYes(
  keyboard: NodeJS.ReadableStream,
  screen: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<boolean> {
  const lines = createInterface({ input: keyboard, output: screen });
  // Whoever closes the terminal has answered.
  const closed = new Promise<string>((resolve) => {
    lines.once('close', () => resolve(''));
  });
  try {
    const asked = lines.question('Open the dashboard on these data? [y/N] ', { signal }).catch((error: unknown) => {
      if (signal.aborted) return '';
      throw error;
    });
    return /^\s*y(es)?\s*$/i.test(await Promise.race([asked, closed]));
  } finally {
    lines.close();
  }
}
