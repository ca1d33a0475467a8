/** What a person sees in a terminal while a run goes on, and what a log file gets instead. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ended } from './oikotie-process.ts';
import { processTime, programPath, startProcess } from './oikotie-process.ts';
import { readScreen } from './screen.ts';
import type { Workplace } from './workplace.ts';
import { createWorkplace } from './workplace.ts';

const hasScript = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'script')));
const places: Workplace[] = [];

async function workplace(): Promise<Workplace> {
  const place = await createWorkplace({ helsinki: 30, espoo: 15, requestsPerSecond: 30 });
  places.push(place);
  return place;
}

afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});

/** `oikotie` in a pseudo-terminal of that size. */
function inTerminal(place: Workplace, columns: number, rows: number, args: string): Promise<Ended> {
  const command = `stty cols ${columns} rows ${rows}; '${process.execPath}' '${programPath}' ${args}`;
  const running = startProcess('script', ['-qec', command, '/dev/null'], {
    cwd: place.folder,
    environment: { TERM: 'xterm-256color', SHELL: '/bin/sh' },
  });
  return running.ended;
}

describe('a terminal', processTime, () => {
  beforeEach(({ skip }) => {
    skip(!hasScript, 'a pseudo-terminal needs the program script (Debian: bsdutils)');
  });

  it.each([120, 80, 40])('shows a bar per city that nothing tears, in %i columns', async (columns) => {
    const place = await workplace();
    const [, victim] = place.simulator.world.truth('Helsinki', 'sale');
    place.simulator.faults.add({ type: 'http_500', kinds: ['listing'], listingIds: [victim?.listingId ?? ''] });

    const { exitCode, stdout } = await inTerminal(place, columns, 30, 'run');

    expect(exitCode).toBe(1);
    const screen = readScreen(stdout, columns);
    const bars = screen.filter((line) => /^\[[#-]+\]/.test(line));
    expect(bars).toEqual([
      expect.stringMatching(/^\[#+\] Helsinki +100% 30\/30 .*done$/),
      expect.stringMatching(/^\[#+\] Espoo +100% 15\/15 .*done$/),
    ]);
    const text = screen.join('');
    expect(text).toMatch(/\d\d:\d\d:\d\d WARN: job failed: Request for .* got 500/);
    expect(text.indexOf('job failed')).toBeLessThan(text.indexOf(bars[0] ?? ''));
    expect(screen.indexOf(bars[1] ?? '')).toBeLessThan(
      screen.findIndex((line) => /^Run daily-\S+: degraded$/.test(line)),
    );
    expect(stdout).toContain('\u001b[?25h');
  });

  it('that does not know its size gets plain lines', async () => {
    const place = await workplace();

    const { stdout } = await inTerminal(place, 0, 0, 'run --limit 3');

    expect(stdout).toMatch(/^Helsinki 100% 3\/3 \| .* \| done\r$/m);
    expect(stdout).not.toContain('\u001b[');
  });

  it('as wide as a phone gets listings that fit', async () => {
    const place = await workplace();
    await place.oikotie(['run', '--limit', '5']);

    const { stdout } = await inTerminal(place, 40, 30, 'listings --limit 5');

    const lines = stdout.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^id +address +price +m²$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('that is too narrow for a table gets one value a line', async () => {
    const place = await workplace();
    await place.oikotie(['run', '--city', 'Espoo', '--limit', '5']);

    const { stdout } = await inTerminal(place, 60, 30, "sql 'from city_executions'");

    const lines = stdout.trimEnd().split('\r\n');
    expect(lines).toContainEqual(expect.stringMatching(/^city +Espoo$/));
    expect(lines).toContainEqual(expect.stringMatching(/^reason +listing limit 5 of 15$/));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

describe('a run without a terminal', processTime, () => {
  it('writes plain lines and a JSON log, and moves no cursor', async () => {
    const place = await workplace();

    const { stdout, stderr } = await place.oikotie(['run', '--limit', '3']);

    expect(stdout + stderr).not.toContain('\u001b');
    for (const line of stderr.trimEnd().split('\n')) {
      expect(line).toMatch(/^(\{"level":.*\}|(Helsinki|Espoo) .* \| .* \| .*)$/);
    }
  });
});
