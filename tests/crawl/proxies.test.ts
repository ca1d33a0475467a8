/** Requests through proxies: which goes through which, what a refusing proxy looks like, and that no secret is told. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ProxySettings } from '../../src/crawl/proxies.ts';
import { noProxies, proxyFor } from '../../src/crawl/proxies.ts';
import { startLoopbackProxy } from './loopback-proxy.ts';
import { closedPort, serve, serveRaw } from './misbehaving-server.ts';
import { createTestFetcher } from './test-fetcher.ts';

const portOf = (origin: string) => Number(new URL(origin).port);
const through = (http: string, more: Partial<ProxySettings> = {}): ProxySettings => ({
  ...noProxies,
  http,
  https: http,
  ...more,
});

describe('requests through a proxy', () => {
  it('ask http addresses by their whole URL, with the password of the proxy', async () => {
    const server = await serve({ '/page': (_request, response) => response.end('through') });
    const proxy = await startLoopbackProxy({ targetPort: portOf(server.origin), credentials: 'me:pass word' });
    const withPassword = proxy.origin.replace('//', '//me:pass%20word@');
    const { get, log } = createTestFetcher({
      allowedHosts: ['portal.example.org'],
      proxies: through(withPassword),
      lookup: () => expect.unreachable('names are for the proxy to look up'),
    });

    for (let n = 0; n < 10; n += 1) {
      const response = await get('http://portal.example.org/page?a=1');
      expect(response.body).toBe('through');
    }

    expect(proxy.asked).toEqual(Array(10).fill('GET http://portal.example.org/page?a=1'));
    expect(server.headers[0]).toMatchObject({ host: 'portal.example.org' });
    expect(server.headers[0]).not.toHaveProperty('proxy-authorization');
    expect(log).toHaveLength(10);
    expect(inspect(log)).not.toContain('pass');
  });

  it('tunnel https addresses', async () => {
    const firstBytes: (number | undefined)[] = [];
    const target = await serveRaw((socket, data) => {
      firstBytes.push(data[0]);
      socket.destroy();
    });
    const proxy = await startLoopbackProxy({ targetPort: portOf(target), credentials: 'me:secret' });
    const { get } = createTestFetcher({
      allowedHosts: ['portal.example.org'],
      proxies: through(proxy.origin.replace('//', '//me:secret@')),
    });

    await expect(get('https://portal.example.org/page')).rejects.toMatchObject({ category: 'NETWORK_ERROR' });

    const tlsHandshake = 22;
    expect(proxy.asked).toEqual(['CONNECT portal.example.org:443']);
    expect(firstBytes).toEqual([tlsHandshake]);
  });

  it.each(['http', 'https'])(
    'say that the proxy refused an %s address, without telling the password',
    async (scheme) => {
      const proxy = await startLoopbackProxy({ targetPort: 1, credentials: 'me:secret' });
      const { get, log } = createTestFetcher({
        allowedHosts: ['portal.example.org'],
        proxies: through(proxy.origin.replace('//', '//meuser:wrong-one@')),
      });

      const error: unknown = await get(`${scheme}://portal.example.org/page`).catch((caught: unknown) => caught);

      expect(error).toMatchObject({
        code: 'PROXY_FAILED',
        category: 'NETWORK_ERROR',
        message: expect.stringContaining(`through the proxy ${proxy.host}, got status 407 of the proxy`),
      });
      expect(inspect([error, log], { depth: 9 })).not.toMatch(/wrong-one|meuser|Basic/);
    },
  );

  it.each(['http', 'https'])('say that the proxy of an %s address cannot be reached', async (scheme) => {
    const host = `127.0.0.1:${await closedPort()}`;
    const { get } = createTestFetcher({
      allowedHosts: ['portal.example.org'],
      proxies: through(`http://me:secret@${host}`),
    });

    const outcome = get(`${scheme}://portal.example.org/page`);

    await expect(outcome).rejects.toMatchObject({ code: 'PROXY_FAILED', category: 'NETWORK_ERROR' });
    await expect(outcome).rejects.toThrow(`through the proxy ${host}, got ECONNREFUSED`);
  });

  it('go through the own proxy of their city, and straight to excepted hosts', async () => {
    const server = await serve({ '/page': (_request, response) => response.end('ok') });
    const general = await startLoopbackProxy({ targetPort: portOf(server.origin) });
    const ofEspoo = await startLoopbackProxy({ targetPort: portOf(server.origin) });
    const { get } = createTestFetcher({
      allowedHosts: ['portal.example.org'],
      proxies: through(general.origin, {
        ofCity: (city) => (city === 'Espoo' ? ofEspoo.origin : null),
        except: ['127.0.0.1'],
      }),
    });

    await get('http://portal.example.org/page', { city: 'Helsinki' });
    await get('http://portal.example.org/page', { city: 'Espoo' });
    await get(`${server.origin}/page`, { city: 'Espoo' });

    expect([general.asked.length, ofEspoo.asked.length, server.paths.length]).toEqual([1, 1, 3]);
  });
});

describe('hosts excepted from the proxy', () => {
  it.each([
    ['*', 'https://asunnot.oikotie.fi/', true],
    ['asunnot.oikotie.fi', 'https://asunnot.oikotie.fi/', true],
    ['ASUNNOT.oikotie.fi', 'https://asunnot.oikotie.fi/', true],
    ['oikotie.fi', 'https://asunnot.oikotie.fi/', false],
    ['.oikotie.fi', 'https://asunnot.oikotie.fi/', true],
    ['*.oikotie.fi', 'https://asunnot.oikotie.fi/', true],
    ['.oikotie.fi', 'https://evil-oikotie.fi/', false],
    ['asunnot.oikotie.fi:443', 'https://asunnot.oikotie.fi/', true],
    ['asunnot.oikotie.fi:8443', 'https://asunnot.oikotie.fi/', false],
    ['[::1]', 'http://[::1]:8080/', true],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['127.0.0.1', 'http://127.0.0.1:3000/', true],
  ])('%s and %s: %s', (pattern, url, isExcepted) => {
    const proxies = through('http://proxy.example.org:3128', { except: ['other.example.org', pattern] });

    expect(proxyFor(proxies, new URL(url), 'Helsinki') === null).toBe(isExcepted);
  });
});
