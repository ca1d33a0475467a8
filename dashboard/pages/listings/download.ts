/** The listings of the page as a file: the same filters, every listing, every field. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Request, Response, Router } from 'express';
import { z } from 'zod';
import { toUtcIso } from '../../../src/clock.ts';
import { writeListingsFile } from '../../../src/storage/listings-file.ts';
import type { Dashboard } from '../../dashboard.ts';
import type { ListingQuery } from '../../http/listing-query.ts';
import { filterOf, parseQuery, readListingQuery } from '../../http/listing-query.ts';
import { HttpProblem } from '../../http/problem.ts';

/** Files that are made or sent at the same time. */
const mostAtOnce = 2;
const types = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' } as const;
const formatShape = z.object({ format: z.enum(['csv', 'parquet'], 'expected csv or parquet') });

/** Adds the download to the routes of this section. */
export function addDownload(router: Router, { series }: Dashboard): void {
  let running = 0;
  router.get('/download.:format', async (request: Request, response: Response) => {
    const { format } = parseQuery(formatShape, request.params);
    const query = readListingQuery(request.query);
    if (running >= mostAtOnce) {
      response.set('Retry-After', '30');
      throw new HttpProblem(503, `expected fewer than ${mostAtOnce} downloads at once; try again in half a minute`);
    }
    running++;
    const folder = await mkdtemp(join(tmpdir(), 'oikotie-download-'));
    try {
      const path = join(folder, `listings.${format}`);
      const publishedAtMs = await series.read(async (database, edition) => {
        await writeListingsFile({ databasePath: database.path, filter: filterOf(query), format, outputPath: path });
        return edition.publishedAtMs;
      });
      response.attachment(fileName(query, publishedAtMs, format)).type(types[format]);
      response.set('Content-Length', String((await stat(path)).size));
      await pipeline(createReadStream(path), response);
    } catch (error) {
      // Whoever goes away while it is sent has no use for an answer.
      if (!response.destroyed) throw error;
    } finally {
      running--;
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** E.g. `listings-Helsinki-sale-offered_2026-11-30T0412Z.csv`: what was chosen, and of which snapshot. */
function fileName(query: ListingQuery, publishedAtMs: number, format: string): string {
  const { after: _after, before: _before, at: _at, sort: _sort, status, ...chosen } = query;
  const words = Object.entries({ ...chosen, status: status ?? 'offered' })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => (['city', 'deal', 'status'].includes(name) ? String(value) : `${name}-${value}`));
  const edition = `${toUtcIso(publishedAtMs).slice(0, 16).replace(':', '')}Z`;
  const text = ['listings', ...words].join('-').replaceAll(/[^\p{L}\p{N}_.-]+/gu, '_');
  return `${text.slice(0, 120)}_${edition}.${format}`;
}
