/** The example of the JSON interface as a person runs it, against a real dashboard. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { randomToken, tokenLine } from '../../dashboard/auth/tokens.ts';
import { processTime, startProcess } from '../cli/oikotie-process.ts';
import { fillSeries, nowMs } from '../dashboard/api-series.ts';
import { startTestDashboard } from '../dashboard/running-dashboard.ts';
import { createFolder } from '../storage/samples.ts';

const program = fileURLToPath(new URL('../../dist/examples/status-from-api.js', import.meta.url));

it('prints how the day stands and the cheapest flats', processTime, async () => {
  const token = randomToken();
  const line = tokenLine(token, { name: 'example', scopes: ['read:status', 'read:data'], lastDay: null });
  const settings = { dashboard: { port: 0, tokens: [line] } };
  const dashboard = await startTestDashboard({ nowMs: () => nowMs, fill: fillSeries, settings });
  onTestFinished(dashboard.close);

  const folder = createFolder();
  onTestFinished(folder.remove);
  const tokenFile = join(folder.path, 'token.txt');
  writeFileSync(tokenFile, `${token}\n`);
  const run = startProcess(process.execPath, [program, dashboard.origin, tokenFile, 'Helsinki']);
  const { exitCode, stdout, stderr } = await run.ended;

  expect([stderr, stdout]).toEqual([
    '',
    'Espoo: nothing since 2026-11-21\nHelsinki: complete\n190.5 EUR  Keksittykatu 1\n200 EUR  Keksittykatu 2\n',
  ]);
  expect(exitCode).toBe(1);
});
