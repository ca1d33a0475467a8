import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citySlug, crawlQueueOf, jobIdOf } from '../../src/jobs/job-names.ts';

describe('names of jobs and queues', () => {
  it('writes Finnish city names in plain letters', () => {
    expect(crawlQueueOf('Jyväskylä')).toBe('crawl-jyvaskyla');
    expect(citySlug('Hämeenlinna')).toBe('hameenlinna');
  });

  it('gives the same id for the same work and another for any other', () => {
    const id = jobIdOf('daily-2026-11-22', 'listing', 'Helsinki', '20000001');

    expect(id).toBe('daily-2026-11-22.listing.helsinki.20000001');
    expect(jobIdOf('daily-2026-11-22', 'listing', 'Espoo', '20000001')).not.toBe(id);
    expect(jobIdOf('daily-2026-11-22', 'store-listing', 'Helsinki', '20000001')).not.toBe(id);
  });

  it('never makes a name the queue would refuse', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (city, page) => {
        const id = jobIdOf('daily-2026-11-22', 'search-page', city, page);

        expect(id).not.toContain(':');
        expect(id).not.toMatch(/^\d+$/);
      }),
    );
  });
});
