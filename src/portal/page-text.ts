/**
 * Text of a page's elements as it is kept: no NUL, NBSP as a space, lines trimmed, and nothing longer than a cap.
 * Quotes, emoji, right-to-left text and SQL stay as they are.
 */
import type { Issue } from '../listings/issue.ts';
import { issueOf } from './reading.ts';

/** A single text longer than this is cut off, with an issue. */
export const maxTextLength = 1_000_000;

const manyEmptyLines = /\n{3,}/g;
/** What is not kept as it is. Most texts have none of it, and looking once is quicker than replacing each in vain. */
const notKept = /[\0\r\u00A0]/;

/** A label's value: lines trimmed, empty lines dropped. */
export function valueText(raw: string, field: string, issues: Issue[]): string {
  const text = acceptedText(raw, field, issues).trim();
  if (!text.includes('\n')) return text;
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join('\n');
}

/** Running text: paragraphs keep one empty line between them. */
export function paragraphText(raw: string, field: string, issues: Issue[]): string {
  const lines = acceptedText(raw, field, issues).split('\n');
  const text = lines.map((line) => line.trimEnd()).join('\n');
  return text.replace(manyEmptyLines, '\n\n').trim();
}

function acceptedText(raw: string, field: string, issues: Issue[]): string {
  if (raw.length <= maxTextLength && !notKept.test(raw)) return raw;
  let text = raw.replaceAll('\u00A0', ' ').replaceAll('\r', '');
  if (text.includes('\0')) {
    issues.push(issueOf('TEXT_REFUSED', field, `${field}: NUL characters were removed`));
    text = text.replaceAll('\0', '');
  }
  if (text.length <= maxTextLength) return text;
  issues.push(
    issueOf(
      'TEXT_REFUSED',
      field,
      `${field}: expected at most ${maxTextLength} characters, got ${text.length}; cut off`,
    ),
  );
  const end = isHighSurrogate(text.charCodeAt(maxTextLength - 1)) ? maxTextLength - 1 : maxTextLength;
  return text.slice(0, end);
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}
