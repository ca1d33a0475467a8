/**
 * From the bytes of a response to its text: undoes the content encoding within a size limit and reads the characters as
 * the page says. It never guesses an encoding from the content and never lets a small body grow without bound.
 */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ScraperError } from '../errors.ts';

/** What is asked for in Accept-Encoding; `decompress` knows exactly these. */
export const acceptedEncodings = 'gzip, br';

/** Servers use one, a cache before them may add another; each more is work somebody else can make for us. */
const maxEncodings = 2;

/**
 * The body as the portal wrote it, content encoding undone.
 * @throws ScraperError PARSING_ERROR, code BODY_TOO_LARGE (more than `maxBytes` when decompressed) or
 * CONTENT_ENCODING_BAD (unknown encoding, corrupt data); NETWORK_ERROR, code BODY_TRUNCATED, when the data ends early.
 */
export function decompress(body: Buffer, contentEncoding: string | undefined, maxBytes: number, url: string): Buffer {
  const encodings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const applied = encodings.filter((name) => name !== '' && name !== 'identity');
  if (applied.length > maxEncodings) throw badEncoding(url, `${applied.length} encodings`, undefined);
  let bytes = body;
  for (const encoding of applied.reverse()) {
    bytes = undoOne(bytes, encoding, maxBytes, url);
  }
  return bytes;
}

/** Error for a body over its limit, before or after decompression. */
export function bodyTooLarge(maxBytes: number, url: string): ScraperError {
  const message = `Body of ${url} refused; expected at most ${maxBytes} bytes, got more; raise max_body_bytes if the page is genuine`;
  return new ScraperError('BODY_TOO_LARGE', message, { category: 'PARSING_ERROR', details: { url, maxBytes } });
}

/**
 * The characters of a body, decoded when they are asked for. Of a page little is kept, and decoding all of it takes longer
 * than finding what that is.
 */
export interface BodyText {
  /** Size of the bytes; there are at most as many characters. */
  readonly byteLength: number;
  /** All of it. */
  readonly whole: () => string;
  /** All of it, not decoded yet. */
  readonly undecoded: () => UndecodedText;
}

/**
 * A text in which the ASCII characters are what they are and others may stand as the bytes that make them. Whoever reads
 * it decides by ASCII alone, cuts it at ASCII characters, and decodes the parts that are kept.
 */
export interface UndecodedText {
  readonly text: string;
  readonly decode: (part: string) => string;
}

/** Bytes of characters that are not ASCII. */
const notAscii = /[\x80-\xff]/;

/**
 * The characters of the body: a byte order mark decides, then the charset of Content-Type, then for HTML a meta tag in
 * the first 1,024 bytes, else UTF-8. An unknown charset name counts as UTF-8; bad bytes become U+FFFD.
 */
export function textOf(bytes: Buffer, contentType: string | undefined): BodyText {
  const charset = charsetOf(bytes, contentType);
  const whole = () => decode(bytes, charset);
  // In UTF-8 no byte of a longer character is ASCII; in other encodings of several bytes it may be.
  const undecoded = (): UndecodedText =>
    charset === 'utf-8'
      ? { text: bytes.toString('latin1'), decode: decodeUtf8 }
      : { text: whole(), decode: (part) => part };
  return { byteLength: bytes.length, whole, undecoded };
}

/** Where short texts are decoded: a buffer for each takes longer than its text does. */
const shortText = Buffer.alloc(4_096);

function decodeUtf8(latin1: string): string {
  if (!notAscii.test(latin1)) return latin1;
  if (latin1.length > shortText.length) return Buffer.from(latin1, 'latin1').toString('utf8');
  return shortText.toString('utf8', 0, shortText.write(latin1, 'latin1'));
}

function decode(bytes: Buffer, charset: string): string {
  return charset === 'utf-8' ? withoutMark(bytes.toString('utf8')) : new TextDecoder(charset).decode(bytes);
}

function undoOne(bytes: Buffer, encoding: string, maxBytes: number, url: string): Buffer {
  try {
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, { maxOutputLength: maxBytes });
    if (encoding === 'br') return brotliDecompressSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw decompressionError(error, encoding, maxBytes, url);
  }
  throw badEncoding(url, encoding, undefined);
}

function decompressionError(error: unknown, encoding: string, maxBytes: number, url: string): ScraperError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE') return bodyTooLarge(maxBytes, url);
  if (code !== 'Z_BUF_ERROR') return badEncoding(url, encoding, error);
  const message = `Body of ${url} cannot be read; expected complete ${encoding} data, got a part of it`;
  return new ScraperError('BODY_TRUNCATED', message, { category: 'NETWORK_ERROR', details: { url }, cause: error });
}

function badEncoding(url: string, encoding: string, cause: unknown): ScraperError {
  const message = `Body of ${url} cannot be read; expected content encoded as one of ${acceptedEncodings}, got ${encoding}`;
  return new ScraperError('CONTENT_ENCODING_BAD', message, { category: 'PARSING_ERROR', details: { url }, cause });
}

function charsetOf(bytes: Buffer, contentType: string | undefined): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  const fromHeader = /charset\s*=\s*"?([^";,\s]+)/i.exec(contentType ?? '')?.[1];
  if (fromHeader !== undefined) return knownCharset(fromHeader);
  if (!/html/i.test(contentType ?? 'text/html')) return 'utf-8';
  const fromMeta = /<meta[^>]+charset\s*=\s*["']?([^"'>;\s/]+)/i.exec(bytes.toString('latin1', 0, 1024))?.[1];
  // A page that could be searched for ASCII text is not UTF-16, whatever it says (HTML standard, encoding sniffing).
  const charset = fromMeta === undefined ? 'utf-8' : knownCharset(fromMeta);
  return charset.startsWith('utf-16') ? 'utf-8' : charset;
}

function knownCharset(label: string): string {
  if (/^utf-?8$/i.test(label)) return 'utf-8';
  try {
    return new TextDecoder(label).encoding;
  } catch {
    // The charset is one nobody knows; the standard fallback reads what can be read and marks the rest.
    return 'utf-8';
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
