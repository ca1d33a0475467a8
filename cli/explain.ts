/**
 * `oikotie explain`: the way from a stored row back to the bytes it was read from. It only reads.
 */
import { systemClock } from '../src/clock.ts';
import { messageOf, StorageError } from '../src/errors.ts';
import { oldRowParser } from '../src/portal/old-row.ts';
import type { BodyStore } from '../src/storage/body-store.ts';
import type { ListingOrigin } from '../src/storage/explain-reader.ts';
import type { ArchivePlace } from '../src/storage/open-body-store.ts';
import { openBodyStore } from '../src/storage/open-body-store.ts';
import { readArchived } from '../src/storage/raw-archive.ts';
import { helsinkiTime } from './audit-report-text.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { reportStorageErrors } from './data-errors.ts';
import { readData } from './data-source.ts';

export interface ExplainOptions {
  readonly listingId: string;
  readonly databasePath: string;
  /** Where the raw archive is, if there is one. */
  readonly archive: ArchivePlace;
  readonly json: boolean;
}

type ArchiveGap = 'damaged' | 'missing' | 'unreachable';

/** Whether the response is still there and is what it was. */
type ArchiveState =
  | { readonly state: 'verified'; readonly bytes: number; readonly path: string }
  | { readonly state: ArchiveGap | 'none'; readonly reason: string };

/**
 * Prints where the row came from and gives back the exit code: 1 when its response lies damaged in the archive, 2 for a
 * listing that is not stored, 3 for the database.
 */
export function runExplain(options: ExplainOptions, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const { databasePath, listingId, json } = options;
    const explained = await readData(databasePath, io, (reader) => reader.explain(listingId));
    const archive = await lookUp(openBodyStore(options.archive, systemClock), explained.origin.responseSha256);
    io.stdout.write(json ? `${JSON.stringify({ ...explained, archive }, null, 2)}\n` : renderText(explained, archive));
    return archive.state === 'damaged' ? exitCodes.degraded : exitCodes.ok;
  });
}

const gaps: Readonly<Record<string, ArchiveGap>> = { ARCHIVE_DAMAGED: 'damaged', ARCHIVE_UNREACHABLE: 'unreachable' };

async function lookUp(store: BodyStore | null, sha256: string): Promise<ArchiveState> {
  if (store === null)
    return {
      state: 'none',
      reason: 'neither raw_archive_directory nor raw_archive_s3 is set, so responses are not kept',
    };
  try {
    const { length: bytes } = await readArchived(store, sha256);
    return { state: 'verified', bytes, path: store.locationOf(sha256) };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return { state: gaps[error.code] ?? 'missing', reason: messageOf(error) };
  }
}

function renderText(explained: ListingOrigin, archive: ArchiveState): string {
  const { origin, versions, lineage } = explained;
  const gone = origin.goneAtUtc === null ? '' : `, gone ${helsinkiTime(origin.goneAtUtc)} (${origin.goneReason})`;
  const seen = `${helsinkiTime(origin.firstSeenAtUtc)} to ${helsinkiTime(origin.lastSeenAtUtc)}${gone}`;
  const lines: readonly (readonly [string, string])[] = [
    ['listing', `${origin.listingId}, ${origin.address ?? 'no address'}, ${origin.city}`],
    ['url', origin.url],
    ['seen', seen],
    ...(origin.parser === oldRowParser ? linesOfImport(explained) : linesOfFetch(explained, archive)),
  ];
  const head = lines.map(([name, value]) => `${name.padEnd(11)}${value}\n`).join('');
  return `${head}\n${renderVersions(versions)}\n${renderLineage(lineage)}(times of Helsinki)\n`;
}

type Lines = readonly (readonly [string, string])[];

function linesOfFetch({ origin, request }: ListingOrigin, archive: ArchiveState): Lines {
  const { executionId, executionStatus, nominalDay, verdict, outcome } = origin;
  return [
    ['execution', `${executionId}: ${executionStatus ?? 'unknown'}, day ${nominalDay ?? 'unknown'}`],
    ['city', `${verdict ?? 'no verdict yet'}; the listing was ${outcome ?? 'pending'}`],
    ['request', origin.requestUrl],
    ['sent', request === null ? 'the single requests of that day are no longer kept' : requestSentence(request)],
    ['fetched', `${helsinkiTime(origin.fetchedAtUtc)} by ${origin.nodeId}`],
    ['parser', `${origin.parser}, quality ${origin.dataQualityScore}`],
    ['response', origin.responseSha256],
    ['archive', archive.state === 'verified' ? `${archive.path}, ${archive.bytes} bytes, verified` : archive.reason],
  ];
}

/** What an older collector has kept: its file is all there is. */
function linesOfImport({ origin, lineage }: ListingOrigin): Lines {
  return [
    ['import', `${origin.executionId}, from ${lineage[0]?.dataSource ?? 'an older file'}`],
    ['file', `SHA-256 ${origin.responseSha256}`],
    ['fetched', `${helsinkiTime(origin.fetchedAtUtc)} by the older collector; its responses were not kept`],
    ['parser', `${origin.parser}, quality ${origin.dataQualityScore}`],
  ];
}

function requestSentence({ sentAtUtc, status, durationMs, bodyBytes }: NonNullable<ListingOrigin['request']>): string {
  const answer = status === null ? 'no answer' : `status ${status}`;
  return `${helsinkiTime(sentAtUtc)}, ${answer}, ${bodyBytes} bytes in ${Math.round(durationMs)} ms`;
}

function renderVersions(versions: ListingOrigin['versions']): string {
  const lines = versions.map(({ validFromUtc, validToUtc, endReason, executionId, priceEur, rentEurMonth }) => {
    const to = validToUtc === null ? 'now' : `${helsinkiTime(validToUtc)} (${endReason})`;
    const amount = priceEur ?? rentEurMonth;
    return `  ${helsinkiTime(validFromUtc)} to ${to}  ${amount === null ? 'no price' : `${amount} €`}  ${executionId}\n`;
  });
  return `versions\n${lines.join('')}`;
}

function renderLineage(lineage: ListingOrigin['lineage']): string {
  const lines = lineage.map(({ operation, executionId, transformation, dataSource, fetchedAtUtc }) => {
    const at = fetchedAtUtc === null ? 'no time' : helsinkiTime(fetchedAtUtc);
    return `  ${at}  ${operation.padEnd(6)}  ${transformation}  ${dataSource}  ${executionId}\n`;
  });
  return `changes\n${lines.join('')}`;
}
