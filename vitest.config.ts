/**
 * How the tests run: three processes at a time, because a third of a file's time it waits for others (browsers, servers,
 * time-outs) and the machine that checks a change may have two cores. A process takes one file after the other: loading the
 * program anew for each took a quarter of the processor time.
 */
import { defineConfig } from 'vitest/config';

/** Files that measure the process they are in, which must be theirs alone. */
const alone = ['tests/workers/load-watch.test.ts'];

export default defineConfig({
  test: {
    environment: 'node',
    pool: 'forks',
    maxWorkers: 3,
    // A time-out ends what hangs; it does not measure how fast the machine is.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    dangerouslyIgnoreUnhandledErrors: false,
    allowOnly: false,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'together', include: ['tests/**/*.test.ts'], exclude: alone, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
});
