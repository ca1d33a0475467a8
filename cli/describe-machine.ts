/** Program, interpreter, system, memory and disk, as a helper wants to know them. */
import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, freemem, release, totalmem, type } from 'node:os';
import { readVersion } from '../config/user-agent.ts';
import { latestSchemaVersion } from '../src/storage/migrate.ts';

const mebibyte = 1_048_576;

export async function describeMachine(): Promise<unknown> {
  const disk = await statfs('.');
  return {
    program: readVersion(),
    schema: latestSchemaVersion(),
    node: process.version,
    system: `${type()} ${release()} ${arch()}`,
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    cores: availableParallelism(),
    memoryMib: { total: Math.round(totalmem() / mebibyte), free: Math.round(freemem() / mebibyte) },
    diskMib: { total: toMib(disk.blocks, disk.bsize), free: toMib(disk.bavail, disk.bsize) },
  };
}

function toMib(blocks: number, blockBytes: number): number {
  return Math.round((blocks * blockBytes) / mebibyte);
}
