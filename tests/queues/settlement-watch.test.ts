import { expect, it } from 'vitest';
import { BullMqQueues } from '../../queues/bullmq-queues.ts';
import { SettlementWatch } from '../../queues/settlement-watch.ts';
import { systemClock } from '../../src/clock.ts';
import { silentLog as log, useRedis } from './redis-server.ts';

const connection = useRedis();

it('opens no connection for a wait that was over before it began', async () => {
  const queues = new BullMqQueues({ redis: connection(), prefix: 'settlement', log });
  const opened: string[] = [];
  const watch = new SettlementWatch({
    queueOf: (name) => queues.queue(name),
    eventsOf: (name) => {
      opened.push(name);
      return queues.events(name);
    },
    clock: systemClock,
    pollIntervalMs: 25,
  });
  const reason = new Error('stopped');

  await expect(watch.settled('runs', 'daily.run', AbortSignal.abort(reason))).rejects.toBe(reason);

  expect(opened).toEqual([]);
  await queues.close();
});
