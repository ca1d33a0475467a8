/**
 * The cursor of a page: where the page before ended, signed together with the question, so that it fits no other question
 * and cannot be made up. It holds nothing that the page did not show.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { RecordPosition } from '../../src/storage/records.ts';
import { ApiProblem } from './problem.ts';

const signatureBytes = 15;
const positionShape = z.tuple([z.string().nullable()], z.string());

export interface Cursors {
  readonly write: (question: string, position: RecordPosition) => string;
  /** @throws ApiProblem invalid-cursor for anything that `write` has not made of the same question. */
  readonly read: (question: string, cursor: string) => RecordPosition;
}

/** @param secret the same for all dashboards behind one address */
export function createCursors(secret: string): Cursors {
  const sign = (question: string, text: string) =>
    createHmac('sha256', secret).update(`cursor\n${question}\n${text}`).digest().subarray(0, signatureBytes);
  return {
    write: (question, { value, key }) => {
      const text = JSON.stringify([value, ...key]);
      return Buffer.concat([sign(question, text), Buffer.from(text)]).toString('base64url');
    },
    read: (question, cursor) => {
      const bytes = Buffer.from(cursor, 'base64url');
      const text = bytes.subarray(signatureBytes).toString();
      const signature = bytes.subarray(0, signatureBytes);
      const expected = sign(question, text);
      if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
        throw new ApiProblem(
          'invalid-cursor',
          'cursor: expected the one of the page before, got another; ask without it',
        );
      }
      const [value, ...key] = positionShape.parse(JSON.parse(text));
      return { value, key };
    },
  };
}
