import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOfText } from '../../src/lineage/audit-chain.ts';
import { createAuditKeyring } from '../../src/lineage/audit-key.ts';
import { formatAuditLine } from '../../src/lineage/audit-line.ts';
import type { Database } from '../../src/storage/database.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createSeriesStore } from '../../src/storage/series-store.ts';
import { verifyAuditTable } from '../../src/storage/verify-audit-table.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';
import { auditEvent } from '../lineage/audit-sample.ts';
import type { TestFolder } from './samples.ts';
import { createFolder, openForWriting } from './samples.ts';

let folder: TestFolder;
let database: Database;

beforeEach(async () => {
  folder = createFolder();
  database = await openForWriting(join(folder.path, 'series.duckdb'));
});

afterEach(async () => {
  await database.close();
  folder.remove();
});

/** Writes events as a process of its own would. */
async function write(...eventIds: readonly string[]): Promise<void> {
  const store = createSeriesStore({ database, clock: createFakeClock() });
  for (const eventId of eventIds) store.recordAudit(auditEvent({ eventId }));
  await store.flush();
}

const sql = (text: string) => database.use((session) => session.run(text));
const verify = (filed = new Map()) => database.use((session) => verifyAuditTable(session, filed));
const problems = async (): Promise<readonly string[]> =>
  (await verify()).problems.map(({ kind, place }) => `${kind} ${place}`);

describe('the table of audit events', () => {
  it('is one chain over processes, and an event that comes again takes no place in it', async () => {
    await write('a', 'b');
    await write('b', 'c', 'c');

    expect(await verify()).toMatchObject({ links: 3, head: { sequence: 3 }, problems: [] });
  });

  it('keeps texts that it cannot hold as they are in a form that verifies', async () => {
    const store = createSeriesStore({ database, clock: createFakeClock() });
    store.recordAudit(auditEvent({ message: 'a\0b\ud800', details: { text: '\udc00', 9: 'x', '01': undefined } }));
    await store.flush();

    expect(await verify()).toMatchObject({ links: 1, problems: [] });
  });

  it('begins after rows that are older than the chain, and notices when these change', async () => {
    await sql(`INSERT INTO audit_log (event_id, occurred_at, type, severity, node_id, message, details_json)
      VALUES ('old', '2026-11-20', 'RETRY_ATTEMPT', 'INFO', 'node-1', 'again', '{}')`);
    await write('a');
    expect(await verify()).toMatchObject({ olderRows: 1, links: 1, problems: [] });

    await sql("UPDATE audit_log SET message = 'never' WHERE event_id = 'old'");

    expect(await problems()).toEqual(['changed audit_log 1 (a)']);
  });
});

describe('tampering with the table', () => {
  beforeEach(() => write('a', 'b', 'c', 'd'));

  it.each([
    ['a message', "UPDATE audit_log SET message = 'nothing' WHERE event_id = 'b'", ['changed audit_log 2 (b)']],
    ['a type that is none', "UPDATE audit_log SET type = 'PARTY' WHERE event_id = 'b'", ['changed audit_log 2 (b)']],
    [
      'a hash',
      "UPDATE audit_log SET hash = NULL WHERE event_id = 'd'",
      ['changed audit_log 4 (d)', 'changed audit_log 4 (d)'],
    ],
    [
      'rows in the middle that are gone',
      "DELETE FROM audit_log WHERE event_id IN ('b', 'c')",
      ['missing audit_log 4 (d)'],
    ],
    ['the last row that is gone', "DELETE FROM audit_log WHERE event_id = 'd'", ['missing audit_log 3 (c)']],
    ['all rows that are gone', 'DELETE FROM audit_log', ['missing the begin of the chain']],
    [
      'a copy that was put in',
      "INSERT INTO audit_log SELECT * REPLACE ('x' AS event_id) FROM audit_log WHERE event_id = 'b'",
      ['inserted audit_log 2 (x)'],
    ],
    [
      'a row that was put in at the end',
      "INSERT INTO audit_log SELECT * REPLACE ('x' AS event_id, 5 AS sequence, hash AS previous_hash) FROM audit_log WHERE event_id = 'd'",
      ['changed audit_log 5 (x)', 'inserted audit_chain_head'],
    ],
    ['the head that is gone', 'DELETE FROM audit_chain_head', ['missing audit_chain_head']],
  ] as const)('is seen in %s', async (_what, statement, expected) => {
    await sql(statement);

    expect(await problems()).toEqual(expected);
  });

  it('is seen where a chain made anew says something else than the files', async () => {
    const inFile = { place: 'audit_2026-11-22.log:2', contentHash: hashOfText('something else') };
    const asWas = {
      place: 'audit_2026-11-22.log:1',
      contentHash: hashOfText(formatAuditLine(auditEvent({ eventId: 'a' }))),
    };
    const filed = new Map([
      ['a', asWas],
      ['b', inFile],
    ]);

    expect(await verify(filed)).toMatchObject({
      comparedEvents: 2,
      problems: [{ kind: 'differs', place: 'audit_log 2 (b)' }],
    });
  });
});

describe('the table of audit events with a key', () => {
  const auditKeys = { current: 'k'.repeat(32), earlier: [] };
  const keys = createAuditKeyring(auditKeys);
  const problemsWithKey = async () =>
    (await database.use((session) => verifyAuditTable(session, new Map(), keys))).problems.map(({ kind }) => kind);

  it('goes on from the rows before it, and shows what was rewritten without the key, the end included', async () => {
    await write('a');
    const path = database.path;
    await database.close();
    database = await openDatabase({ path, mode: 'write', memoryLimit: '512MB', threads: 1, auditKeys });
    await write('b', 'c');
    expect(await verify()).toMatchObject({ links: 3, keyedFrom: 2, uncheckedLinks: 2, problems: [] });
    expect(await problemsWithKey()).toEqual([]);

    await sql("UPDATE audit_log SET message = 'nothing' WHERE event_id = 'b'");
    expect([await problems(), await problemsWithKey()]).toEqual([[], ['changed']]);

    await sql("DELETE FROM audit_log WHERE event_id <> 'a'");
    await sql('UPDATE audit_chain_head SET sequence = 1, hash = (SELECT hash FROM audit_log), mac = NULL');
    expect([await problems(), await problemsWithKey()]).toEqual([[], ['unkeyed']]);
  });
});
