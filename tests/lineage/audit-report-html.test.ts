import { expect, it } from 'vitest';
import type { AuditReport } from '../../src/lineage/audit-report.ts';
import { renderAuditHtml } from '../../src/lineage/audit-report-html.ts';

const evil = '<script>alert("1")</script>&\'';

const counts = { new: 1, changed: 0, unchanged: 0, unfetched: 0, removed: 0, goneCandidates: 0, failed: 0 };
const report: AuditReport = {
  ...{ executionId: evil, nominalDay: '2026-11-22', status: 'degraded', startedAtUtc: null, finishedAtUtc: null },
  executionTimeSeconds: null,
  missingParts: [{ part: evil, reason: evil }],
  dataChanges: counts,
  cities: [
    {
      ...{ ...counts, city: evil, verdict: 'partial', reason: evil, startedAtUtc: null, finishedAtUtc: null },
      ...{ discovered: 1, requests: 2, retries: 0, rateLimitHits: 0, breakerTrips: 0 },
    },
  ],
  requests: [{ kind: 'listing', requests: 1, failed: 0, bytes: 2048, medianMs: null, p95Ms: null, maxMs: null }],
  errors: [{ category: evil, requests: 1, givenUp: 1 }],
  eventCounts: {},
  timeline: [
    {
      ...{ occurredAtUtc: '2026-11-22T04:00:00.000Z', type: 'RETRY_ATTEMPT', severity: 'WARNING', city: evil },
      ...{ nodeId: evil, correlationId: null, message: evil },
    },
  ],
  eventsLeftOut: 3,
};

it('escapes whatever a portal or an operator wrote, and asks for nothing from anywhere', () => {
  const html = renderAuditHtml(report, { showInstant: (utc) => utc });

  expect(html).not.toContain('<script');
  expect(html.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/g)).toHaveLength(10);
  expect(html).not.toMatch(/\b(src|href)=|url\(|@import/);
  expect(html).toContain('name="viewport"');
  expect(html).toContain('prefers-color-scheme:dark');
});
