/**
 * The audit log for programs of other people: events, the origin of rows, and the report of an execution, kept in the same
 * tables and files as those of `oikotie run`, in the same chain.
 */
import { randomUUID } from 'node:crypto';
import { configPathFor } from '../config/config-path.ts';
import { loadConfig } from '../config/load-config.ts';
import { nominalDayOf, systemClock, toUtcIso } from '../src/clock.ts';
import type { SeriesStore } from '../src/jobs/series-store.ts';
import type { AuditEvent } from '../src/lineage/audit-event.ts';
import type { AuditReport } from '../src/lineage/audit-report.ts';
import type { DataLineageEntry } from '../src/lineage/data-lineage.ts';
import { readAuditReport } from '../src/storage/audit-report-reader.ts';
import type { Database } from '../src/storage/database.ts';
import { openDatabase } from '../src/storage/database.ts';
import { createSeriesStore } from '../src/storage/series-store.ts';
import type { AuditTrail } from './audit-trail.ts';
import { createAuditTrail } from './audit-trail.ts';
import { openAuditFile } from './degradable-parts.ts';

/** What is left out comes from the environment, then the configuration file, then its defaults. */
export interface AuditLoggerOptions {
  /** Made when missing. No other process may have it open: one writes it at a time. */
  readonly databasePath?: string | undefined;
  /** Folder of `audit_<day>.log`, which many processes may share; null writes no files. */
  readonly logsDirectory?: string | null | undefined;
  /** Who the events are from. */
  readonly nodeId?: string | undefined;
  /** Default: config/config.json where the process stands, else the one of this package. */
  readonly configPath?: string | undefined;
  /** Told once why lines are lost when the folder cannot be written; by default on stderr. */
  readonly onProblem?: ((reason: string) => void) | undefined;
}

/** What happened. */
export interface LoggedEvent extends Pick<AuditEvent, 'type' | 'message'> {
  /** Default INFO. */
  readonly severity?: AuditEvent['severity'] | undefined;
  readonly executionId?: string | null | undefined;
  readonly city?: string | null | undefined;
  /** The same for all that one piece of work leads to. */
  readonly correlationId?: string | null | undefined;
  /** JSON values, safe to print. */
  readonly details?: AuditEvent['details'] | undefined;
}

/** Where a row came from; what is not known may be left out. */
export type LoggedLineage = Pick<
  DataLineageEntry,
  'tableName' | 'recordId' | 'operation' | 'dataSource' | 'transformation'
> &
  Partial<DataLineageEntry>;

/** One execution of a program of your own, with what all of its events have in common. */
export interface ExecutionContext {
  readonly executionId: string;
  readonly logEvent: (event: Omit<LoggedEvent, 'executionId'>) => void;
  readonly logDataLineage: (entry: Omit<LoggedLineage, 'executionId'>) => void;
}

export interface NewExecution {
  /** Unique in the database; the same name again goes on with that execution. */
  readonly executionId: string;
  /** Default none. */
  readonly cities?: readonly string[] | undefined;
}

export interface AuditLogger {
  /** Begins an execution, so that there can be a report of it. @throws StorageError when it cannot be written. */
  readonly createExecutionContext: (execution: NewExecution) => Promise<ExecutionContext>;
  /** Keeps an event. Never throws and never waits; it is in the table after `flush`. */
  readonly logEvent: (event: LoggedEvent) => void;
  /** Keeps where a row came from; an entry names its execution. Never throws and never waits. */
  readonly logDataLineage: (entry: LoggedLineage & Pick<DataLineageEntry, 'executionId'>) => void;
  /** Writes what is kept so far. @throws StorageError when it cannot be written; it stays kept. */
  readonly flush: () => Promise<void>;
  /** What happened in an execution, or in the `latest`. @throws StorageError EXECUTION_UNKNOWN */
  readonly generateAuditReport: (executionId: string) => Promise<AuditReport>;
  /** Writes what is kept and gives the database free. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the audit log; close it when done.
 * @throws ConfigError for settings that cannot be; StorageError DATABASE_LOCKED while another process has the database.
 */
export async function createAuditLogger(options: AuditLoggerOptions = {}): Promise<AuditLogger> {
  const { config } = loadConfig({ path: configPathFor(options.configPath) });
  const { logsDirectory = config.logsDirectory, nodeId = config.nodeId } = options;
  const database = await openDatabase({
    ...config.database,
    path: options.databasePath ?? config.databasePath,
    mode: 'write',
  });
  const store = createSeriesStore({ database, clock: systemClock });
  const toStderr = (reason: string) => void process.stderr.write(`warning: audit log: ${reason}\n`);
  const file = openAuditFile({ logsDirectory, audit: config.audit }, systemClock, options.onProblem ?? toStderr);
  const { recordAudit } = store;
  const trail = createAuditTrail({ recordAudit, auditFile: file.record, clock: systemClock, nodeId });
  return auditLoggerOver({ database, store, trail, nodeId, flushFile: file.flush });
}

interface LoggerParts {
  readonly database: Database;
  readonly store: SeriesStore;
  readonly trail: AuditTrail;
  readonly nodeId: string;
  readonly flushFile: () => Promise<void>;
}

function auditLoggerOver({ database, store, trail, nodeId, flushFile }: LoggerParts): AuditLogger {
  const logEvent = (event: LoggedEvent) => trail.sink(wholeEvent(event, nodeId));
  const logDataLineage: AuditLogger['logDataLineage'] = (entry) => store.recordLineage(wholeEntry(entry, nodeId));
  const flush = async () => {
    await Promise.all([store.flush(), flushFile()]);
  };
  return {
    createExecutionContext: async ({ executionId, cities = [] }) => {
      const nowMs = systemClock.now();
      await store.startExecution({
        ...{ executionId, nominalDay: nominalDayOf(nowMs), startedAtUtc: toUtcIso(nowMs) },
        cities: cities.map((city) => ({ city, listingLimit: null })),
      });
      return {
        executionId,
        logEvent: (event) => logEvent({ ...event, executionId }),
        logDataLineage: (entry) => logDataLineage({ ...entry, executionId }),
      };
    },
    logEvent,
    logDataLineage,
    flush,
    generateAuditReport: async (executionId) => {
      await flush();
      return database.use((session) => readAuditReport(session, executionId));
    },
    close: async () => {
      await flush().finally(() => database.close());
    },
  };
}

function wholeEvent(event: LoggedEvent, nodeId: string): AuditEvent {
  const { type, message, severity = 'INFO', executionId = null, city = null, correlationId = null } = event;
  const who = { eventId: randomUUID(), occurredAtUtc: toUtcIso(systemClock.now()), nodeId };
  return { ...who, type, severity, executionId, city, correlationId, message, details: event.details ?? {} };
}

function wholeEntry(entry: LoggedLineage & Pick<DataLineageEntry, 'executionId'>, nodeId: string): DataLineageEntry {
  const unknown = { qualityScore: null, requestUrl: null, status: null, fetchedAtUtc: null, responseSha256: null };
  return { ...unknown, nodeId, ...entry };
}
