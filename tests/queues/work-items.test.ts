import { expect, it } from 'vitest';
import { defaultWorkBackoff, retryDelayMs } from '../../queues/work-items.ts';

it('waits 30, 60 and 120 s before retries, at most 300 s', () => {
  const delaysMs = [1, 2, 3, 4, 5, 6, 100].map((failedTries) => retryDelayMs(failedTries, defaultWorkBackoff));

  expect(delaysMs).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000, 300_000]);
});
