/** What a whole run leaves in the audit log, in the table and in the file, and that both verify. */
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyAuditFiles } from '../../src/lineage/verify-audit-files.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { verifyAuditTable } from '../../src/storage/verify-audit-table.ts';
import type { Rig } from './run-against-simulator.ts';
import { createRig } from './run-against-simulator.ts';
import { queryRows } from './stored-records.ts';

describe('the audit trail of runs', () => {
  let rig: Rig;
  afterEach(() => rig.close());

  it('is one chain in table and files over two runs, says the same in both, and names what was set otherwise', async () => {
    rig = await createRig({ helsinki: 30 });
    const { config, run, simulator } = rig;
    const [victim] = simulator.world.truth('Helsinki', 'sale', simulator.origin);
    const victimId = victim?.listingId ?? '';
    simulator.faults.add({ type: 'http_500', kinds: ['listing'], listingIds: [victimId] });
    await run();
    simulator.faults.clear();
    const otherwise = { ...config, shownSettings: { ...config.shownSettings, 'global_settings.concurrent_cities': 9 } };

    await run({ config: otherwise });

    const directory = config.logsDirectory ?? '';
    const files = await verifyAuditFiles(directory);
    const database = await openDatabase({ path: config.databasePath, mode: 'read', ...config.database });
    const table = await database.use((session) => verifyAuditTable(session, files.events));
    await database.close();
    expect([files.problems, table.problems]).toEqual([[], []]);
    expect(table.links).toBeGreaterThan(8);
    expect([table.comparedEvents, files.links]).toEqual([table.links, table.links]);
    expect(readdirSync(directory)).toContain('audit_chain.json');
    const ofVictim = await queryRows(
      config.databasePath,
      `select type, count(*)::integer as n from audit_log where correlation_id like '%.listing.%${victimId}' group by type order by type`,
    );
    expect(ofVictim).toEqual([
      { type: 'JOB_FAILED', n: 1 },
      { type: 'RETRY_ATTEMPT', n: 2 },
    ]);
    const changes = await queryRows(config.databasePath, "from audit_log where type = 'CONFIGURATION_CHANGE'");
    expect(changes).toMatchObject([{ message: expect.stringMatching(/: global_settings\.concurrent_cities$/) }]);
  });
});
