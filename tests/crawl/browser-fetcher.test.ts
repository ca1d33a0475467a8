/** Pages as a real Chromium shows them: what is read, what never leaves, and what a sick page or browser costs. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { systemClock } from '../../src/clock.ts';
import type { RenderedPage } from '../../src/crawl/fetcher.ts';
import type { Gate } from '../../src/crawl/gate.ts';
import { createGate } from '../../src/crawl/gate.ts';
import type { SearchPage } from '../../src/portal/search-page.ts';
import { parseSearchPage } from '../../src/portal/search-page.ts';
import { serve } from './misbehaving-server.ts';
import type { TestBrowser } from './test-browser.ts';
import { createTestBrowser, testUserAgent } from './test-browser.ts';

let simulator: RunningSimulator;
let browser: TestBrowser;
/** Called when a request of the shared browser reaches its socket. */
let onDeparture = (): void => undefined;

/** A gate without limits that tells of each departure. */
function openGate(tell: () => void): Gate {
  const gate = createGate({ clock: systemClock, portalIntervalMs: 0, cityIntervalMs: () => 0 });
  return {
    ...gate,
    departed: (city) => {
      gate.departed(city);
      tell();
    },
  };
}

beforeAll(async () => {
  simulator = await startSimulator();
  browser = createTestBrowser({ http: { gate: openGate(() => onDeparture()) } });
});
afterEach(() => {
  onDeparture = () => undefined;
  simulator.faults.clear();
  simulator.settings.cardMarkup = 'v3';
});
afterAll(async () => {
  await browser.close();
  await simulator.close();
});

function read(page: RenderedPage): SearchPage {
  const reading = parseSearchPage(page.body, { origin: new URL(page.finalUrl).origin });
  if (reading.kind !== 'search_page') throw new Error(`expected a search page, got ${JSON.stringify(reading)}`);
  return reading;
}

/** What makes a page look like a search page that waits for its cards. */
const tokens =
  `<meta name="api-token" content="${'a'.repeat(64)}"><meta name="loaded" content="1765715199">` +
  `<meta name="cuid" content="${'b'.repeat(40)}">`;

/** Serves texts by path, with more headers where given. */
function servePages(
  texts: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, Record<string, string>>> = {},
) {
  const routes = Object.entries(texts).map(([path, text]) => {
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html';
    const route = (_request: unknown, response: ServerResponse) =>
      response.writeHead(200, { 'content-type': type, ...headers[path] }).end(text);
    return [path, route] as const;
  });
  return serve(Object.fromEntries(routes));
}

