/**
 * Checks the audit log in files: the chain over all days, and where it ends.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chainBegin, hashOfText, readSealedLine } from './audit-chain.ts';
import { auditFilesIn, readHead } from './audit-file.ts';
import type { AuditKeyring } from './audit-key.ts';
import { noAuditKeys } from './audit-key.ts';
import { formatAuditLine } from './audit-line.ts';
import type { ChainEnd } from './chain-check.ts';
import { createChainCheck } from './chain-check.ts';

/** Where an event stands, and the hash of what it says, for a comparison with the table. */
export interface FiledEvent {
  readonly place: string;
  readonly contentHash: string;
}

export interface AuditFilesCheck extends ChainEnd {
  /** Names of the files, oldest first. */
  readonly files: readonly string[];
  /** Lines that were there before there was a chain. */
  readonly olderLines: number;
  /** By event id. */
  readonly events: ReadonlyMap<string, FiledEvent>;
}

interface PlacedLine {
  readonly place: string;
  readonly text: string;
  /** False for what stands after the last newline of its file. */
  readonly isWhole: boolean;
}

/** Reads every file of the folder's audit log and follows the chain with the keys; a folder that is not there has none. */
export async function verifyAuditFiles(directory: string, keys: AuditKeyring = noAuditKeys): Promise<AuditFilesCheck> {
  const files = await auditFilesIn(directory);
  const lines = (await Promise.all(files.map((name) => readLines(directory, name)))).flat();
  const olderLines = countOlder(lines);
  const begin = chainBegin(lines.slice(0, olderLines).map(({ text }) => text));
  const check = createChainCheck(begin, keys);
  const events = new Map<string, FiledEvent>();
  for (const { place, text, isWhole } of lines.slice(olderLines)) {
    const line = readSealedLine(text, keys);
    if (line === null) {
      check.addUnreadable(place, text, isWhole);
      continue;
    }
    check.add({ place, ...line });
    events.set(line.event.eventId, { place, contentHash: hashOfText(formatAuditLine(line.event)) });
  }
  const end = check.end(await readHead(directory));
  return { ...end, files, olderLines, events };
}

/** Whole lines in front of the first link; one that had broken off before the chain began is not among them. */
function countOlder(lines: readonly PlacedLine[]): number {
  for (const [index, { text, isWhole }] of lines.entries()) {
    const line = readSealedLine(text);
    const before = lines[index - 1]?.text;
    if (line !== null) return before !== undefined && line.tornHash === hashOfText(before) ? index - 1 : index;
    if (!isWhole) return index;
  }
  return lines.length;
}

async function readLines(directory: string, name: string): Promise<readonly PlacedLine[]> {
  const texts = (await readFile(join(directory, name), 'utf8')).split('\n');
  const lastIndex = texts.length - 1;
  const lines = texts.map((text, index) => ({ place: `${name}:${index + 1}`, text, isWhole: index < lastIndex }));
  return texts[lastIndex] === '' ? lines.slice(0, -1) : lines;
}
