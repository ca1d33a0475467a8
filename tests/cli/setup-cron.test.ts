/** The entry of the daily run in a crontab. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withEntry, withoutEntry } from '../../cli/crontab-text.ts';
import { createFolder, openForWriting } from '../storage/samples.ts';
import { oikotie, processTime } from './oikotie-process.ts';

const entry = {
  pattern: '30 5 * * *',
  folder: '/srv/oikotie',
  program: ['/usr/bin/node', '/opt/oikotie/dist/cli/main.js'],
  configPath: '/srv/oikotie/config/config.json',
  logPath: '/srv/oikotie/logs/cron.log',
};
const others = '# by hand\n0 3 * * * backup --all\n';

describe('the lines of a crontab', () => {
  it('get one entry between two marks, and lose exactly it again', () => {
    const written = withEntry(others, entry);
    expect(written).toBe(`${others}# oikotie in /srv/oikotie: begin
30 5 * * * cd /srv/oikotie && /usr/bin/node /opt/oikotie/dist/cli/main.js run --unless-running --config /srv/oikotie/config/config.json >> /srv/oikotie/logs/cron.log 2>&1
# oikotie in /srv/oikotie: end
`);
    expect(withoutEntry(written, entry.folder)).toBe(others);
  });

  it('hold the entries of several folders, each written once', () => {
    const two = withEntry(withEntry(others, entry), { ...entry, folder: '/srv/other' });
    const again = withEntry(two, { ...entry, pattern: '15 4 * * *' });
    expect(again.match(/run --unless-running/g)).toHaveLength(2);
    expect(again).toContain('15 4 * * * cd /srv/oikotie');
    expect(again).not.toContain('30 5 * * * cd /srv/oikotie ');
  });

  it('quote what a shell or cron would take apart', () => {
    const line = withEntry('', { ...entry, folder: "/srv/Anna's 100 % data" });
    expect(line).toContain(`cd '/srv/Anna'\\''s 100 \\% data' &&`);
  });
});

describe('oikotie run --unless-running', () => {
  it(
    'ends with 0 and starts nothing while another one holds the database',
    async () => {
      const folder = createFolder();
      const database = await openForWriting(join(folder.path, 'series.duckdb'));
      try {
        const url = 'http://127.0.0.1:1/myytavat-asunnot?locations=%5B%5B64,6,%22Helsinki%22%5D%5D&cardType=100';
        const task = { city: 'Helsinki', enabled: true, url };
        const settings = { database_path: 'series.duckdb', logs_directory: null };
        writeFileSync(join(folder.path, 'config.json'), JSON.stringify({ tasks: [task], global_settings: settings }));
        const second = await oikotie(['run', '--unless-running', '--config', 'config.json'], { cwd: folder.path });
        expect([second.exitCode, second.stdout]).toEqual([0, '']);
        expect(second.stderr).toContain('Nothing was started, another one is at work');
      } finally {
        await database.close();
        folder.remove();
      }
    },
    processTime.timeout,
  );
});

describe('oikotie setup-cron', () => {
  let folder: ReturnType<typeof createFolder>;
  let environment: Record<string, string>;
  beforeEach(() => {
    folder = createFolder();
    // A crontab that keeps its lines in a file of the test, so that nobody's own is touched.
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    const script = `#!/bin/sh\nif [ "$1" = "-l" ]; then cat "$CRON_FILE" 2>/dev/null || { echo "no crontab for test" >&2; exit 1; }\nelse cat > "$CRON_FILE"; fi\n`;
    writeFileSync(join(bin, 'crontab'), script);
    chmodSync(join(bin, 'crontab'), 0o755);
    environment = {
      PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
      CRON_FILE: join(folder.path, 'kept'),
    };
  });
  afterEach(() => folder.remove());

  it(
    'writes the entry, is content to find it, and takes it out',
    async () => {
      const kept = () => readFileSync(environment['CRON_FILE'] ?? '', 'utf8');
      const options = { cwd: folder.path, environment };
      const written = await oikotie(['setup-cron', '--at', '15 4 * * *'], options);
      expect([written.exitCode, written.stderr]).toEqual([0, expect.stringContaining('Written: "15 4 * * *"')]);
      expect(kept()).toContain(`cd ${folder.path} && `);
      expect((await oikotie(['setup-cron', '--at', '15 4 * * *'], options)).stderr).toContain('There already');
      expect((await oikotie(['setup-cron', '--remove'], options)).stderr).toContain('Took the entry');
      expect(kept()).toBe('');
    },
    processTime.timeout,
  );

  it(
    'says what to do where there is no cron',
    async () => {
      const answer = await oikotie(['setup-cron'], { cwd: folder.path, environment: { PATH: '/nowhere' } });
      expect(answer.exitCode).toBe(3);
      expect(answer.stderr).toContain('expected one that takes the entry, got none on PATH; install cron');
    },
    processTime.timeout,
  );
});
