/**
 * One page by URL for `oikotie parse`: through the same host check, robots rules, limits and user agent as a run.
 */
import { systemClock } from '../src/clock.ts';
import type { RequestLogEntry } from '../src/crawl/request-log.ts';
import { createLog } from '../src/log.ts';
import { createPortal } from '../workers/portal.ts';
import type { CommandIo } from './command.ts';
import { loadCommandConfig } from './command-config.ts';

/** A function that fetches one URL's text. @throws ConfigError, or ScraperError when there is no usable response. */
export function fetchTextFor(configOption: string | undefined, io: CommandIo): (url: string) => Promise<string> {
  return async (url) => {
    const { config } = await loadCommandConfig(configOption);
    const portal = createPortal({
      config,
      tasks: config.tasks,
      clock: systemClock,
      executionId: 'parse',
      log: createLog({ level: 'silent', destination: process.stderr }),
      requestSink: (entry: RequestLogEntry) => {
        io.stderr.write(`${entry.kind} ${entry.url} ${entry.status ?? entry.errorCategory} ${entry.durationMs} ms\n`);
      },
    });
    try {
      const response = await portal.fetcher.fetch({ url, kind: 'listing', city: null, signal: io.signal });
      return response.body;
    } finally {
      await portal.close();
    }
  };
}
