import { describe, expect, it } from 'vitest';
import { readRobots } from '../../src/portal/robots.ts';

const origin = 'https://asunnot.oikotie.fi';

describe('robots.txt', () => {
  it('is read for our own token before the rules for all', () => {
    const rules = readRobots(
      'User-agent: *\nDisallow: /\n\nUser-agent: oikotie\nDisallow: /api/\nAllow: /api/search\nCrawl-delay: 2.5\n',
      'oikotie',
    );

    expect(rules.isAllowed(`${origin}/myytavat-asunnot?x=1`)).toBe(true);
    expect(rules.isAllowed(`${origin}/api/cards?limit=24`)).toBe(false);
    expect(rules.isAllowed('/api/search?limit=24')).toBe(true);
    expect(rules.crawlDelayMs).toBe(2500);
  });

  it('holds for any host it is asked about, wildcards and queries included', () => {
    const rules = readRobots('\uFEFFUser-agent: *\nDisallow: /*?*sortBy=\nDisallow: /pois$', 'oikotie');

    expect(rules.isAllowed('http://127.0.0.1:8080/haku?a=1&sortBy=x')).toBe(false);
    expect(rules.isAllowed('http://127.0.0.1:8080/pois')).toBe(false);
    expect(rules.isAllowed('http://127.0.0.1:8080/pois/muualle')).toBe(true);
  });

  it.each([[''], ['<html>404</html>'], ['Crawl-delay: soon'], ['User-agent: *\nCrawl-delay: -3']])(
    '%j holds no rules',
    (text) => {
      expect(readRobots(text, 'oikotie').isAllowed(`${origin}/x`)).toBe(true);
      expect(readRobots(text, 'oikotie').crawlDelayMs).toBeNull();
    },
  );

  it('allows nothing that is no URL', () => {
    expect(readRobots('', 'oikotie').isAllowed('http://[broken')).toBe(false);
  });
});
