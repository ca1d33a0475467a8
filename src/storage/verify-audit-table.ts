/**
 * Checks the table `audit_log`: its chain, and whether it says the same as the files where both have an event.
 */
import { z } from 'zod';
import type { ChainHead } from '../lineage/audit-chain.ts';
import { checkEventSeal, hashOfText } from '../lineage/audit-chain.ts';
import type { AuditKeyring } from '../lineage/audit-key.ts';
import { noAuditKeys } from '../lineage/audit-key.ts';
import { formatAuditLine } from '../lineage/audit-line.ts';
import type { ChainEnd, ChainProblem } from '../lineage/chain-check.ts';
import { createChainCheck } from '../lineage/chain-check.ts';
import { eventRow, selectBegin, selectEvents, selectHead } from './audit-rows.ts';
import { auditChainHeadTable } from './audit-tables.ts';
import type { Session } from './session.ts';

export interface AuditTableCheck extends ChainEnd {
  /** Rows that were there before there was a chain. */
  readonly olderRows: number;
  /** Events that stand in the files as well. */
  readonly comparedEvents: number;
}

/** What the files say of an event. */
export interface FiledEvent {
  readonly place: string;
  readonly contentHash: string;
}

const linkRow = z.object({
  eventId: z.string(),
  sequence: z.bigint().transform(Number),
  // Null only by tampering: then the hash does not fit.
  previousHash: z
    .string()
    .nullable()
    .transform((text) => text ?? ''),
  hash: z
    .string()
    .nullable()
    .transform((text) => text ?? ''),
  keyId: z.string().nullable(),
});

const pageRows = 5_000;

/** Follows the chain of the table with the keys. @param filed the events of the files by their id */
export async function verifyAuditTable(
  session: Session,
  filed: ReadonlyMap<string, FiledEvent>,
  keys: AuditKeyring = noAuditKeys,
): Promise<AuditTableCheck> {
  const check = createChainCheck(await selectBegin(session), keys);
  const differing: ChainProblem[] = [];
  let comparedEvents = 0;
  for (let offset = 0; ; offset += pageRows) {
    const rows = await session.rows(
      `${selectEvents} WHERE sequence IS NOT NULL ORDER BY sequence, event_id LIMIT $pageRows OFFSET $offset`,
      { pageRows, offset },
    );
    for (const row of rows) {
      const { problem, isFiled } = checkRow(row, { check, keys }, filed);
      if (isFiled) comparedEvents += 1;
      if (problem !== null) differing.push(problem);
    }
    if (rows.length < pageRows) break;
  }
  const kept = await selectHead(session);
  const end = check.end(kept);
  const problems = [...end.problems, ...headProblems(end, kept), ...differing];
  return { ...end, problems, olderRows: await countOlder(session), comparedEvents };
}

/** Rows and head are written in one transaction: one never ends before the other. */
function headProblems({ head, links }: ChainEnd, kept: ChainHead | null): readonly ChainProblem[] {
  const place = auditChainHeadTable.name;
  if (kept === null) {
    const message = 'the row that says where the chain ends is gone';
    return links === 0 ? [] : [{ kind: 'missing', place, message }];
  }
  if (kept.sequence >= head.sequence) return [];
  const message = `the chain ended with number ${kept.sequence}: what comes after it was put in`;
  return [{ kind: 'inserted', place, message }];
}

function checkRow(
  row: Readonly<Record<string, unknown>>,
  { check, keys }: { readonly check: ReturnType<typeof createChainCheck>; readonly keys: AuditKeyring },
  filed: ReadonlyMap<string, FiledEvent>,
): { readonly problem: ChainProblem | null; readonly isFiled: boolean } {
  const { eventId, ...link } = linkRow.parse(row);
  const place = `audit_log ${link.sequence} (${eventId})`;
  // A type or details that no program wrote are a change like any other.
  const event = eventRow.safeParse(row);
  const seal = event.success ? checkEventSeal(event.data, link, keys) : 'changed';
  check.add({ place, link, tornHash: null, seal });
  const inFile = filed.get(eventId);
  if (inFile === undefined || !event.success) return { problem: null, isFiled: inFile !== undefined };
  const isSame = hashOfText(formatAuditLine(event.data)) === inFile.contentHash;
  const message = `it says something else than ${inFile.place}, which is the same event`;
  return { problem: isSame ? null : { kind: 'differs', place, message }, isFiled: true };
}

async function countOlder(session: Session): Promise<number> {
  const [row] = await session.rows('SELECT count(*)::INTEGER AS rows FROM audit_log WHERE sequence IS NULL', {});
  return Number(row?.['rows'] ?? 0);
}
