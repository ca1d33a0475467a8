/** What runs have done: the day, cities and their receipts, executions, quality and quarantines. */
import { z } from 'zod';
import { boundsOfNominalDay, nominalDayOf } from '../../src/clock.ts';
import { auditEventTypes, auditSeverities } from '../../src/lineage/audit-event.ts';
import { readAuditReport } from '../../src/storage/audit-report-reader.ts';
import { readCities, readCityDays } from '../../src/storage/city-days-reader.ts';
import { readQuality } from '../../src/storage/quality-reader.ts';
import {
  auditEventRecords,
  executionRecords,
  quarantineRecords,
  receiptRecords,
} from '../../src/storage/record-sources.ts';
import { readCitiesToday } from '../../src/storage/today-reader.ts';
import { choiceParameter, dayParameter, instantParameter, textParameter } from './parameters.ts';
import { ApiProblem } from './problem.ts';
import { daySchema } from './record-schema.ts';
import type { ApiRoute } from './route.ts';
import { pageRoute, seriesRoute } from './route.ts';
import {
  auditReportSchema,
  cityDaySchema,
  cityFactsSchema,
  cityQualitySchema,
  cityTodaySchema,
  openQuarantineSchema,
} from './schemas.ts';

const dayMs = 86_400_000;
const usualDays = 60;
const mostDays = 400;

const city = textParameter('Only this city, in any case');
const fromDay = dayParameter('From this nominal day on');
const toDay = dayParameter('Until this nominal day, included');
const executionId = textParameter('Only of this execution');

const status = seriesRoute({
  name: 'getStatus',
  path: '/status',
  scope: 'read:status',
  group: 'Status',
  summary: 'Whether the day is complete: the last receipt of each city',
  inPath: {},
  inQuery: {},
  answer: {
    nominalDay: daySchema.meta({ description: 'Today in Helsinki' }),
    completeCities: z.int().meta({ description: 'Cities whose receipt of today is complete and not in quarantine' }),
    cities: z.array(cityTodaySchema),
  },
  read: async (_values, { database, nowMs }) => {
    const nominalDay = nominalDayOf(nowMs);
    const cities = await readCitiesToday(database);
    const complete = cities.filter(
      (each) => each.nominalDay === nominalDay && each.verdict === 'complete' && !each.isQuarantined,
    );
    return { nominalDay, completeCities: complete.length, cities };
  },
});

const cities = seriesRoute({
  name: 'listCities',
  path: '/cities',
  scope: 'read:status',
  group: 'Status',
  summary: 'Every city with its first, last and last complete day, and its listings counted',
  inPath: {},
  inQuery: {},
  answer: { cities: z.array(cityFactsSchema) },
  read: async (_values, { database }) => ({ cities: await readCities(database) }),
});

const receipts = pageRoute({
  name: 'listReceipts',
  path: '/cities/:city/receipts',
  scope: 'read:status',
  group: 'Status',
  summary: 'The receipts of a city, latest first: what the portal had, what became of it, and the verdict',
  inPath: { city: textParameter('City, in any case') },
  filters: {
    fromDay,
    toDay,
    executionId,
    verdict: choiceParameter('Only with this verdict', ['complete', 'partial', 'failed', 'foreign']),
  },
  source: receiptRecords,
});

const coverage = seriesRoute({
  name: 'listCoverageDays',
  path: '/coverage-days',
  scope: 'read:status',
  group: 'Status',
  summary: `Each city on each day, by default of the last ${usualDays}: complete, partial, failed, missed and so on`,
  inPath: {},
  inQuery: { city, fromDay, toDay },
  answer: { fromDay: daySchema, toDay: daySchema, days: z.array(cityDaySchema) },
  read: async ({ inQuery }, { database, nowMs }) => {
    const last = inQuery.toDay ?? nominalDayOf(nowMs);
    const first =
      inQuery.fromDay ?? nominalDayOf(boundsOfNominalDay(last).fromMs + dayMs / 2 - (usualDays - 1) * dayMs);
    const days = Math.round((Date.parse(last) - Date.parse(first)) / dayMs) + 1;
    if (days < 1 || days > mostDays) {
      throw new ApiProblem('invalid-parameter', `fromDay: expected 1 to ${mostDays} days until toDay, got ${days}`);
    }
    const question = { fromDay: first, toDay: last, city: inQuery.city ?? null };
    return { fromDay: first, toDay: last, days: await readCityDays(database, question) };
  },
});

const executions = pageRoute({
  name: 'listExecutions',
  path: '/executions',
  scope: 'read:status',
  group: 'Status',
  summary: 'The runs of the collector, latest first, and the days without one',
  inPath: {},
  filters: {
    fromDay,
    toDay,
    status: choiceParameter('Only with this status', [
      'running',
      'completed',
      'degraded',
      'failed',
      'interrupted',
      'missed',
      'paused',
    ]),
  },
  source: executionRecords,
});

const quality = seriesRoute({
  name: 'getQuality',
  path: '/quality',
  scope: 'read:status',
  group: 'Quality',
  summary: 'The last run of each city beside its usual field coverage, scores and issues of the listings on offer',
  inPath: {},
  inQuery: { city },
  answer: { cities: z.array(cityQualitySchema), openQuarantines: z.array(openQuarantineSchema) },
  read: async ({ inQuery }, { database, dashboard }) => ({
    ...(await readQuality(database, inQuery.city ?? null, dashboard.scraper.quality)),
  }),
});

const quarantines = pageRoute({
  name: 'listQuarantines',
  path: '/quarantines',
  scope: 'read:status',
  group: 'Quality',
  summary: 'Runs of a city whose changes were taken back, latest first',
  inPath: {},
  filters: { city, state: choiceParameter('Only in this state', ['open', 'released', 'discarded']) },
  source: quarantineRecords,
});

const auditReport = seriesRoute({
  name: 'getAuditReport',
  path: '/executions/:executionId/audit-report',
  scope: 'read:audit',
  group: 'Audit',
  summary: 'What happened in an execution',
  inPath: { executionId: textParameter('Execution, or latest') },
  inQuery: {},
  answer: { report: auditReportSchema },
  read: async ({ inPath }, { database }) => ({
    report: await database.use((session) => readAuditReport(session, inPath.executionId)),
  }),
});

const auditEvents = pageRoute({
  name: 'listAuditEvents',
  path: '/audit-events',
  scope: 'read:audit',
  group: 'Audit',
  summary: 'The audit log, latest first',
  inPath: {},
  filters: {
    city,
    executionId,
    type: choiceParameter('Only of this type', auditEventTypes),
    severity: choiceParameter('Only of this severity', auditSeverities),
    nodeId: textParameter('Only what this node saw'),
    correlationId: textParameter('Only what this job led to'),
    since: instantParameter('From this instant on'),
    until: instantParameter('Before this instant'),
  },
  source: auditEventRecords,
});

export const statusRoutes: readonly ApiRoute[] = [
  status,
  cities,
  receipts,
  coverage,
  executions,
  quality,
  quarantines,
  auditReport,
  auditEvents,
];
