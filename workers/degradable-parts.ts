/**
 * The parts of a run that it can do without: log files, raw archive, geodata. Each is opened when it is asked for; what
 * fails is reported once and left out, and the run goes on.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { ResponseArchive } from '../src/crawl/archiving-fetcher.ts';
import type { DayFile } from '../src/day-file.ts';
import { createDayFile } from '../src/day-file.ts';
import { checkGeodata } from '../src/geo/check-geodata.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { AuditFile } from '../src/lineage/audit-file.ts';
import { createAuditFile } from '../src/lineage/audit-file.ts';
import { createAuditKeyring } from '../src/lineage/audit-key.ts';
import type { Log } from '../src/log.ts';
import { createLogBeside } from '../src/log.ts';
import type { Degradations } from '../src/quality/degradations.ts';
import { createDegradations } from '../src/quality/degradations.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import type { RawArchive } from '../src/storage/raw-archive.ts';
import { createRawArchive } from '../src/storage/raw-archive.ts';
import type { LineageConsumer } from './open-lineage.ts';
import { createLineageConsumer } from './open-lineage.ts';

export interface DegradableParts {
  readonly degradations: Degradations;
  /** Writes to the given log and to the log file of the day. */
  readonly log: Log;
  /** Writes to the audit log of the day, and hands begins and ends on as OpenLineage; nothing when there is neither. */
  readonly auditFile: AuditSink;
  /** Null when none is configured. */
  readonly archive: ResponseArchive | null;
  /** Resolves when everything handed to the parts is written or given up; never rejects. */
  readonly flush: () => Promise<void>;
}

interface PartsOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the parts that are configured. Never throws: what cannot be opened is missing. */
export function openDegradableParts(options: PartsOptions): DegradableParts {
  const { config, clock } = options;
  const degradations = createDegradations(({ part, reason, remedy }) => {
    log.warn({ part, error: `${part}: ${reason}; ${remedy}` }, 'going on without a part of the run');
  });
  const files = openLogFiles(config, clock, degradations);
  const log = files === null ? options.log : withFile(options.log, config.logLevel, files.log);
  const archive = openArchive(config.rawArchive, clock, degradations);
  const consumer = openConsumer(config, degradations);
  return {
    degradations,
    log,
    auditFile: (event) => {
      files?.audit.record(event);
      consumer?.take(event);
    },
    archive,
    flush: async () => {
      await Promise.all([files?.log.flush(), files?.audit.flush(), archive?.flush(), consumer?.flush()]);
    },
  };
}

function withFile(log: Log, level: string, file: DayFile): Log {
  return createLogBeside(log, { level, destination: { write: (line) => file.write(line.trimEnd()) } });
}

/** The audit log of the day for one that makes events outside a run; nothing is written without a folder for it. */
export function openAuditFile(
  { logsDirectory: directory, audit }: Pick<Config, 'logsDirectory' | 'audit'>,
  clock: Clock,
  onProblem: (reason: string) => void,
): AuditFile {
  if (directory === null) return { record: () => undefined, flush: () => Promise.resolve() };
  return createAuditFile({ directory, clock, key: createAuditKeyring(audit).current, onProblem });
}

function openLogFiles(
  { logsDirectory: directory, logsKeepDays, audit }: Config,
  clock: Clock,
  degradations: Degradations,
): { readonly log: DayFile; readonly audit: AuditFile } | null {
  if (directory === null) return null;
  const onProblem = (reason: string) =>
    degradations.report({
      part: 'log files',
      reason,
      remedy: 'free that folder or set logs_directory to another; audit events are in the table audit_log all the same',
    });
  return {
    log: createDayFile({ directory, name: 'oikotie', clock, keepDays: logsKeepDays, onProblem }),
    audit: createAuditFile({ directory, clock, key: createAuditKeyring(audit).current, onProblem }),
  };
}

function openConsumer(config: Config, degradations: Degradations): LineageConsumer | null {
  const remedy = 'see that it takes events, or set lineage.openlineage_file or lineage.openlineage_url otherwise';
  const onProblem = (reason: string) => degradations.report({ part: 'openlineage', reason, remedy });
  return createLineageConsumer({ config, onProblem });
}

function openArchive(place: Config['rawArchive'], clock: Clock, degradations: Degradations): RawArchive | null {
  const store = openBodyStore(place, clock);
  if (store === null) return null;
  const remedy =
    place.bucket === null
      ? 'make room there, raise raw_archive_max_mb, or set raw_archive_directory to another folder'
      : 'see with "oikotie doctor" that the bucket answers, or raise raw_archive_max_mb';
  const onProblem = (reason: string) => degradations.report({ part: 'raw archive', reason, remedy });
  return createRawArchive({ store, clock, maxBytes: place.maxBytes, onProblem });
}

/** Reports each geospatial source of the tasks whose data set is missing or broken; nothing without a folder. */
export async function reportMissingGeodata(
  { geodataDirectory }: Pick<Config, 'geodataDirectory'>,
  tasks: readonly Pick<CityTask, 'geospatialSources'>[],
  degradations: Degradations,
): Promise<void> {
  if (geodataDirectory === null) return;
  const sources = tasks.flatMap(({ geospatialSources }) => geospatialSources);
  for (const { source, path, reason } of await checkGeodata(geodataDirectory, sources)) {
    const remedy = `put the data set at ${path}, or take ${source} out of geospatial_sources`;
    degradations.report({ part: `geodata ${source}`, reason, remedy });
  }
}
