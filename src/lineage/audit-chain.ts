/**
 * The chain that makes a changed, missing or inserted audit event visible: each event is numbered and carries the hash of
 * the one before and its own, over its whole line up to there: SHA-256, or a MAC where there is a key. Without a key, who can
 * write everything, heads included, can make another chain; that is seen by whoever kept a head elsewhere, and by the table
 * and the file disagreeing. The idea is that of linked timestamping (Haber and Stornetta 1991).
 */
import { hash as digest } from 'node:crypto';
import { z } from 'zod';
import type { AuditEvent, KeptAuditEvent } from './audit-event.ts';
import { auditEventTypes, auditSeverities } from './audit-event.ts';
import type { AuditKey, AuditKeyring } from './audit-key.ts';
import { noAuditKeys } from './audit-key.ts';
import { formatAuditLine } from './audit-line.ts';

/** The place of the last link: how many there are, and its hash. */
export interface ChainHead {
  /** 0 for a chain without links. */
  readonly sequence: number;
  /** SHA-256 or MAC, hex. */
  readonly hash: string;
}

/** Where a chain is known to have ended. */
export interface KeptHead extends ChainHead {
  /** MAC of the place, hex; null when it was written without a key. */
  readonly mac: string | null;
}

export interface ChainLink extends ChainHead {
  readonly previousHash: string;
  /** Key that its hash is made with; null for a plain hash. */
  readonly keyId: string | null;
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

/** The event as the next line of the chain, sealed with the key when there is one. */
export function sealEvent(event: AuditEvent, head: ChainHead, key: AuditKey | null): SealedLine {
  return sealLine(formatAuditLine(event), head, { key, tornHash: null });
}

interface SealOptions {
  readonly key: AuditKey | null;
  /** Hash of the broken-off line in front of it, when there is one: so it is known to be no insertion. */
  readonly tornHash: string | null;
}

/** As `sealEvent`, for a line that is formatted already. */
export function sealLine(line: string, head: ChainHead, { key, tornHash }: SealOptions): SealedLine {
  const sequence = head.sequence + 1;
  const place = {
    ...{ sequence, previousHash: head.hash },
    ...(key === null ? {} : { keyId: key.id }),
    ...(tornHash === null ? {} : { tornHash }),
  };
  const text = `${line.slice(0, -1)},${JSON.stringify(place).slice(1, -1)}`;
  const hash = hashWith(key, text);
  const link = { sequence, previousHash: head.hash, keyId: key?.id ?? null, hash };
  return { text: `${text},"hash":"${hash}"}`, link };
}

/** Where the chain ends, for keeping: with a MAC when there is a key. */
export function sealHead({ sequence, hash }: ChainHead, key: AuditKey | null): KeptHead {
  return { sequence, hash, mac: key === null ? null : macOfHead({ sequence, hash }, key) };
}

/** True when one of the keys says that the chain has ended there. */
export function isHeadSigned(head: KeptHead, keyId: string, keys: AuditKeyring): boolean {
  const key = keys.find(keyId);
  return key !== null && head.mac === macOfHead(head, key);
}

function macOfHead({ sequence, hash }: ChainHead, key: AuditKey): string {
  return key.sign(`the chain ends with ${sequence} ${hash}`);
}

function hashWith(key: AuditKey | null, text: string): string {
  return key === null ? digest('sha256', text) : key.sign(text);
}

/** Whether what a link says is what it said; `unknown` when that takes a key that is not there. */
export type Seal = 'intact' | 'changed' | 'unknown';

/** Holds the hash of a link against the text that it is made of. */
function checkSeal({ keyId, hash }: ChainLink, text: string, keys: AuditKeyring): Seal {
  const key = keyId === null ? null : keys.find(keyId);
  if (keyId !== null && key === null) return 'unknown';
  return hashWith(key, text) === hash ? 'intact' : 'changed';
}

/** As `checkSeal`, for an event that is not kept as a line. */
export function checkEventSeal(event: AuditEvent, link: ChainLink, keys: AuditKeyring): Seal {
  const key = link.keyId === null ? null : keys.find(link.keyId);
  if (link.keyId !== null && key === null) return 'unknown';
  const head = { sequence: link.sequence - 1, hash: link.previousHash };
  return sealEvent(event, head, key).link.hash === link.hash ? 'intact' : 'changed';
}

/** What a line says of its place in the chain. */
export interface ReadLine {
  readonly link: ChainLink;
  readonly tornHash: string | null;
  readonly seal: Seal;
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
  keyId: z.string().nullable().default(null),
  tornHash: z.string().nullable().default(null),
});

/** Reads a sealed line; null for a text that is none: broken off, of another program, or older than the chain. */
export function readSealedLine(text: string, keys: AuditKeyring = noAuditKeys): ReadLine | null {
  const [, sealed = '', hash = ''] = sealPattern.exec(text) ?? [];
  const read = lineSchema.safeParse(parsedOrNull(`${sealed}}`));
  if (!read.success) return null;
  const { sequence, previousHash, keyId, tornHash, ...event } = read.data;
  const link = { sequence, previousHash, keyId, hash };
  return { link, tornHash, seal: checkSeal(link, sealed, keys), event };
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no line of ours: the caller decides what that means.
    return null;
  }
}
