/**
 * Reads the JSON file that says what else lies beside it: of a backup, of a dataset.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { fileProblem } from '../file-problem.ts';

/** The manifest in the file. @throws what `refuse` makes of what was there instead, in words. */
export async function readManifestFile<Manifest>(
  file: string,
  schema: z.ZodType<Manifest>,
  refuse: (what: string, cause: unknown) => Error,
): Promise<Manifest> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(error.code === 'ENOENT' ? 'no file' : fileProblem(error), error);
  });
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw refuse(error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : 'no JSON', error);
  }
}
