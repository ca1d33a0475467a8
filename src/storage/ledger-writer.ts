/**
 * Takes what is recorded for the politeness ledger at once and writes it with the next transaction. What could not be
 * written stays and goes with the one after.
 */
import type { LedgerSink, LimitRecord, RequestLogEntry, RequestSink, RobotsRecord } from '../crawl/request-log.ts';
import type { Database } from './database.ts';
import type { LedgerEntries } from './request-ledger.ts';
import { writeLedger } from './request-ledger.ts';
import type { Session } from './session.ts';

export interface LedgerWriter extends LedgerSink {
  readonly recordRequest: RequestSink;
  /** Runs the work in a transaction and writes what has been recorded so far with it: all or nothing. */
  readonly transact: (work: (session: Session) => Promise<void>) => Promise<void>;
  /** Writes what has been recorded so far, when there is anything. */
  readonly flush: () => Promise<void>;
}

/** Makes a writer that has recorded nothing. */
export function createLedgerWriter(database: Database): LedgerWriter {
  let requests: RequestLogEntry[] = [];
  let limits: LimitRecord[] = [];
  let robots: RobotsRecord[] = [];

  function take(): LedgerEntries {
    const taken = { requests, limits, robots };
    [requests, limits, robots] = [[], [], []];
    return taken;
  }

  function giveBack(entries: LedgerEntries): void {
    requests = [...entries.requests, ...requests];
    limits = [...entries.limits, ...limits];
    robots = [...entries.robots, ...robots];
  }

  const transact: LedgerWriter['transact'] = async (work) => {
    let taken: LedgerEntries | null = null;
    try {
      await database.transact(async (session) => {
        taken = take();
        await writeLedger(session, taken);
        await work(session);
      });
    } catch (error) {
      if (taken !== null) giveBack(taken);
      throw error;
    }
  };

  return {
    recordRequest: (entry) => void requests.push(entry),
    recordLimit: (record) => void limits.push(record),
    recordRobots: (record) => void robots.push(record),
    transact,
    flush: async () => {
      if (requests.length + limits.length + robots.length > 0) await transact(() => Promise.resolve());
    },
  };
}
