/** The end of each log file that was written to lately. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem } from '../src/file-problem.ts';

/** Of each file; what is before is left out, and said. */
const mostBytes = 1_048_576;

/** Files by their name in the bundle; the reason in their place when the folder cannot be read. */
export async function readRecentLogs(
  directory: string | null,
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): Promise<Readonly<Record<string, string>>> {
  if (directory === null) return { 'logs/none.txt': 'logs_directory is null: no files are written\n' };
  try {
    const files: Record<string, string> = {};
    for (const name of (await readdir(directory)).sort()) {
      const path = join(directory, name);
      const { mtimeMs, size } = await stat(path);
      const isRecent = nowMs - mtimeMs < days * 86_400_000;
      if (isRecent && name.endsWith('.log')) files[`logs/${name}`] = await readEnd(path, size);
    }
    return files;
  } catch (error) {
    return { 'logs/none.txt': `${directory}: ${fileProblem(error)}\n` };
  }
}

/** Whole lines only. */
async function readEnd(path: string, size: number): Promise<string> {
  const file = await open(path);
  try {
    const from = Math.max(0, size - mostBytes);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return from === 0 ? text : `(the first ${from} bytes are left out)\n${text.slice(text.indexOf('\n') + 1)}`;
  } finally {
    await file.close();
  }
}
