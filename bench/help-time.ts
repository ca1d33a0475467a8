/**
 * How long `oikotie --help` takes, from starting the process to its end: the median in milliseconds, and that of an
 * empty Node program, which is the floor. Needs the built program; starts nothing else.
 * Run it with: npm run build && node dist/bench/help-time.js
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const programPath = 'dist/cli/main.js';
const rounds = 21;

/** Median wall-clock milliseconds of a process that must end well. */
function medianMs(args: readonly string[]): number {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    times.push(Number(process.hrtime.bigint() - startedAt) / 1e6);
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  }
  times.sort((left, right) => left - right);
  return times[Math.floor(rounds / 2)] ?? Number.NaN;
}

if (!existsSync(programPath)) throw new Error(`${programPath} is not there; build it with "npm run build"`);
process.stdout.write(`node -e 0        ${medianMs(['-e', '0']).toFixed(0)} ms\n`);
process.stdout.write(`oikotie --help   ${medianMs([programPath, '--help']).toFixed(0)} ms\n`);
