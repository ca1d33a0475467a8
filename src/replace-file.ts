/** A file that others read while it is written: they see the one before or the new one, never a part. */
import { rename, writeFile } from 'node:fs/promises';

/** Puts the text in the place of what the file held; its folder must be there. @throws Error of the system; the file is then as it was. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, text);
  await rename(draft, path);
}
