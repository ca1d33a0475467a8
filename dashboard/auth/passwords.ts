/**
 * Passwords as they are kept: scrypt with a salt of their own (RFC 7914; N 2^15, r 8, p 1 as OWASP's cheat sheet has it), never as
 * text. The cost stands in the hash, so that it can be raised without making old hashes useless.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const cost = { N: 32_768, r: 8, p: 1 } as const;
const keyBytes = 32;
const saltBytes = 16;
/** Room for scrypt: it needs 128 * N * r bytes. */
const maxMemoryBytes = 128 * 1_048_576;

interface KeptPassword {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** `scrypt$N$r$p$salt$key`, the last two in base64url: goes into `dashboard.users`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, { ...cost, salt });
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Whether the password is the one of the hash; false for a hash that cannot be read. Takes as long either way. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const kept = readHash(hash);
  if (kept === null) return false;
  const key = await derive(password, kept);
  return timingSafeEqual(key, kept.key);
}

/** A password that nobody guesses: 120 bits, in groups that can be typed. */
export function randomPassword(): string {
  return (randomBytes(15).toString('hex').match(/.{6}/g) ?? []).join('-');
}

function readHash(hash: string): KeptPassword | null {
  const [scheme, N, r, p, salt, key] = hash.split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) return null;
  const kept = {
    ...{ N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
  const isUsable = [kept.N, kept.r, kept.p].every((value) => Number.isSafeInteger(value) && value > 0);
  return isUsable && kept.key.length === keyBytes ? kept : null;
}

function derive(password: string, { N, r, p, salt }: Omit<KeptPassword, 'key'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, keyBytes, { N, r, p, maxmem: maxMemoryBytes }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
