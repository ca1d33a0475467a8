/**
 * Pages made from code say what the code says. Runs on the built code, as `npm run docs` does.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';

it.skipIf(!existsSync('dist/config/render-docs.js'))(
  'the pages under docs/ are current (needs dist: npm run build)',
  () => {
    const { stderr, status } = spawnSync(process.execPath, ['scripts/generate-docs.mjs', '--check'], {
      encoding: 'utf8',
    });

    expect(stderr).toBe('');
    expect(status).toBe(0);
  },
);
