/** The HTTP fetcher against servers that behave and servers that do not. */
import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createGate } from '../../src/crawl/gate.ts';
import { closedPort, serve, serveRaw } from './misbehaving-server.ts';
import { createTestFetcher } from './test-fetcher.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };

describe('http fetcher', () => {
  it('gives back the page with its hash, size and address, and says honestly who it is', async () => {
    const page = '<p>Töölö 72,5 m²</p>';
    const server = await serve({ '/page': (_request, response) => response.writeHead(200, html).end(page) });
    const { get, log } = createTestFetcher();

    const response = await get(`${server.origin}/page?a=1`, { headers: { 'User-Agent': 'somebody else' } });

    expect(response).toMatchObject({
      url: `${server.origin}/page?a=1`,
      finalUrl: `${server.origin}/page?a=1`,
      status: 200,
      body: page,
      bodyBytes: Buffer.byteLength(page),
      sha256: createHash('sha256').update(page).digest('hex'),
    });
    expect(server.headers[0]).toMatchObject({
      'user-agent': 'oikotie-collector/0.1 (+mailto:test@example.org)',
      'accept-language': 'fi-FI,fi;q=0.9',
    });
    expect(log).toMatchObject([
      { status: 200, kind: 'listing', city: 'Helsinki', errorCategory: null, nodeId: 'test-node' },
    ]);
  });

  it('keeps its connections for requests that follow each other', async () => {
    const server = await serve({ '/page': (_request, response) => response.end('ok') });
    const { get } = createTestFetcher();

    for (let n = 0; n < 100; n += 1) await get(`${server.origin}/page`);

    expect(server.paths).toHaveLength(100);
    // undici rests a connection for one turn of the event loop, so a second one may be opened meanwhile.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('opens no more connections than there are requests at once', async () => {
    const server = await serve({ '/page': (_request, response) => response.end('ok') });
    const { get } = createTestFetcher();
    const worker = async () => {
      for (let n = 0; n < 20; n += 1) await get(`${server.origin}/page`);
    };

    await Promise.all(Array.from({ length: 5 }, worker));

    expect(server.paths).toHaveLength(100);
    expect(server.connections()).toBeLessThanOrEqual(10);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('undoes %s and hashes what the portal wrote', async (encoding, compress) => {
    const page = '<p>Kallio</p>'.repeat(500);
    const server = await serve({
      '/page': (_request, response) =>
        response.writeHead(200, { ...html, 'content-encoding': encoding }).end(compress(page)),
    });
    const { get } = createTestFetcher();

    const response = await get(`${server.origin}/page`);

    expect(response.body).toBe(page);
    expect(response.bodyBytes).toBe(page.length);
    expect(response.sha256).toBe(createHash('sha256').update(page).digest('hex'));
  });

  it.each([
    [
      'the header says windows-1252',
      'text/html; charset=windows-1252',
      Buffer.from('<p>Töölö</p>', 'latin1'),
      '<p>Töölö</p>',
    ],
    [
      'a meta tag says iso-8859-1',
      'text/html',
      Buffer.from('<meta charset="iso-8859-1"><p>ä</p>', 'latin1'),
      '<meta charset="iso-8859-1"><p>ä</p>',
    ],
    ['a byte order mark contradicts the header', 'text/html; charset=latin1', Buffer.from('\uFEFFö'), 'ö'],
    ['the charset is unknown', 'text/html; charset=klingon', Buffer.from('ö'), 'ö'],
    [
      'a meta tag lies about being UTF-16',
      'text/html',
      Buffer.from('<meta charset=utf-16><p>ä</p>'),
      '<meta charset=utf-16><p>ä</p>',
    ],
    [
      'the charset is one that is no longer read',
      'text/html; charset=utf-7',
      Buffer.from('+ADw-p+AD4-'),
      '+ADw-p+AD4-',
    ],
    ['bytes are bad', 'text/html; charset=utf-8', Buffer.from([0x61, 0xff, 0x62]), 'a\uFFFDb'],
  ])('reads the characters when %s', async (_name, contentType, bytes, expected) => {
    const server = await serve({
      '/page': (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(bytes),
    });
    const { get } = createTestFetcher();

    const response = await get(`${server.origin}/page`);

    expect(response.body).toBe(expected);
    expect(response.bodyText?.whole()).toBe(expected);
    const undecoded = response.bodyText?.undecoded();
    expect(undecoded?.decode(undecoded.text).replace(/^\uFEFF/, '')).toBe(expected);
  });

  it('gives the parts of an undecoded page as if all of it had been decoded before', async () => {
    const page = '<p>Töölö 5 €</p><svg>ääkköset €</svg><p>Käpylä 🏠</p>';
    const server = await serve({ '/page': (_request, response) => response.writeHead(200, html).end(page) });
    const { get } = createTestFetcher();

    const { bodyText } = await get(`${server.origin}/page`);

    const { text = '', decode } = bodyText?.undecoded() ?? {};
    const texts = text.split(/<[^>]*>/).map((part) => decode?.(part));
    expect(texts).toEqual(['', 'Töölö 5 €', '', 'ääkköset €', '', 'Käpylä 🏠', '']);
  });

  it.each([
    [200, null],
    [404, null],
    [410, null],
    [401, 'BLOCKED'],
    [403, 'BLOCKED'],
    [429, 'RATE_LIMIT'],
    [500, 'SERVER_ERROR'],
    [503, 'SERVER_ERROR'],
    [418, 'UNKNOWN'],
  ])('gives back status %i and logs it as %s', async (status, category) => {
    const server = await serve({ '/page': (_request, response) => response.writeHead(status).end('text') });
    const { get, log } = createTestFetcher();

    const response = await get(`${server.origin}/page`);

    expect(response.status).toBe(status);
    expect(log).toMatchObject([{ status, errorCategory: category, bodyBytes: 4 }]);
  });

  it('follows redirects within the host and passes the gate for each step', async () => {
    const server = await serve({
      '/a': (_request, response) => response.writeHead(301, { location: '/b' }).end(),
      '/b': (_request, response) => response.writeHead(302, { location: '/c' }).end(),
      '/c': (_request, response) => response.end('there'),
    });
    const gate = createGate({ clock: systemClock, portalIntervalMs: 0, cityIntervalMs: () => 0 });
    const entered: (string | null)[] = [];
    const { get, log } = createTestFetcher({
      gate: {
        ...gate,
        enter: (city, signal) => {
          entered.push(city);
          return gate.enter(city, signal);
        },
      },
    });

    const response = await get(`${server.origin}/a`);

    expect(response).toMatchObject({ url: `${server.origin}/a`, finalUrl: `${server.origin}/c`, body: 'there' });
    expect(entered).toEqual(['Helsinki', 'Helsinki', 'Helsinki']);
    expect(log.map((entry) => entry.status)).toEqual([301, 302, 200]);
  });

  it.each([
    ['another name', 'http://evil.invalid/'],
    ['another name of this machine', 'http://elsewhere.localhost/'],
    ['a private address', 'http://10.0.0.1/'],
    ['another protocol', 'ftp://127.0.0.1/'],
    ['a URL with a password', 'http://user:secret@127.0.0.1/'],
    ['nonsense', 'http://'],
  ])('refuses a redirect to %s', async (_name, location) => {
    const server = await serve({ '/a': (_request, response) => response.writeHead(302, { location }).end() });
    const { get, log } = createTestFetcher();

    const outcome = get(`${server.origin}/a`);

    await expect(outcome).rejects.toMatchObject({ code: 'REDIRECT_REFUSED', category: 'PARSING_ERROR' });
    await expect(outcome).rejects.not.toThrow('secret');
    expect(log).toHaveLength(1);
  });

  it('gives up a redirect that never ends after the sixth request', async () => {
    const server = await serve({ '/a': (_request, response) => response.writeHead(302, { location: '/a' }).end() });
    const { get } = createTestFetcher();

    await expect(get(`${server.origin}/a`)).rejects.toMatchObject({ code: 'REDIRECT_LOOP' });
    expect(server.paths).toHaveLength(6);
  });

  it.each([
    ['a host that is not listed', 'https://example.org/x', 'HOST_REFUSED'],
    ['a private address', 'http://192.168.1.1/', 'HOST_REFUSED'],
    ['another protocol', 'file:///etc/passwd', 'URL_REFUSED'],
    ['credentials', 'http://user:secret@127.0.0.1/', 'URL_REFUSED'],
    ['no URL', 'helsinki', 'URL_REFUSED'],
  ])('sends nothing to %s', async (_name, url, code) => {
    const { get, log } = createTestFetcher({ allowedHosts: ['asunnot.oikotie.fi'] });

    const outcome = get(url);

    await expect(outcome).rejects.toMatchObject({ code, category: 'PARSING_ERROR' });
    await expect(outcome).rejects.not.toThrow('secret');
    expect(log).toEqual([]);
  });

  it.each([
    ['announced in Content-Length', (size: number) => ({ 'content-length': String(size) })],
    ['sent in chunks without a length', () => ({})],
  ])('refuses a body over the limit %s', async (_name, headersFor) => {
    const body = Buffer.alloc(300_000, 'a');
    const server = await serve({
      '/huge': (_request, response) => response.writeHead(200, headersFor(body.length)).end(body),
    });
    const { get, log } = createTestFetcher();

    await expect(get(`${server.origin}/huge`)).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
      category: 'PARSING_ERROR',
    });
    expect(log).toMatchObject([{ errorCategory: 'PARSING_ERROR' }]);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('refuses a small %s body that grows over the limit', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(5_000_000));
    const server = await serve({
      '/bomb': (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb),
    });
    const { get } = createTestFetcher();

    await expect(get(`${server.origin}/bomb`)).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
      category: 'PARSING_ERROR',
    });
  });

  it.each([
    ['two bombs in each other', 'gzip, br', () => brotliCompressSync(gzipSync(Buffer.alloc(5_000_000)))],
    ['a bomb whose first layer is over the limit, too', 'gzip, gzip', () => gzipSync(Buffer.alloc(5_000_000))],
    ['many members of gzip data', 'gzip', () => Buffer.concat(Array(60).fill(gzipSync(Buffer.alloc(2_000))))],
  ])('refuses %s', async (_name, encoding, makeBomb) => {
    const bomb = makeBomb();
    const server = await serve({
      '/bomb': (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb),
    });
    const { get } = createTestFetcher();

    await expect(get(`${server.origin}/bomb`)).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
      category: 'PARSING_ERROR',
    });
  });

  it('undoes encodings that follow each other, and refuses more of them than anybody needs', async () => {
    const page = '<p>Kallio</p>';
    const server = await serve({
      '/two': (_request, response) =>
        response.writeHead(200, { ...html, 'content-encoding': 'br, GZIP' }).end(gzipSync(brotliCompressSync(page))),
      '/many': (_request, response) =>
        response.writeHead(200, { 'content-encoding': Array(500).fill('gzip').join() }).end(gzipSync(page)),
    });
    const { get } = createTestFetcher();

    expect((await get(`${server.origin}/two`)).body).toBe(page);
    await expect(get(`${server.origin}/many`)).rejects.toMatchObject({
      code: 'CONTENT_ENCODING_BAD',
      message: expect.stringContaining('500 encodings'),
    });
  });

  it('hangs up on a body that never ends', async () => {
    let isClosed = false;
    const chunk = Buffer.alloc(20_000, 'a');
    const origin = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const flood = (): void => {
        if (socket.destroyed) isClosed = true;
        else socket.write(chunk, () => setImmediate(flood));
      };
      flood();
    });
    const { get } = createTestFetcher();

    await expect(get(`${origin}/flood`)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE', category: 'PARSING_ERROR' });
    await expect.poll(() => isClosed).toBe(true);
  });

  it('refuses headers that never end as a network error', async () => {
    const origin = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.write(`X-Long: ${'a'.repeat(100_000)}`);
    });
    const { get } = createTestFetcher();

    await expect(get(`${origin}/page`)).rejects.toMatchObject({ category: 'NETWORK_ERROR' });
  });

  it.each([
    ['gzip data cut off', 'gzip', gzipSync('<p>'.repeat(999)).subarray(0, 20), 'BODY_TRUNCATED', 'NETWORK_ERROR'],
    ['gzip announced, text sent', 'gzip', Buffer.from('<p>'), 'CONTENT_ENCODING_BAD', 'PARSING_ERROR'],
    ['an encoding we did not ask for', 'zstd', Buffer.from('<p>'), 'CONTENT_ENCODING_BAD', 'PARSING_ERROR'],
  ])('reports %s', async (_name, encoding, body, code, category) => {
    const server = await serve({
      '/page': (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(body),
    });
    const { get, log } = createTestFetcher();

    await expect(get(`${server.origin}/page`)).rejects.toMatchObject({ code, category });
    expect(log).toMatchObject([{ status: 200, errorCategory: category }]);
  });

  it.each([
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort', 'BODY_TRUNCATED'],
    [
      'a chunked body that breaks off',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n',
      'BODY_TRUNCATED',
    ],
    ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.0\r\n', 'NETWORK_FAILED'],
    ['nothing', '', 'NETWORK_FAILED'],
  ])('reports %s as a network error', async (_name, answer, code) => {
    const origin = await serveRaw((socket) => socket.end(answer));
    const { get, log } = createTestFetcher();

    await expect(get(`${origin}/page`)).rejects.toMatchObject({ code, category: 'NETWORK_ERROR' });
    expect(log).toMatchObject([{ status: null, errorCategory: 'NETWORK_ERROR' }]);
  });

  it.each([
    ['sent in pieces with its length announced', 'Content-Length: 80000', (text: string) => text],
    [
      'sent in chunks without one',
      'Transfer-Encoding: chunked',
      (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`,
    ],
  ])('puts a body together that was %s', async (_name, header, frame) => {
    const pieces = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(20_000));
    const origin = await serveRaw((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
      for (const piece of pieces) socket.write(frame(piece));
      socket.end(header.startsWith('Transfer') ? '0\r\n\r\n' : '');
    });
    const { get, log } = createTestFetcher();

    const response = await get(`${origin}/page`);

    expect(response.body).toBe(pieces.join(''));
    expect(log).toMatchObject([{ bodyBytes: 80_000, errorCategory: null }]);
  });

  it('gives no body for "not modified", though the answer says how long the page is', async () => {
    const origin = await serveRaw((socket) => socket.end('HTTP/1.1 304 Not Modified\r\nContent-Length: 74000\r\n\r\n'));
    const { get } = createTestFetcher();

    expect(await get(`${origin}/page`)).toMatchObject({ status: 304, body: '', bodyBytes: 0 });
  });

  it('reports a connection reset and a refused connection as network errors', async () => {
    const resetting = await serveRaw((socket) => socket.resetAndDestroy());
    const { get } = createTestFetcher();

    await expect(get(`${resetting}/page`)).rejects.toMatchObject({ category: 'NETWORK_ERROR' });
    await expect(get(`http://127.0.0.1:${await closedPort()}/`)).rejects.toMatchObject({ category: 'NETWORK_ERROR' });
  });

  it.each([
    ['never answers', () => undefined],
    [
      'drips its body without end',
      (socket: { write: (text: string) => unknown; destroyed: boolean }) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n');
        const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write('a')), 20);
      },
    ],
  ])('gives up on a server that %s', async (_name, handle) => {
    const origin = await serveRaw(handle);
    const { get, log } = createTestFetcher({ requestTimeoutMs: 150 });

    await expect(get(`${origin}/page`)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT', category: 'TIMEOUT' });
    expect(log).toMatchObject([{ errorCategory: 'TIMEOUT' }]);
    expect(log[0]?.durationMs).toBeLessThan(1000);
  });

  it('ends with the reason of its signal when aborted, and asks nothing when aborted before', async () => {
    const controller = new AbortController();
    const server = await serve({ '/hang': () => controller.abort(new Error('stopped')) });
    const { get, log } = createTestFetcher();

    await expect(get(`${server.origin}/hang`, { signal: controller.signal })).rejects.toThrow('stopped');
    await expect(get(`${server.origin}/hang`, { signal: controller.signal })).rejects.toThrow('stopped');

    expect(server.paths).toEqual(['/hang']);
    expect(log).toHaveLength(1);
  });

  it('serves many at once under one signal without a warning of leaking listeners', async () => {
    const warnings: string[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning.name);
    process.on('warning', onWarning);
    const server = await serve({ '/page': (_request, response) => response.end('ok') });
    const { get } = createTestFetcher();
    const { signal } = new AbortController();

    await Promise.all(Array.from({ length: 50 }, () => get(`${server.origin}/page`, { signal })));

    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
