/**
 * robots.txt of the portal: text in, rules for one user agent out. Fetching it, its age and what a failed fetch means
 * are not decided here. Format: RFC 9309; matching by robots-parser.
 */
import robotsParserModule from 'robots-parser';

export interface RobotsRules {
  /** Whether the URL (any host; path and query count) may be fetched. True when no rule speaks of it. */
  readonly isAllowed: (url: string | URL) => boolean;
  /** Pause between requests the site asks for, in milliseconds; null when it asks for none. */
  readonly crawlDelayMs: number | null;
}

interface ParsedRobots {
  readonly isAllowed: (url: string, userAgent: string) => boolean | undefined;
  readonly getCrawlDelay: (userAgent: string) => number | undefined;
}

/** The package exports the function itself, while its types speak of a default export: hence the cast. */
const parseRobots = robotsParserModule as unknown as (url: string, text: string) => ParsedRobots;

/**
 * The rules belong to the host the text was fetched from; the parser wants one named, so this stands for it. With a port,
 * or the parser adds one to every address it is asked about.
 */
const standInOrigin = 'https://robots.invalid:8443';

/** Reads robots.txt for one product token (`oikotie-collector`). Total: nonsense is a file without rules. */
export function readRobots(text: string, userAgentToken: string): RobotsRules {
  const withoutMark = text.replace(/^\uFEFF/, '');
  const robots = parseRobots(`${standInOrigin}/robots.txt`, withoutMark);
  const crawlDelaySeconds = robots.getCrawlDelay(userAgentToken);
  const isDelay = crawlDelaySeconds !== undefined && Number.isFinite(crawlDelaySeconds) && crawlDelaySeconds > 0;
  return {
    crawlDelayMs: isDelay ? Math.ceil(crawlDelaySeconds * 1000) : null,
    isAllowed: (url) => {
      if (typeof url === 'string' && !URL.canParse(url, standInOrigin)) return false;
      const { pathname, search } = typeof url === 'string' ? new URL(url, standInOrigin) : url;
      return robots.isAllowed(`${standInOrigin}${pathname}${search}`, userAgentToken) !== false;
    },
  };
}
