import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DayFileOptions } from '../src/day-file.ts';
import { createDayFile } from '../src/day-file.ts';
import { createFakeClock } from './crawl/fake-clock.ts';

/** 23:59:59 in Helsinki, where it is two hours later than in UTC. */
const beforeMidnight = Date.UTC(2026, 10, 21, 21, 59, 59);

let directory: string;
let problems: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oikotie-day-'));
  problems = [];
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function dayFile(options: Partial<DayFileOptions> = {}) {
  const clock = createFakeClock(beforeMidnight);
  const onProblem = (reason: string) => problems.push(reason);
  return { clock, file: createDayFile({ directory, name: 'audit', clock, keepDays: null, onProblem, ...options }) };
}

const read = (name: string) => readFileSync(join(directory, name), 'utf8');

describe('a file of lines', () => {
  it('is another one after midnight in Helsinki, also for lines that were queued before', async () => {
    const { clock, file } = dayFile();

    file.write('evening');
    await clock.advance(2_000);
    file.write('morning');
    await file.flush();

    expect(read('audit_2026-11-21.log')).toBe('evening\n');
    expect(read('audit_2026-11-22.log')).toBe('morning\n');
    expect(problems).toEqual([]);
  });

  it('keeps what is there, and begins a new line after one that broke off', async () => {
    appendFileSync(join(directory, 'audit_2026-11-21.log'), 'whole\nbroken o');
    const { file } = dayFile();

    file.write('first');
    await file.flush();
    file.write('second');
    await file.flush();

    expect(read('audit_2026-11-21.log')).toBe('whole\nbroken o\nfirst\nsecond\n');
  });

  it('keeps the order of very many lines', async () => {
    const { file } = dayFile();
    const lines = Array.from({ length: 20_000 }, (_, index) => String(index));

    for (const line of lines) file.write(line);
    await file.flush();

    expect(read('audit_2026-11-21.log')).toBe(`${lines.join('\n')}\n`);
  });

  it('deletes its own old files and no others', async () => {
    const others = ['audit_2026-11-19.log', 'oikotie_2026-01-01.log', 'audit_notes.log'];
    for (const name of [...others, 'audit_2026-11-18.log']) writeFileSync(join(directory, name), '');
    const { file } = dayFile({ keepDays: 2 });

    file.write('line');
    await file.flush();

    expect(readdirSync(directory).sort()).toEqual([...others, 'audit_2026-11-21.log'].sort());
  });

  it('says once that the disk is full, and takes no more', async () => {
    symlinkSync('/dev/full', join(directory, 'audit_2026-11-21.log'));
    const { clock, file } = dayFile();

    file.write('lost');
    await file.flush();
    await clock.advance(2_000);
    file.write('next day');
    await file.flush();

    expect(problems).toEqual([`cannot write to ${directory}: the disk is full`]);
    expect(readdirSync(directory)).toEqual(['audit_2026-11-21.log']);
  });

  it('drops what is over its bound, says so once, and goes on', async () => {
    const { file } = dayFile({ maxQueuedCharacters: 10 });

    for (const line of ['12345', 'too much', 'too much']) file.write(line);
    await file.flush();
    file.write('67890');
    await file.flush();

    expect(read('audit_2026-11-21.log')).toBe('12345\n67890\n');
    expect(problems).toEqual([`${directory} takes lines more slowly than they come; some are lost`]);
  });
});
