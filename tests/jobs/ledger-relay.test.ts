import { expect, it } from 'vitest';
import type { JobRequest } from '../../src/jobs/job.ts';
import { createLedgerRelay } from '../../src/jobs/ledger-relay.ts';
import { storeLedgerPayload } from '../../src/jobs/payloads.ts';
import { createLog } from '../../src/log.ts';
import { requestEntry } from '../storage/samples.ts';

const log = createLog({ level: 'silent', destination: process.stderr });

function createRelay({ failures = 0 } = {}) {
  const sent: JobRequest[] = [];
  let left = failures;
  const relay = createLedgerRelay({
    send: async (request) => {
      if (left > 0) {
        left -= 1;
        throw new Error('Redis is away');
      }
      sent.push(request);
    },
    source: 'worker-1-start',
    log,
  });
  const requestsSent = () => sent.map(({ payload }) => storeLedgerPayload.parse(payload).requests.length);
  return { relay, sent, requestsSent };
}

it('sends what a job left in the ledger before the job ends, however it ends', async () => {
  const { relay, requestsSent } = createRelay();
  const handler = relay.relayed({
    kind: 'listing',
    run: async (payload) => {
      relay.recordRequest(requestEntry());
      if (payload === 'fails') throw new Error('no page');
      return { followUps: [] };
    },
    onGivenUp: () => [],
  });
  const context = { signal: new AbortController().signal, attempt: 1 };

  await handler.run('works', context);
  await expect(handler.run('fails', context)).rejects.toThrow('no page');

  expect(requestsSent()).toEqual([1, 1]);
});

it('keeps what could not be sent for the next time, in order, under a name of its own', async () => {
  const { relay, sent, requestsSent } = createRelay({ failures: 1 });
  relay.recordRequest(requestEntry());

  await relay.flush();
  relay.recordRequest(requestEntry());
  await relay.flush();
  await relay.flush();

  expect(requestsSent()).toEqual([2]);
  expect(sent.map(({ id }) => id)).toEqual([expect.stringMatching(/\.store-ledger\.worker-1-start\.2$/)]);
});
