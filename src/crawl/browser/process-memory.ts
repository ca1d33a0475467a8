/**
 * Memory of a process with everything it started, as Linux counts it under /proc. The proportional size (Pss) is used,
 * because the processes of a browser share most of their pages and would be counted many times over otherwise.
 */
import { readdir, readFile } from 'node:fs/promises';

/** Bytes used by the process and its descendants; null when it is gone, or on a system without /proc. */
export async function processTreeBytes(rootPid: number): Promise<number | null> {
  const childrenOf = await readChildren();
  let bytes: number | null = null;
  const waiting = [rootPid];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    const own = await readOr(`/proc/${pid}/smaps_rollup`, '');
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(own)?.[1];
    if (kilobytes !== undefined) bytes = (bytes ?? 0) + Number(kilobytes) * 1024;
    waiting.push(...(childrenOf.get(pid) ?? []));
  }
  return bytes;
}

async function readChildren(): Promise<ReadonlyMap<number, readonly number[]>> {
  const children = new Map<number, number[]>();
  const pids = (await entriesOf('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) {
    // `pid (name) state parent …`; the name may hold spaces and brackets.
    const parent = /^.*\) \S (\d+) /s.exec(await readOr(`/proc/${pid}/stat`, ''))?.[1];
    if (parent === undefined) continue;
    const siblings = children.get(Number(parent)) ?? [];
    siblings.push(pid);
    children.set(Number(parent), siblings);
  }
  return children;
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // No /proc: not Linux. The caller is told by a null.
  }
}

async function readOr(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return otherwise; // The process ended between two looks, or belongs to somebody else.
  }
}
