/** The example of the orchestrator as a person runs it, against the simulator. */
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { processTime, startProcess } from '../cli/oikotie-process.ts';
import { createWorkplace } from '../cli/workplace.ts';

const program = fileURLToPath(new URL('../../dist/examples/daily-run.js', import.meta.url));

it('collects the cities and prints the result', processTime, async () => {
  const place = await createWorkplace({ helsinki: 12, espoo: 7 });
  onTestFinished(place.close);

  const { exitCode, stdout } = await startProcess(process.execPath, [program, place.configPath], { cwd: place.folder })
    .ended;

  expect(stdout).toMatch(/^daily-\d{4}-\d\d-\d\d \(standalone\): completed$/m);
  expect(stdout).toContain('cities: 2 of 2\nnew listings: 19, failed: 0\n');
  expect(stdout).toContain('Helsinki: complete\n');
  expect(exitCode).toBe(0);
});
