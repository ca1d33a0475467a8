import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArchivingFetcher } from '../../src/crawl/archiving-fetcher.ts';
import type { RequestKind } from '../../src/crawl/fetcher.ts';
import { createTestFetcher } from './test-fetcher.ts';

/** "Järvi" with a byte order mark is not what its text encodes to again. */
const bytes = Buffer.from('\ufeffJärvi', 'utf8');
const server = createServer((request, response) => {
  response.writeHead(request.url === '/missing' ? 404 : 200, { 'content-type': 'text/html' });
  response.end(bytes);
});
let origin: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => server.close());

async function archived(kind: RequestKind, path = '/') {
  const kept: { sha256: string; bytes: Buffer }[] = [];
  const archive = { put: (sha256: string, body: Buffer) => kept.push({ sha256, bytes: body }) };
  const fetcher = createArchivingFetcher(createTestFetcher().fetcher, archive);
  const response = await fetcher.fetch({
    url: `${origin}${path}`,
    kind,
    city: null,
    signal: AbortSignal.timeout(5_000),
  });
  return { response, kept };
}

describe('a fetcher with an archive', () => {
  it.each(['listing', 'search'] as const)('keeps the bytes of a %s under their own SHA-256', async (kind) => {
    const { response, kept } = await archived(kind);

    expect(kept).toEqual([{ sha256: response.sha256, bytes }]);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(response.sha256);
    expect(response.body).toBe('Järvi');
  });

  it.each(['session', 'robots', 'location'] as const)('keeps nothing of a %s', async (kind) => {
    expect((await archived(kind)).kept).toEqual([]);
  });

  it('keeps nothing of an answer that no data is read from', async () => {
    const { response, kept } = await archived('listing', '/missing');

    expect(response.status).toBe(404);
    expect(kept).toEqual([]);
  });
});
