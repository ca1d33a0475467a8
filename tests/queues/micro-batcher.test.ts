import { expect, it } from 'vitest';
import { MicroBatcher } from '../../queues/micro-batcher.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';

/** A batcher that writes what it is given into a list; the item `bad` cannot be written. */
function createBatcher() {
  const clock = createFakeClock();
  const written: (readonly string[])[] = [];
  const batcher = new MicroBatcher<string>({
    maxItems: 3,
    maxDelayMs: 100,
    run: async (items) => {
      if (items.includes('bad')) throw new Error('cannot be written');
      written.push(items);
    },
    clock,
  });
  return { batcher, written, clock };
}

it('writes a batch when it is full, and a smaller one when its first item has waited', async () => {
  const { batcher, written, clock } = createBatcher();

  await Promise.all(['a', 'b', 'c'].map((item) => batcher.add(item)));
  const late = batcher.add('d');
  await clock.advance(99);
  const before = [...written];
  await clock.advance(1);
  await late;

  expect(before).toEqual([['a', 'b', 'c']]);
  expect(written).toEqual([['a', 'b', 'c'], ['d']]);
});

it('lets one bad item fail alone', async () => {
  const { batcher, written } = createBatcher();

  const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((item) => batcher.add(item)));

  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(written).toEqual([['a'], ['b']]);
});

it('runs a single task after what was handed in before it, and nothing beside it', async () => {
  const { batcher, written } = createBatcher();

  const adding = batcher.add('before');
  const seen = await batcher.alone(async () => [...written]);
  await adding;

  expect(seen).toEqual([['before']]);
});
