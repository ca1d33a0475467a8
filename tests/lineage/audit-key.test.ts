/** The audit chain with a secret key: what who has the key finds, and what who does not have it can tell. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainBegin, readSealedLine, sealHead, sealLine } from '../../src/lineage/audit-chain.ts';
import { createAuditFile } from '../../src/lineage/audit-file.ts';
import type { AuditKey, AuditKeys } from '../../src/lineage/audit-key.ts';
import { createAuditKeyring, noAuditKeys } from '../../src/lineage/audit-key.ts';
import { formatAuditLine } from '../../src/lineage/audit-line.ts';
import { verifyAuditFiles } from '../../src/lineage/verify-audit-files.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { auditEvent } from './audit-sample.ts';

const secret = 'a'.repeat(32);
const ring = (current: string | null, ...earlier: readonly string[]) => createAuditKeyring({ current, earlier });
const ours = ring(secret);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oikotie-audit-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Writes events as a process of its own would that has this key. */
async function write(ids: readonly string[], { current }: Pick<AuditKeys, 'current'>): Promise<void> {
  const onProblem = (reason: string) => {
    throw new Error(reason);
  };
  const clock = createFakeClock(Date.parse('2026-11-22T10:00:00Z'));
  const file = createAuditFile({ directory, clock, key: ring(current).current, onProblem });
  for (const eventId of ids) file.record(auditEvent({ eventId }));
  await file.flush();
}

const path = () => join(directory, readdirSync(directory).find((name) => name.endsWith('.log')) ?? '');
const headPath = () => join(directory, 'audit_chain.json');
const lines = () => readFileSync(path(), 'utf8').split('\n').slice(0, -1);
const rewrite = (texts: readonly string[]) => writeFileSync(path(), texts.map((text) => `${text}\n`).join(''));

async function verify(keys = ours) {
  const { problems, ...check } = await verifyAuditFiles(directory, keys);
  return { ...check, problems: problems.map(({ kind, place }) => `${kind} ${place.replace(/^.*:/, '')}`) };
}

/** Makes every line and the end anew, alike, with another message: the work of who can write everything. */
function forgeAll(key: AuditKey | null): void {
  let head = chainBegin([]);
  const texts = lines().map((text) => {
    const event = readSealedLine(text)?.event;
    if (event === undefined) throw new Error('expected a sealed line');
    const sealed = sealLine(formatAuditLine({ ...event, message: 'nothing' }), head, { key, tornHash: null });
    head = sealed.link;
    return sealed.text;
  });
  rewrite(texts);
  writeFileSync(headPath(), JSON.stringify(sealHead(head, key)));
}

describe('an audit trail that is sealed with a key', () => {
  it('is whole to who has the key; who has not can follow it, and is told that no more than that was checked', async () => {
    await write(['1', '2'], { current: secret });

    expect(await verify()).toMatchObject({ links: 2, keyedLinks: 2, keyedFrom: 1, uncheckedLinks: 0, problems: [] });
    expect(await verify(noAuditKeys)).toMatchObject({ links: 2, keyedLinks: 2, uncheckedLinks: 2, problems: [] });
    expect(readFileSync(path(), 'utf8') + readFileSync(headPath(), 'utf8')).not.toContain(secret);
  });

  it('begins at a marked line when the key came later, and may have another key after that', async () => {
    await write(['1', '2'], { current: null });
    await write(['3'], { current: secret });
    const newer = 'b'.repeat(40);
    await write(['4'], { current: newer });

    expect(await verify(ring(newer, secret))).toMatchObject({ keyedLinks: 2, keyedFrom: 3, problems: [] });
    expect((await verify(ring(newer))).problems).toEqual(['unkeyed 3']);
  });

  it.each([
    ['without a key', null],
    ['with a key of who did it', ring('c'.repeat(32)).current],
  ])('is found to be rewritten as a whole %s, which nobody finds without the key', async (_how, key) => {
    await write(['1', '2', '3'], { current: secret });
    const before = (await verify(noAuditKeys)).problems;

    forgeAll(key);

    expect([before, (await verify(noAuditKeys)).problems]).toEqual([[], []]);
    expect((await verify()).problems).not.toEqual([]);
    expect((await verify()).problems.every((problem) => problem.startsWith('unkeyed'))).toBe(true);
  });

  it('is found to be cut off at its end, whatever is said of where it ends', async () => {
    await write(['1', '2', '3'], { current: secret });
    rewrite(lines().slice(0, 2));
    const last = readSealedLine(lines()[1] ?? '')?.link ?? { sequence: 0, hash: '' };
    writeFileSync(headPath(), JSON.stringify({ sequence: last.sequence, hash: last.hash }));

    expect((await verify()).problems).toEqual(['unkeyed 2']);
    rmSync(headPath());
    expect((await verify()).problems).toEqual(['unkeyed 2']);
  });

  it('shows a line that was changed, and one that was written without the key', async () => {
    await write(['1', '2'], { current: secret });
    rewrite(lines().map((text, index) => (index === 0 ? text.replace('tried again', 'left alone') : text)));
    expect((await verify()).problems).toEqual(['changed 1']);

    rewrite(lines().map((text) => text.replace('left alone', 'tried again')));
    await write(['3'], { current: null });
    expect((await verify()).problems).toEqual(['unkeyed 3']);
  });
});