/** TCP ports that this process listens on (Linux). */
async function listeningPorts(): Promise<readonly number[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`, 'utf8')));
  const rows = tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const own = rows.filter(([, , , state, , , , , , inode]) => state === '0A' && links.includes(`socket:[${inode}]`));
  return own.map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16));
}

function browserOfOneTest(options: Parameters<typeof createTestBrowser>[0]): TestBrowser {
  const own = createTestBrowser(options);
  onTestFinished(() => own.close());
  return own;
}

describe('a search page', () => {
  it.each(['v2', 'v3'] as const)('shows its cards in %s markup, with the total and the pages', async (markup) => {
    simulator.settings.cardMarkup = markup;

    const page = read(await browser.open(simulator.searchUrl('Helsinki', 'sale')));

    const expected = simulator.world.active(simulator.world.cities[0] ?? null, 'sale').slice(0, 24);
    expect(page.cards.map(({ listingId }) => listingId)).toEqual(expected.map(({ id }) => id));
    expect(page).toMatchObject({ portalTotal: 120, pagination: { page: 1, lastPage: 5, hasNext: true } });
  });

  it('is found by its address on the second page, and lists nothing beyond the last one', async () => {
    const url = simulator.searchUrl('Vantaa', 'rent');

    const second = read(await browser.open(`${url}&pagination=2`));
    const beyond = read(await browser.open(`${url}&pagination=9`));

    expect(second.pagination).toMatchObject({ page: 2, hasNext: false });
    expect(beyond.cards).toEqual([]);
    expect(beyond.messages[0]).toContain('ei nyt löytynyt');
  });

  it('is asked under our own name, in the order document, search, with every request in the log', async () => {
    browser.log.length = 0;
    const before = simulator.requestLog.entries().length;

    await browser.open(simulator.searchUrl('Espoo', 'sale'));

    const sent = simulator.requestLog.entries().slice(before);
    expect(browser.log.map(({ kind }) => kind).filter((kind) => kind !== 'part' && kind !== 'robots')).toEqual([
      'search',
      'search',
    ]);
    expect(browser.log.every(({ city }) => city === 'Helsinki')).toBe(true);
    expect(sent.map(({ kind }) => kind).filter((kind) => kind !== 'other')).toEqual(['session', 'search']);
    expect(sent.every(({ userAgent }) => userAgent === testUserAgent)).toBe(true);
  });
});

describe('the limits', () => {
  it('hold for every request that a page makes', async () => {
    const own = browserOfOneTest({
      http: { gate: createGate({ clock: systemClock, portalIntervalMs: 150, cityIntervalMs: () => 0 }) },
    });

    await Promise.all(['Helsinki', 'Espoo'].map((city) => own.open(simulator.searchUrl(city, 'sale'))));

    const times = own.log.map(({ sentAtUtc }) => Date.parse(sentAtUtc)).toSorted((a, b) => a - b);
    const gapsMs = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(times.length).toBeGreaterThanOrEqual(5);
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(150);
  });

  it('count the time of the page, not the time at the gate', async () => {
    const own = browserOfOneTest({
      browser: { pageTimeoutMs: 1_500 },
      http: { gate: createGate({ clock: systemClock, portalIntervalMs: 2_000, cityIntervalMs: () => 0 }) },
    });

    expect(read(await own.open(simulator.searchUrl('Helsinki', 'sale'))).cards).toHaveLength(24);
  });
});

describe('a page full of other things', () => {
  it('gets scripts and data, and nothing else leaves: no image, style, font, tracker, beacon, socket, link or other host', async () => {
    const foreign = await serve({});
    const foreignOrigin = foreign.origin.replace('127.0.0.1', '0.0.0.0');
    const pages = await servePages({
      '/myytavat-asunnot': `<html><head>${tokens}<link rel="stylesheet" href="/style.css"><link rel="preconnect" href="${foreignOrigin}">
        <link rel="prefetch" href="/next"></head><body>
        <img src="/image.png"><iframe src="/frame"></iframe><a href="/trap" style="display:none">x</a>
        <script src="${foreignOrigin}/tracker.js"></script>
        <script>
          navigator.sendBeacon('/beacon', 'x');
          fetch('/posted', { method: 'POST', body: 'x' }).catch(() => 0);
          new WebSocket('ws://' + location.host + '/socket');
          window.open('/popup');
          if (navigator.serviceWorker) navigator.serviceWorker.register('/worker.js').catch(() => 0);
        </script><script src="/cards.js"></script></body></html>`,
      '/cards.js': `setTimeout(async () => {
          const answer = await (await fetch('/api/search?x=1')).text();
          document.body.insertAdjacentHTML('beforeend', '<a href="/myytavat-asunnot/helsinki/23000001">' + answer +
            ' ' + navigator.userAgent + ' ' + navigator.webdriver + '</a>');
        }, 100)`,
      '/api/search': 'Testikatu 1',
    });

    const page = await browser.open(`${pages.origin}/myytavat-asunnot`);

    expect(page.body).toContain(`Testikatu 1 ${testUserAgent} true`);
    expect(pages.paths).toEqual(['/robots.txt', '/myytavat-asunnot', '/cards.js', '/api/search?x=1']);
    expect(foreign.paths).toEqual([]);
  });

  it('asks for a script again only when the portal lets it grow old', async () => {
    const html = `<html><head>${tokens}</head><body><script src="/kept.js"></script><script src="/fresh.js"></script></body></html>`;
    const card = `document.body.innerHTML += '<a href="/myytavat-asunnot/helsinki/23000001">Testikatu 1</a>'`;
    const pages = await servePages(
      { '/myytavat-asunnot': html, '/kept.js': card, '/fresh.js': '0' },
      { '/kept.js': { 'cache-control': 'max-age=600' } },
    );

    for (let page = 0; page < 2; page += 1) await browser.open(`${pages.origin}/myytavat-asunnot`);

    expect(pages.paths.filter((path) => path === '/kept.js')).toHaveLength(1);
    expect(pages.paths.filter((path) => path === '/fresh.js')).toHaveLength(2);
  });

  it('may hold its cards back until its consent dialog is answered, even when that comes late', async () => {
    const pages = await servePages({
      '/myytavat-asunnot': `<html><head>${tokens}</head><body><script>
        addEventListener('message', (event) => {
          document.body.innerHTML += '<a href="/myytavat-asunnot/helsinki/23000001">' + event.data + '</a>';
        });
        setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<iframe id="sp_message_iframe_1" src="/consent/index.html"></iframe>'), 300);
        </script></body></html>`,
      '/consent/index.html': `<html><body><button onclick="parent.postMessage('accepted','*')">Hyväksy kaikki</button>
        <button onclick="parent.postMessage('refused','*')">Hylkää kaikki</button></body></html>`,
    });

    expect((await browser.open(`${pages.origin}/myytavat-asunnot`)).body).toContain('>refused</a>');
  });

  it('leaves no port open in this process', async () => {
    expect(await listeningPorts()).toEqual([Number(new URL(simulator.origin).port)]);
  });
});

describe('a fault of the portal', () => {
  it.each([
    ['http_401', undefined, 'BLOCKED'],
    ['http_403', undefined, 'BLOCKED'],
    ['http_429', undefined, 'RATE_LIMIT'],
    ['http_503_retry_after', undefined, 'RATE_LIMIT'],
    ['http_500', undefined, 'SERVER_ERROR'],
    ['hang', undefined, 'TIMEOUT'],
    ['connection_reset', undefined, 'NETWORK_ERROR'],
    ['truncated', 'short_body', 'NETWORK_ERROR'],
    ['huge_body', undefined, 'PARSING_ERROR'],
    ['redirect_elsewhere', 'evil', 'PARSING_ERROR'],
    ['redirect_elsewhere', 'loopback', 'PARSING_ERROR'],
  ] as const)('%s (%s) of the search that a page asks is %s', async (type, variant, category) => {
    simulator.faults.add({ type, kinds: ['search'], ...(variant === undefined ? {} : { variant }) });

    await expect(browser.open(simulator.searchUrl('Helsinki', 'sale'))).rejects.toMatchObject({ category });
  });

  it('in the document is the fault of the request, with the status for whoever asked', async () => {
    simulator.faults.add({ type: 'redirect_elsewhere', kinds: ['session'] });
    const redirected = browser.open(simulator.searchUrl('Helsinki', 'sale'));
    await expect(redirected).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' });
    simulator.faults.clear();
    simulator.faults.add({ type: 'http_500', kinds: ['session'] });

    expect(await browser.open(simulator.searchUrl('Helsinki', 'sale'))).toMatchObject({ status: 500, answers: [] });
  });
});

describe('a page or a browser that gives out', () => {
  it('is given up when the page never shows anything, and when its script never ends; the next page is shown', async () => {
    const pages = await servePages({
      '/myytavat-asunnot': `<html><head>${tokens}</head><body>nothing</body></html>`,
      '/myytavat-tontit': `<html><head>${tokens}</head><body><script>location.href = '/elsewhere'</script></body></html>`,
      '/vuokra-asunnot': `<html><head>${tokens}</head><body><script>for (;;);</script></body></html>`,
    });
    const own = browserOfOneTest({ browser: { pageTimeoutMs: 800 } });

    const silent = own.open(`${pages.origin}/myytavat-asunnot`);
    await expect(silent).rejects.toMatchObject({ category: 'TIMEOUT', code: 'PAGE_NOT_READY' });
    const leading = own.open(`${pages.origin}/myytavat-tontit`);
    await expect(leading).rejects.toMatchObject({ category: 'TIMEOUT' });
    const endless = own.open(`${pages.origin}/vuokra-asunnot`);
    await expect(endless).rejects.toMatchObject({ category: 'TIMEOUT', code: 'BROWSER_HUNG' });
    expect(pages.paths).not.toContain('/elsewhere');

    expect(read(await own.open(simulator.searchUrl('Helsinki', 'sale'))).cards).toHaveLength(24);
  });

  it('costs one request when it is killed; the next page gets a new browser', async () => {
    let departures = 0;
    const kill = (): void => {
      departures += 1;
      // robots.txt, the document, and now what the page asks for.
      if (departures === 3) process.kill(own.browserPids().at(-1) ?? 0, 'SIGKILL');
    };
    const own = browserOfOneTest({ http: { gate: openGate(kill) } });
    simulator.faults.add({ type: 'slow', delayMs: 1_000, kinds: ['search'] });

    const refused = expect(own.open(simulator.searchUrl('Helsinki', 'sale'))).rejects.toMatchObject({
      category: 'NETWORK_ERROR',
      code: 'BROWSER_CRASHED',
    });
    await refused;
    simulator.faults.clear();

    expect(read(await own.open(simulator.searchUrl('Helsinki', 'sale'))).cards).toHaveLength(24);
    expect(own.browserPids()).toHaveLength(2);
  });

  it('is replaced after its pages, and above its memory', { timeout: 60_000 }, async () => {
    const byPages = browserOfOneTest({ browser: { pagesPerBrowser: 2 } });
    const byMemory = browserOfOneTest({ browser: { maxMemoryBytes: 1_000_000 } });
    const url = simulator.world.truth('Helsinki', 'sale', simulator.origin)[0]?.url ?? '';

    for (let page = 0; page < 3; page += 1) await byPages.open(url, { kind: 'listing' });
    for (let page = 0; page < 2; page += 1) await byMemory.open(url, { kind: 'listing' });

    expect(byPages.browserPids()).toHaveLength(2);
    expect(byMemory.browserPids()).toHaveLength(2);
    expect(byMemory.events.map(({ msg }) => msg)).toContain('browser replaced, it has grown too large');
  });

  it('ends with the reason of the signal, and leaves the place to the next page', async () => {
    simulator.faults.add({ type: 'hang', kinds: ['search'], times: 1 });
    const stop = new AbortController();
    let departures = 0;
    onDeparture = () => {
      departures += 1;
      if (departures === 2) stop.abort(new Error('stopped by the test'));
    };

    const opening = browser.open(simulator.searchUrl('Helsinki', 'sale'), { signal: stop.signal });
    const refused = expect(opening).rejects.toThrow('stopped by the test');
    await refused;
    simulator.faults.clear();

    expect(read(await browser.open(simulator.searchUrl('Helsinki', 'sale'))).cards).toHaveLength(24);
  });
});
