/** Names that lead into a private network are refused when the connection is made, whatever they said before. */
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createHostRules } from '../../src/crawl/allowed-hosts.ts';
import { createCheckedLookup } from '../../src/crawl/checked-lookup.ts';
import { serve } from './misbehaving-server.ts';
import { createTestFetcher } from './test-fetcher.ts';

/** A resolver that gives each name the addresses a test says, one list per look. */
function resolver(...answers: readonly (readonly string[])[]): LookupFunction {
  let looks = 0;
  return (_hostname, options, callback) => {
    const addresses = answers[Math.min(looks, answers.length - 1)] ?? [];
    looks += 1;
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family ?? 4);
  };
}

describe('an address that a name leads to', () => {
  it.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['172.31.0.9'],
    ['192.168.1.1'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['0.0.0.0'],
    ['::1'],
    ['::'],
    ['fd12::1'],
    ['fe80::1'],
    ['::ffff:10.0.0.1'],
  ])('is refused when it is %s, and nothing is sent', async (address) => {
    const server = await serve({});
    const host = `portal.example.org:${new URL(server.origin).port}`;
    const { get, log } = createTestFetcher({ allowedHosts: [host], lookup: resolver([address]) });

    const outcome = get(`http://${host}/page`);

    await expect(outcome).rejects.toMatchObject({ code: 'ADDRESS_REFUSED', category: 'PARSING_ERROR' });
    await expect(outcome).rejects.toThrow(`expected a public address, got ${address}`);
    expect(server.connections()).toBe(0);
    expect(log).toMatchObject([{ status: null, errorCategory: 'PARSING_ERROR' }]);
  });

  it('is refused behind a redirect, too', async () => {
    const server = await serve({
      '/a': (_request, response) => response.writeHead(302, { location: 'http://mirror.example.org/b' }).end(),
    });
    const { get } = createTestFetcher({ allowedHosts: ['mirror.example.org'], lookup: resolver(['192.168.7.7']) });

    await expect(get(`${server.origin}/a`)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('is used when a name without a dot, which only the own network knows, is listed', async () => {
    const server = await serve({ '/page': (_request, response) => response.end('ok') });
    const host = `simulator:${new URL(server.origin).port}`;
    const { get } = createTestFetcher({ allowedHosts: [host], lookup: resolver(['127.0.0.1']) });

    await expect(get(`http://${host}/page`)).resolves.toMatchObject({ status: 200, body: 'ok' });
  });

  it('is used for localhost only when it is of this machine', async () => {
    const { get } = createTestFetcher({ lookup: resolver(['192.168.1.1']) });

    await expect(get('http://localhost/page')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('is checked at every look, and every address of the name', () => {
    const lookup = createCheckedLookup(
      resolver(['93.184.215.14'], ['93.184.215.14', '10.0.0.1']),
      createHostRules(['portal.example.org']),
    );
    const look = () => {
      let outcome: unknown;
      lookup('portal.example.org', { all: true }, (error, found) => {
        outcome = error ?? found;
      });
      return outcome;
    };

    expect(look()).toEqual([{ address: '93.184.215.14', family: 4 }]);
    expect(look()).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
