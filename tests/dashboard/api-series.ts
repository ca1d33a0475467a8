/** A small series in which every answer of the interface for programs has something to say. */
import type { SeriesStore } from '../../src/jobs/series-store.ts';
import type { AuditEvent } from '../../src/lineage/audit-event.ts';
import type { Database } from '../../src/storage/database.ts';
import { runCity, startDays } from '../storage/city-run.ts';
import { receiptOf, requestEntry } from '../storage/samples.ts';

/** The 22nd of November 2026, eleven in Helsinki. */
export const nowMs = Date.parse('2026-11-22T09:00:00Z');

export async function fillSeries(store: SeriesStore, database: Database): Promise<void> {
  await startDays(store, [21, 22]);
  await runCity(store, 21, { pages: ['1', '2'], fields: { publishedAt: '2026-11-20T10:00:00.000Z' } });
  await runCity(store, 21, {
    city: 'Espoo',
    dealType: 'rent',
    pages: ['3'],
    fields: { rentEurMonth: 900, areaM2: null },
  });
  await runCity(store, 22, {
    pages: ['1'],
    cards: ['2'],
    fields: { priceEur: 190.5, title: '<script>alert(1)</script>' },
  });
  await store.saveExecutionResult(
    {
      executionId: 'daily-2026-11-21',
      nominalDay: '2026-11-21',
      status: 'completed',
      ...{ successfulCities: 2, totalCities: 2, new: 3, changed: 0, unchanged: 0, unfetched: 0, goneCandidates: 0 },
      ...{ gone: 0, returned: 0, goneWaiting: 0, failed: 0, requests: 5, executionTimeSeconds: 12.5 },
      missingParts: [],
      cities: [receiptOf()],
    },
    '2026-11-21T05:00:00.000Z',
  );
  store.recordRequest(requestEntry({ url: 'https://asunnot.oikotie.fi/myytavat-asunnot/helsinki/1', kind: 'listing' }));
  for (const event of events) store.recordAudit(event);
  await store.flush();
  await database.use(({ run }) =>
    run(`INSERT INTO quarantines VALUES ('daily-2026-11-21', 'Espoo', 'open', 'area_m2 fell', '[{"kind":"coverage"}]', 1,
      TIMESTAMP '2026-11-21 05:00:00', NULL, NULL)`),
  );
  // Two homes, so that there is a link between listings.
  await database.use(({ run }) =>
    run(`INSERT INTO listing_links VALUES ('1', '2', 0.9, '[{"field":"address","points":0.5,"words":"same"}]',
      TIMESTAMP '2026-11-22 05:00:00', 'daily-2026-11-22')`),
  );
}

const events: readonly AuditEvent[] = [1, 2, 3].map((number) => ({
  eventId: `event-${number}`,
  occurredAtUtc: `2026-11-21T03:0${number}:00.000Z`,
  type: number === 3 ? 'CITY_EXECUTION_ERROR' : 'CITY_EXECUTION_START',
  severity: number === 3 ? 'ERROR' : 'INFO',
  executionId: 'daily-2026-11-21',
  city: number === 2 ? 'Espoo' : 'Helsinki',
  nodeId: 'node-1',
  message: `event ${number}`,
  details: { number },
}));
