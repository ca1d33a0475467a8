/** The systemd units, looked at by systemd's own tool where it is. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createFolder } from '../storage/samples.ts';

const unitsFolder = fileURLToPath(new URL('../../deploy/systemd', import.meta.url));
const units = readdirSync(unitsFolder).filter((name) => /\.(service|timer)$/.test(name));
const hasTool = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the systemd units', () => {
  it.skipIf(!hasTool)('are what systemd reads without a word (needs systemd-analyze)', () => {
    const folder = createFolder();
    const copies = units.map((name) => {
      const text = readFileSync(join(unitsFolder, name), 'utf8');
      const copy = join(folder.path, name.replace('@', '@1'));
      // The program is not installed here; node is what runs it.
      writeFileSync(copy, text.replaceAll('/usr/bin/oikotie', process.execPath));
      return copy;
    });
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...copies], {
      encoding: 'utf8',
    });
    folder.remove();
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it.each(units.filter((name) => name.endsWith('.service')))('%s gives nothing away that it does not need', (name) => {
    const text = readFileSync(join(unitsFolder, name), 'utf8');
    const lines = [
      'User=oikotie',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'PrivateTmp=yes',
    ];
    for (const line of lines) expect(text).toMatch(new RegExp(`^${line}$`, 'm'));
  });
});
