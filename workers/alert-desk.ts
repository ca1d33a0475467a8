/**
 * Where what is wrong is handed in: opens and resolves alerts in the book, and tells the channels. It never throws and never
 * changes what a run has come to; a message that cannot be sent is tried again a bounded number of times, and reported.
 */
import type { Config } from '../config/config.ts';
import type { Judgement } from '../src/alerts/alert.ts';
import { changesOf, keyOf } from '../src/alerts/alert.ts';
import type { AlertBook } from '../src/alerts/alert-book.ts';
import { messageFor } from '../src/alerts/message.ts';
import type { Clock } from '../src/clock.ts';
import { toUtcIso } from '../src/clock.ts';
import { messageOf } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { WorkRecorder } from '../src/metrics/work-metrics.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import type { AlertChannel } from './alert-channels.ts';
import { createAlertChannels } from './alert-channels.ts';
import { sendHttpMessage } from './post-message.ts';

export interface AlertDesk {
  /** Opens and resolves what the judgement says, and tells the channels. Never rejects. */
  readonly settle: (judgement: Judgement) => Promise<void>;
  /** Tells what is still untold. Never rejects. */
  readonly deliver: () => Promise<void>;
  /** Asks the dead-man's URL when the run was complete. Never rejects. */
  readonly pingAfter: (result: Pick<ExecutionResult, 'status' | 'executionId'>) => Promise<void>;
}

interface AlertDeskOptions {
  readonly config: Pick<Config, 'alerts' | 'nodeId'>;
  readonly book: AlertBook;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the waits between tries. */
  readonly signal: AbortSignal;
  /** Waits between the tries of one delivery, in milliseconds: one more try than waits. */
  readonly pausesMs?: readonly number[];
  readonly recorder?: Pick<WorkRecorder, 'recordDelivery'> | null;
}

/** For who ends soon: what is not told by then is told by the next run. */
const defaultPausesMs = [1_000, 5_000];
/** Tries of one message, over all runs and restarts. */
const mostAttempts = 20;

export function createAlertDesk(options: AlertDeskOptions): AlertDesk {
  const { config, book, clock, log } = options;
  const channels = createAlertChannels(config.alerts);
  const names = channels.map(({ name }) => name);

  async function safely(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'alerts could not be kept or told; trying again later');
    }
  }

  const deliver = async (): Promise<void> => {
    await Promise.all(channels.map((channel) => safely(() => tell(channel, options))));
  };

  return {
    settle: (judgement) =>
      safely(async () => {
        const atUtc = toUtcIso(clock.now());
        const changes = await book.apply(changesOf(judgement, await book.open(), atUtc), atUtc, names);
        for (const alert of changes.opened) log.warn({ alert: keyOf(alert), summary: alert.summary }, 'alert opened');
        for (const alert of changes.resolved) log.info({ alert: keyOf(alert) }, 'alert resolved');
        await deliver();
      }),
    deliver,
    pingAfter: (result) => pingAfter(result, options),
  };
}

/** Sends what a channel has still to be told, unless another process does so now. */
async function tell(channel: AlertChannel, options: AlertDeskOptions): Promise<void> {
  const { book, config, clock, log, recorder = null } = options;
  const { name } = channel;
  if ((await book.pending(name)).events.length === 0) return;
  await book.whileAlone(name, async () => {
    const { events } = await book.pending(name);
    if (events.length === 0) return;
    const message = messageFor(events, { nodeId: config.nodeId, sentAtUtc: toUtcIso(clock.now()) });
    const problem = await tryAgain(
      () => channel.send(message),
      options,
      async () => {
        recorder?.recordDelivery(name, 'failed');
        return (await book.noteFailure(name)) >= mostAttempts;
      },
    );
    if (problem === null) {
      recorder?.recordDelivery(name, 'sent');
      log.info({ channel: name, alerts: events.length }, 'alerts were sent');
      return book.settle(name, events.length);
    }
    const fields = { channel: name, alerts: events.length, error: problem.reason };
    if (!problem.isLast) return log.warn(fields, 'alerts could not be sent; trying again later');
    recorder?.recordDelivery(name, 'given_up');
    log.error(fields, 'alerts could not be sent and are given up; check the channel with "oikotie alerts test"');
    return book.settle(name, events.length);
  });
}

interface Problem {
  readonly reason: string;
  readonly isLast: boolean;
}

/** Null when it was sent. @param noteFailure told of each failure; true when that was the last one */
async function tryAgain(
  send: () => Promise<void>,
  { clock, signal, pausesMs = defaultPausesMs }: Pick<AlertDeskOptions, 'clock' | 'signal' | 'pausesMs'>,
  noteFailure: () => Promise<boolean>,
): Promise<Problem | null> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await send();
      return null;
    } catch (error) {
      const problem = { reason: messageOf(error), isLast: await noteFailure() };
      const pauseMs = pausesMs[attempt];
      if (problem.isLast || pauseMs === undefined || signal.aborted) return problem;
      await clock.sleep(pauseMs, signal).catch(() => undefined);
      if (signal.aborted) return problem;
    }
  }
}

async function pingAfter(
  { status, executionId }: Pick<ExecutionResult, 'status' | 'executionId'>,
  options: AlertDeskOptions,
): Promise<void> {
  const { config, log } = options;
  const { deadManUrl: url } = config.alerts;
  if (url === null || status !== 'completed') return;
  const ping = () => sendHttpMessage({ url, method: 'GET', headers: {}, body: null });
  const problem = await tryAgain(ping, options, async () => false);
  if (problem === null) log.info({ executionId }, "the dead man's URL was told of the run");
  else log.warn({ executionId, error: problem.reason }, "the dead man's URL could not be told of a complete run");
}
