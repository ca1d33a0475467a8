/**
 * Secret keys of the audit chain. With one, the hash of each event is a MAC (HMAC-SHA-256): who can write every file and
 * table but does not have the key cannot make a chain that goes with it. A line names its key by an id that tells nothing of
 * the key itself.
 */
import { createHmac } from 'node:crypto';

/** Keys as they are configured. */
export interface AuditKeys {
  /** What new events are sealed with; null seals them with a plain hash. */
  readonly current: string | null;
  /** Keys that were current before: what they have sealed can still be checked. */
  readonly earlier: readonly string[];
}

export interface AuditKey {
  /** 16 hex digits. */
  readonly id: string;
  /** The MAC of a text, hex. */
  readonly sign: (text: string) => string;
}

export interface AuditKeyring {
  /** Null when events are not sealed with a key. */
  readonly current: AuditKey | null;
  /** True when there is a key to check with. */
  readonly hasKeys: boolean;
  /** Null when there is no such key. */
  readonly find: (id: string) => AuditKey | null;
}

export function createAuditKeyring({ current, earlier }: AuditKeys): AuditKeyring {
  const newest = current === null ? null : createKey(current);
  const keys = [...(newest === null ? [] : [newest]), ...earlier.map(createKey)];
  return { current: newest, hasKeys: keys.length > 0, find: (id) => keys.find((key) => key.id === id) ?? null };
}

/** For who has no key. */
export const noAuditKeys: AuditKeyring = createAuditKeyring({ current: null, earlier: [] });

function createKey(secret: string): AuditKey {
  const sign = (text: string): string => createHmac('sha256', secret).update(text).digest('hex');
  return { id: sign('key id of the oikotie audit chain').slice(0, 16), sign };
}
