import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSealedLine, sealLine } from '../../src/lineage/audit-chain.ts';
import { createAuditFile } from '../../src/lineage/audit-file.ts';
import { formatAuditLine } from '../../src/lineage/audit-line.ts';
import { verifyAuditFiles } from '../../src/lineage/verify-audit-files.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { auditEvent } from './audit-sample.ts';

const noon = Date.UTC(2026, 10, 22, 10);
const dayMs = 86_400_000;
const today = 'audit_2026-11-22.log';
const tomorrow = 'audit_2026-11-23.log';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oikotie-audit-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes events as a process of its own would. */
async function write(ids: readonly string[], atMs = noon): Promise<void> {
  const problems: string[] = [];
  const onProblem = (reason: string) => problems.push(reason);
  const file = createAuditFile({ directory, clock: createFakeClock(atMs), onProblem });
  for (const eventId of ids) file.record(auditEvent({ eventId }));
  await file.flush();
  expect(problems).toEqual([]);
}

const linesOf = (name: string) => readFileSync(join(directory, name), 'utf8').split('\n').slice(0, -1);
const rewrite = (name: string, lines: readonly string[]) =>
  writeFileSync(join(directory, name), lines.map((line) => `${line}\n`).join(''));

async function problems(): Promise<readonly string[]> {
  const check = await verifyAuditFiles(directory);
  return check.problems.map(({ kind, place }) => `${kind} ${place}`);
}

describe('the audit log in files', () => {
  it('is one chain over restarts and days', async () => {
    await write(['1', '2']);
    await write(['3']);
    await write(['4', '5'], noon + dayMs);

    expect(await verifyAuditFiles(directory)).toMatchObject({
      files: [today, tomorrow],
      links: 5,
      problems: [],
      head: { sequence: 5 },
    });
  });

  it('is one chain however many processes write at once', async () => {
    const writers = Array.from({ length: 8 }, (_, writer) => write([`${writer}-a`, `${writer}-b`]));

    await Promise.all(writers);

    const { links, problems: found, events } = await verifyAuditFiles(directory);
    expect({ links, found, events: events.size }).toEqual({ links: 16, found: [], events: 16 });
  });

  it('can be grepped for a city and for what is serious', async () => {
    await write(['1']);
    const file = createAuditFile({ directory, clock: createFakeClock(noon), onProblem: () => undefined });
    file.record(auditEvent({ eventId: '2', city: 'Espoo', severity: 'CRITICAL' }));
    await file.flush();
    const grep = (pattern: string) =>
      execFileSync('grep', ['-c', pattern, join(directory, today)])
        .toString()
        .trim();

    expect([grep('city=Helsinki'), grep('ERROR\\|CRITICAL')]).toEqual(['1', '1']);
  });

  it('goes on in the newest file when the clock is set back', async () => {
    await write(['1'], noon + dayMs);
    await write(['2'], noon);

    expect(readdirSync(directory)).not.toContain(today);
    expect(await problems()).toEqual([]);
  });

  it('begins after lines that are older than the chain, and notices when these change', async () => {
    writeFileSync(join(directory, today), '{"line":"one"}\n{"line":"two"}\n');
    await write(['1']);
    expect(await verifyAuditFiles(directory)).toMatchObject({ olderLines: 2, links: 1, problems: [] });

    rewrite(today, linesOf(today).with(0, '{"line":"oNe"}'));

    expect(await problems()).toEqual([`changed ${today}:3`]);
  });
});

describe('a line that broke off', () => {
  it.each([10, 150])('after %d characters is reported as such, and the chain goes on', async (length) => {
    await write(['1', '2']);
    const [first = '', second = ''] = linesOf(today);
    writeFileSync(join(directory, today), `${first}\n${second.slice(0, length)}`);
    // A process that was killed in the middle of a line has not come to telling where the chain ends.
    rmSync(join(directory, 'audit_chain.json'));
    const beforeNext = await problems();

    await write(['3', '4'], noon + dayMs / 24);

    expect(await problems()).toEqual([`torn ${today}:2`]);
    expect(beforeNext).toEqual([`torn ${today}:2`]);
    expect(linesOf(today)).toHaveLength(4);
  });

  it('just before its newline is a line all the same', async () => {
    await write(['1', '2']);
    writeFileSync(join(directory, today), linesOf(today).join('\n'));
    expect(await problems()).toEqual([]);

    await write(['3']);

    expect(await verifyAuditFiles(directory)).toMatchObject({ links: 3, problems: [] });
  });
});

describe('tampering with the files', () => {
  beforeEach(async () => {
    await write(['1', '2', '3']);
    await write(['4', '5'], noon + dayMs);
  });

  it('is seen in a line that was changed', async () => {
    rewrite(
      today,
      linesOf(today).map((line, index) => (index === 1 ? line.replace('Helsinki', 'Espoo') : line)),
    );

    expect(await problems()).toEqual([`changed ${today}:2`]);
  });

  it('is seen in a line that is gone, within a file and between two', async () => {
    const [first = '', , third = ''] = linesOf(today);
    rewrite(today, [first, third]);
    expect(await problems()).toEqual([`missing ${today}:2`]);

    rewrite(today, [first]);
    expect(await problems()).toEqual([`missing ${tomorrow}:1`]);
  });

  it('is seen in lines cut off the end, also after the next ones were written', async () => {
    rewrite(tomorrow, []);
    const found = await problems();

    await write(['6'], noon + dayMs);

    expect([found, await problems()]).toEqual([[`missing ${today}:3`], [`missing ${tomorrow}:1`]]);
  });

  it('is seen in a file that is gone', async () => {
    rmSync(join(directory, today));

    expect(await verifyAuditFiles(directory)).toMatchObject({
      problems: [{ kind: 'missing', message: 'numbers 1 to 3 are missing before it' }],
    });
  });

  it('is seen in a line that was put in, whatever it is', async () => {
    const [first = '', second = '', third = ''] = linesOf(today);

    rewrite(today, [first, '{"line":"type=RETRY_ATTEMPT"}', second, third]);
    expect(await problems()).toEqual([`inserted ${today}:2`]);

    rewrite(today, [first, second, first, third]);
    expect(await problems()).toEqual([`inserted ${today}:3`]);

    rewrite(today, [first, second, third]);
    appendFileSync(join(directory, tomorrow), 'nonsense\n');
    expect(await problems()).toEqual([`inserted ${tomorrow}:3`]);
  });

  it('is seen in a last line that was written anew with a hash that fits', async () => {
    const [last = ''] = linesOf(tomorrow).slice(-1);

    const read = readSealedLine(last);
    if (read === null) throw new Error('expected a sealed line');
    const forged = formatAuditLine({ ...read.event, message: 'nothing happened' });
    const { text } = sealLine(
      forged,
      { sequence: read.link.sequence - 1, hash: read.link.previousHash },
      { key: null, tornHash: null },
    );

    rewrite(tomorrow, linesOf(tomorrow).with(-1, text));

    expect(await problems()).toEqual([`changed ${tomorrow}:2`]);
    await write(['6'], noon + dayMs);
    expect(await problems()).toEqual([`changed ${tomorrow}:3`]);
  });
});
