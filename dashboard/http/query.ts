/**
 * Reads what stands in a path or a query, by a schema: what does not fit is the asker's mistake, and is answered with a
 * sentence that names it.
 */
import { z } from 'zod';
import { HttpProblem } from './problem.ts';

/** A text of a URL: names of runs and cities are shorter. */
export const shortText = z.string().min(1).max(200);
/** A filter of a form: nothing chosen is sent as an empty text. */
export const choice = shortText
  .or(z.literal('').transform(() => null))
  .optional()
  .transform((value) => value ?? null);
/** Page of a list, from 1. */
export const pageNumber = z.coerce.number().int().min(1).max(1_000_000).default(1);

/** @throws HttpProblem 400 with what was expected. */
export function readQuery<Shape extends z.ZodType>(shape: Shape, query: unknown): z.output<Shape> {
  const read = shape.safeParse(query);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the address' : issue.path.join('.');
  throw new HttpProblem(400, `${where}: ${issue?.message ?? 'cannot be read'}`);
}
