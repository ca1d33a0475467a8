/**
 * An operator's word on a quarantine, for the store of a cluster: it holds the database, so that nobody else can carry it out.
 */
import type { Config } from '../config/config.ts';
import { systemClock } from '../src/clock.ts';
import { ScraperError } from '../src/errors.ts';
import type { QuarantineDecision } from '../src/jobs/close-quarantine.ts';
import { closeQuarantineJob } from '../src/jobs/close-quarantine.ts';
import { createLog } from '../src/log.ts';
import { withCluster } from './cluster-access.ts';
import { openRunDesk } from './run-desk.ts';

/** A store that is busy writes a batch first. */
const storeWaitMs = 60_000;

/**
 * Has the store do it, and waits until it has; gives why it could not, in words, or null.
 * @throws ScraperError CLUSTER_UNREACHABLE when Redis does not answer, STORE_SILENT when no store takes the order in time:
 * it stays on its queue then.
 */
export function orderQuarantine(config: Config, decision: QuarantineDecision): Promise<string | null> {
  const log = createLog({ level: 'silent', destination: process.stderr });
  return withCluster(config, async ({ redis }) => {
    const desk = openRunDesk({ config, tasks: config.tasks, redis, clock: systemClock, log });
    const job = closeQuarantineJob(decision, systemClock.now());
    const waiting = new AbortController();
    const late = systemClock.sleep(storeWaitMs, waiting.signal).then(() => 'late' as const);
    late.catch(() => undefined);
    try {
      await desk.engine.add(job);
      const outcome = await Promise.race([desk.engine.settled(job.id), late]);
      if (outcome === 'late') throw silence();
      if (outcome === 'completed') return null;
      return (await desk.queues.queue(job.queue).getJob(job.id))?.failedReason ?? 'the store gave no reason';
    } finally {
      waiting.abort();
      await desk.close();
    }
  });
}

function silence(): ScraperError {
  const message = `the store: expected an answer within ${storeWaitMs / 1_000} s, got none; it does it when it is there: oikotie status`;
  return new ScraperError('STORE_SILENT', message, { category: 'TIMEOUT' });
}
