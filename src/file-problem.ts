/**
 * Why a file could not be written, in words a person can act on. Only reads error codes; what is not known keeps its own
 * sentence.
 */
import { messageOf } from './errors.ts';

const problems: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not become larger',
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  EROFS: 'the disk is read-only',
  ENOENT: 'the folder is gone',
  ENOTDIR: 'there is a file where the folder should be',
  EEXIST: 'there is a file where the folder should be',
  EISDIR: 'there is a folder where the file should be',
};

/** The reason alone, without the path, e.g. `the disk is full`. */
export function fileProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return problems[code] ?? messageOf(error);
}
