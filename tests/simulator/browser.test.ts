/**
 * A real browser on the simulated search page: it sees rendered cards, as on the real site, and never visits the trap.
 */
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { chromiumPath } from '../chromium-path.ts';

describe.skipIf(chromiumPath === null)('search page in Chromium (skipped when no chromium is on the PATH)', () => {
  let simulator: RunningSimulator;
  let browser: Browser;

  beforeAll(async () => {
    simulator = await startSimulator();
    browser = await chromium.launch({
      executablePath: chromiumPath ?? '',
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
  });
  afterAll(async () => {
    await browser.close();
    await simulator.close();
  });

  it('renders the cards of the API, the count and the pagination', async () => {
    const page = await browser.newPage();
    await page.goto(simulator.searchUrl('Helsinki', 'sale'));
    await page.waitForSelector('.cards-v3__card');

    const hrefs = await page
      .locator('a.ot-card-v3[href]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    const found = await page.locator('.search-result-controls__found').textContent();
    const isFirstDisabled = await page.locator('.pagination button.button', { hasText: 'Edellinen' }).isDisabled();

    const expected = simulator.world.active(simulator.world.cities[0] ?? null, 'sale').slice(0, 24);
    expect(hrefs.map((href) => /\/(\d{8})\?/.exec(href ?? '')?.[1])).toEqual(expected.map((listing) => listing.id));
    expect(found).toBe('120');
    expect(isFirstDisabled).toBe(true);
    await page.close();
  });

  it('goes to the next page, where the older markup can be switched on', async () => {
    simulator.settings.cardMarkup = 'v2';
    const page = await browser.newPage();
    await page.goto(simulator.searchUrl('Vantaa', 'rent'));
    await page.waitForSelector('a.ot-card-v2');

    await page.locator('.pagination button.button', { hasText: 'Seuraava' }).click();
    await page.waitForURL(/pagination=2/);
    await page.waitForSelector('a.ot-card-v2');

    expect(await page.locator('a.ot-card-v2').count()).toBe(6);
    expect(await page.locator('.pagination button.button', { hasText: 'Seuraava' }).isDisabled()).toBe(true);
    simulator.settings.cardMarkup = 'v3';
    await page.close();
  });

  it('shows the failed state when the API refuses', async () => {
    const rule = simulator.faults.add({ type: 'http_403', kinds: ['search'] });
    const page = await browser.newPage();
    await page.goto(simulator.searchUrl('Espoo', 'sale'));
    await page.waitForSelector('.search-result__message');

    expect(await page.locator('.search-result__message').textContent()).toContain('Pahoittelut');
    expect(await page.locator('a.ot-card-v3').count()).toBe(0);
    simulator.faults.remove(rule.id);
    await page.close();
  });

  it('lets the consent frame be accepted, and has visited neither the trap nor another host', async () => {
    const page = await browser.newPage();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(simulator.searchUrl('Espoo', 'sale'));
    await page.waitForSelector('.cards-v3__card');

    await page.frameLocator('iframe[id^="sp_message_iframe_"]').getByTitle('Hyväksy kaikki').click();
    await page.waitForSelector('#sp_message_container_1301048', { state: 'detached' });

    const traps = simulator.requestLog.entries().filter((entry) => entry.kind === 'trap');
    expect(traps).toEqual([]);
    hosts.delete('');
    expect([...hosts]).toEqual([new URL(simulator.origin).host]);
    await page.close();
  });
});
