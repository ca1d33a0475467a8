/** From a row back to its page, and from archived pages to rows again. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExplain } from '../../cli/explain.ts';
import { runReparse } from '../../cli/reparse.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { portalConfig, startSmallPortal } from '../workers/portal-config.ts';
import type { Rig } from '../workers/run-against-simulator.ts';
import { createRigFor } from '../workers/run-against-simulator.ts';
import { queryRows, storedRecords } from '../workers/stored-records.ts';

let rig: Rig;
let databasePath: string;
let archiveDirectory: string;
/** Ids of the stored listings, in order. */
let ids: readonly string[];

beforeAll(async () => {
  const simulator = await startSmallPortal({ helsinki: 6 });
  rig = await createRigFor(simulator, (folder) => {
    archiveDirectory = join(folder, 'archive');
    const globalSettings = { raw_archive_directory: archiveDirectory, collect_personal_data: true };
    return portalConfig(simulator, folder, { helsinki: 6, globalSettings });
  });
  databasePath = rig.config.databasePath;
  await rig.run();
  ids = [...(await storedRecords(databasePath)).keys()].sort();
});
afterAll(() => rig.close());

async function call(command: (io: Parameters<typeof runExplain>[1]) => Promise<number>) {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write: (chunk, _encoding, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  const io = { stdout: into('stdout'), stderr: into('stderr'), signal: new AbortController().signal };
  return { exitCode: await command(io), ...said };
}

const folderOf = (directory: string) => ({ directory, bucket: null });
const explain = (listingId: string, json = true) =>
  call((io) => runExplain({ listingId, databasePath, archive: folderOf(archiveDirectory), json }, io));
const reparse = (dryRun: boolean) =>
  call((io) =>
    runReparse(
      {
        since: '2020-01-01',
        dryRun,
        json: true,
        config: rig.config,
        databasePath,
        archive: folderOf(archiveDirectory),
      },
      io,
    ),
  );

/** Does to stored rows what an older or newer parser would have. */
async function change(listingIds: readonly string[], set: string): Promise<void> {
  const database = await openDatabase({ path: databasePath, mode: 'write', ...rig.config.database });
  const wanted = listingIds.map((id) => `'${id}'`).join(', ');
  await database.use(async (session) => {
    for (const table of ['listings', 'listing_versions']) {
      await session.run(`UPDATE ${table} SET ${set} WHERE listing_id IN (${wanted})`);
    }
  });
  await database.close();
}

const archivedAt = (sha256: string) => join(archiveDirectory, sha256.slice(0, 2), sha256.slice(2, 4), `${sha256}.br`);

describe('oikotie explain', () => {
  it('walks from a row to its execution, request, parser, versions and the verified bytes of its response', async () => {
    const [listingId = ''] = ids;

    const { exitCode, stdout } = await explain(listingId);

    expect(exitCode).toBe(0);
    const explained = JSON.parse(stdout);
    expect(explained).toMatchObject({
      origin: { listingId, executionStatus: 'completed', verdict: 'complete', outcome: 'new' },
      request: { status: 200, bodyBytes: explained.archive.bytes },
      versions: [{ validToUtc: null, executionId: explained.origin.executionId }],
      lineage: [{ operation: 'INSERT', responseSha256: explained.origin.responseSha256, status: 200 }],
      archive: { state: 'verified', path: archivedAt(explained.origin.responseSha256) },
    });
    const text = (await explain(listingId, false)).stdout;
    expect(text).toMatch(/^listing +\d+, .*, Helsinki\n/);
    expect(text).toMatch(/\nsent +\S+ \S+, status 200, \d+ bytes in \d+ ms\n/);
    expect(text).toMatch(/\narchive +.*\.br, \d+ bytes, verified\n/);
  });

  it('says with exit code 1 that a response is not what it was, and what it does not know', async () => {
    const listingId = ids.at(-1) ?? '';
    const path = archivedAt(JSON.parse((await explain(listingId)).stdout).origin.responseSha256);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, 100));
    const damaged = await explain(listingId);
    writeFileSync(path, bytes);

    expect([damaged.exitCode, JSON.parse(damaged.stdout).archive.state]).toEqual([1, 'damaged']);
    expect(await explain('0')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('oikotie reparse', () => {
  it('finds every row as it is when the parser is the one that wrote it', async () => {
    const { exitCode, stdout } = await reparse(false);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 6, same: 6, changed: 0, fields: [], executionId: null });
  });

  it('says by field what would change, writes nothing when dry, and otherwise all of it, once', async () => {
    const before = await storedRecords(databasePath);
    const [first = '', second = ''] = ids;
    // Its page was fetched again since its version began, and said the same.
    await change([second], 'fetched_at = fetched_at + INTERVAL 1 DAY');
    const versions = 'select listing_id, valid_from, valid_to, price_eur from listing_versions order by listing_id';
    const versionsBefore = await queryRows(databasePath, versions);
    await change([first, second], "price_eur = 1, content_hash = 'older', parser = 'listing-page/0+personal-data'");

    const dry = JSON.parse((await reparse(true)).stdout);
    const [unchanged] = await queryRows(
      databasePath,
      'select count(*)::integer as n from listings where price_eur = 1',
    );
    const wet = JSON.parse((await reparse(false)).stdout);
    const again = JSON.parse((await reparse(false)).stdout);

    const example = { listingId: first, from: 1, to: before.get(first)?.priceEur };
    expect(dry).toMatchObject({ changed: 2, same: 4, executionId: null, fields: [{ field: 'priceEur', rows: 2 }] });
    expect(dry.fields[0].examples).toContainEqual(example);
    expect(unchanged).toEqual({ n: 2 });
    expect(wet).toMatchObject({ changed: 2, executionId: expect.stringMatching(/^reparse-/) });
    expect(again).toMatchObject({ changed: 0, same: 6, executionId: null });
    expect(await storedRecords(databasePath)).toEqual(before);
    expect(await queryRows(databasePath, versions)).toEqual(versionsBefore);
    const written = await queryRows(
      databasePath,
      `select status, changed, (select count(*)::integer from data_lineage d where d.execution_id = e.execution_id) as lineage,
        (select count(*)::integer from audit_log a where a.execution_id = e.execution_id) as events
      from executions e where execution_id = '${wet.executionId}'`,
    );
    expect(written).toEqual([{ status: 'completed', changed: 2, lineage: 2, events: 1 }]);
  });

  it('leaves what a newer parser wrote, what is not archived and what cannot be read, and ends with 1', async () => {
    const [first = '', second = '', third = ''] = ids;
    await change([first], "price_eur = 1, parser = 'listing-page/99'");
    await change([second, third], 'price_eur = 1');
    const sha256Of = async (id: string) => JSON.parse((await explain(id)).stdout).origin.responseSha256;
    rmSync(archivedAt(await sha256Of(second)));
    writeFileSync(archivedAt(await sha256Of(third)), 'nothing');

    const { exitCode, stdout } = await reparse(false);

    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ refused: 1, notArchived: 1, unreadable: 1, same: 3, changed: 0 });
    expect(await queryRows(databasePath, 'select count(*)::integer as n from listings where price_eur = 1')).toEqual([
      { n: 3 },
    ]);
  });
});
