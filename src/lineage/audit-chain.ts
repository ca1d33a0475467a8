/**
 * The chain that makes a changed, missing or inserted audit event visible: each event is numbered and carries the hash of
 * the one before and its own, SHA-256 over its whole line up to there. It has no secret: who can write everything, heads
 * included, can make another chain; that is seen by whoever kept a head elsewhere, and by the table and the file
 * disagreeing. The idea is that of linked timestamping (Haber and Stornetta 1991).
 */
import { hash as digest } from 'node:crypto';
import { z } from 'zod';
import type { AuditEvent, KeptAuditEvent } from './audit-event.ts';
import { auditEventTypes, auditSeverities } from './audit-event.ts';
import { formatAuditLine } from './audit-line.ts';

/** The place of the last link: how many there are, and its hash. */
export interface ChainHead {
  /** 0 for a chain without links. */
  readonly sequence: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

export interface ChainLink extends ChainHead {
  readonly previousHash: string;
}

/** A line with its place in the chain. */
export interface SealedLine {
  /** Without its newline. */
  readonly text: string;
  readonly link: ChainLink;
}

const noHash = '0'.repeat(64);

/** Where a chain begins: at nothing, or at what was written before there was a chain, in order. */
export function chainBegin(olderTexts: Iterable<string>): ChainHead {
  let hash = noHash;
  for (const text of olderTexts) hash = digest('sha256', `${hash}\n${text}`);
  return { sequence: 0, hash };
}

/** SHA-256 (hex) of a text. */
export function hashOfText(text: string): string {
  return digest('sha256', text);
}

/**
 * The event as the next line of the chain.
 * @param tornHash hash of the broken-off line in front of it, when there is one: so it is known to be no insertion
 */
export function sealEvent(event: AuditEvent, head: ChainHead, tornHash: string | null = null): SealedLine {
  return sealLine(formatAuditLine(event), head, tornHash);
}

/** As `sealEvent`, for a line that is formatted already. */
export function sealLine(line: string, head: ChainHead, tornHash: string | null = null): SealedLine {
  const sequence = head.sequence + 1;
  const place = { sequence, previousHash: head.hash, ...(tornHash === null ? {} : { tornHash }) };
  const text = `${line.slice(0, -1)},${JSON.stringify(place).slice(1, -1)}`;
  const hash = digest('sha256', text);
  return { text: `${text},"hash":"${hash}"}`, link: { sequence, previousHash: head.hash, hash } };
}

/** What a line says of its place in the chain. */
export interface ReadLine {
  readonly link: ChainLink;
  readonly tornHash: string | null;
  /** False when its hash is not that of its text. */
  readonly isIntact: boolean;
  readonly event: KeptAuditEvent;
}

const sealPattern = /^(.*),"hash":"([0-9a-f]{64})"\}$/s;

const lineSchema = z.object({
  eventId: z.string(),
  occurredAtUtc: z.string(),
  type: z.enum(auditEventTypes),
  severity: z.enum(auditSeverities),
  executionId: z.string().nullable(),
  city: z.string().nullable(),
  nodeId: z.string(),
  correlationId: z.string().nullable(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  sequence: z.number().int().positive(),
  previousHash: z.string(),
  tornHash: z.string().nullable().default(null),
});

/** Reads a sealed line; null for a text that is none: broken off, of another program, or older than the chain. */
export function readSealedLine(text: string): ReadLine | null {
  const [, sealed = '', hash = ''] = sealPattern.exec(text) ?? [];
  const read = lineSchema.safeParse(parsedOrNull(`${sealed}}`));
  if (!read.success) return null;
  const { sequence, previousHash, tornHash, ...event } = read.data;
  const isIntact = digest('sha256', sealed) === hash;
  return { link: { sequence, previousHash, hash }, tornHash, isIntact, event };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no line of ours: the caller decides what that means.
    return null;
  }
}
