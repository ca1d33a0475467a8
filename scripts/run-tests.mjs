// Runs the tests and ends with one line, `N passed, N failed, N skipped`, from the runner's own report. It fails when a
// test fails, when none ran, and when there is no report to believe. Arguments go through to vitest.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runner = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

function runVitest(reportPath, extraArguments) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const child = spawn(process.execPath, [runner, 'run', ...reporters, ...extraArguments], { stdio: 'inherit' });
  // Ctrl-C reaches the runner too; stay, to clean up after it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** The counts of a report. A file that failed before its first test counts as one failure. */
function readCounts(reportPath) {
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (!Object.values(counts).every(Number.isInteger)) throw new Error('its counts are not numbers');
  return counts;
}

const folder = mkdtempSync(join(tmpdir(), 'oikotie-tests-'));
try {
  const reportPath = join(folder, 'report.json');
  const exitCode = await runVitest(reportPath, process.argv.slice(2));
  const { passed, failed, skipped } = readCounts(reportPath);
  if (passed + failed === 0) console.error('No test was executed.');
  if (exitCode !== 0 && failed === 0) console.error(`The runner ended with code ${exitCode} although no test failed.`);
  process.exitCode = exitCode !== 0 || failed > 0 || passed === 0 ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
} catch (error) {
  console.error(`The report of the tests cannot be read: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
