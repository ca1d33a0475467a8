/**
 * The parts of a search page, taken from htmlparser2's streaming events (no tree). Cards are recognised by their href
 * first, whatever their classes are called this year; the block of similar homes nearby is not in the search.
 */
import { Parser } from 'htmlparser2';
import type { Card } from '../listings/card.ts';
import type { Issue } from '../listings/issue.ts';
import { hidesItsContent, isHidden } from './hidden-elements.ts';
import { isOnSite, listingIdOf } from './listing-url.ts';
import { cardFromLines } from './page-card.ts';

export interface Pagination {
  /** 1-based. */
  readonly page: number;
  readonly lastPage: number | null;
  /** False when the button is disabled; null when there is no button. */
  readonly hasNext: boolean | null;
}

export interface SearchPageParts {
  readonly title: string;
  readonly canonicalUrl: string | null;
  /** `<meta name>` -> content. */
  readonly metas: ReadonlyMap<string, string>;
  /** Rendered text of the count; null when it is not there or empty. */
  readonly found: string | null;
  readonly messages: readonly string[];
  readonly cards: readonly Card[];
  readonly pagination: Pagination | null;
  readonly issues: readonly Issue[];
  /** Whether the page ended with its own end tag. */
  readonly hasEnd: boolean;
}

type Attributes = Readonly<Record<string, string>>;
type CaptureKind = 'title' | 'heading' | 'found' | 'message' | 'card' | 'button' | 'indication';

interface Capture {
  readonly kind: CaptureKind;
  readonly depth: number;
  readonly attributes: Attributes;
  readonly lines: string[];
}

const nearbyTitle = /samankaltaisia asuntoja|lähialueilta/i;
const pageOfPages = /(\d+)\s*\/\s*(\d+)/;

/** Collects the parts; hidden elements, scripts, templates and off-site links are passed over. */
export function collectSearchPage(html: string, origin: string): SearchPageParts {
  const collector = new SearchPageCollector(origin);
  const parser = new Parser({
    onopentag: (name, attributes) => collector.open(name, attributes),
    ontext: (text) => collector.text(text),
    onclosetag: (name, isImplied) => collector.close(name, isImplied),
  });
  parser.end(html);
  return collector.parts();
}

/** Lives for one page: events in, parts out. */
class SearchPageCollector {
  readonly #origin: string;
  readonly #metas = new Map<string, string>();
  readonly #cards = new Map<string, Card>();
  readonly #issues: Issue[] = [];
  readonly #messages: string[] = [];
  readonly #captures: Capture[] = [];
  #depth = 0;
  #hiddenDepth = 0;
  /** Depth of the element that holds the nearby block; 0 outside of it. */
  #nearbyDepth = 0;
  #nearbyCards = 0;
  #title = '';
  #canonicalUrl: string | null = null;
  #found: string | null = null;
  #currentPage: number | null = null;
  #pages: { readonly page: number; readonly lastPage: number } | null = null;
  #hasNext: boolean | null = null;
  #hasEnd = false;
  /** Text since the last tag: the parser gives it out in pieces, cut at every entity. */
  #pendingText = '';

  constructor(origin: string) {
    this.#origin = origin;
  }

  open(name: string, attributes: Attributes): void {
    this.#endLine();
    this.#depth += 1;
    if (this.#hiddenDepth > 0) return;
    if (hidesItsContent(name) || isHidden(attributes)) {
      this.#hiddenDepth = this.#depth;
      return;
    }
    if (name === 'meta' && attributes['name'] !== undefined)
      this.#metas.set(attributes['name'], attributes['content'] ?? '');
    if (name === 'link' && attributes['rel'] === 'canonical') this.#canonicalUrl = attributes['href'] ?? null;
    const currentPage = Number(attributes['data-currentpage']);
    if (Number.isInteger(currentPage) && currentPage > 0) this.#currentPage = currentPage;
    const kind = this.#kindOf(name, attributes);
    if (kind !== null) this.#captures.push({ kind, depth: this.#depth, attributes, lines: [] });
  }

  text(text: string): void {
    if (this.#hiddenDepth === 0 && this.#captures.length > 0) this.#pendingText += text;
  }

  close(name: string, isImplied: boolean): void {
    this.#endLine();
    const capture = this.#captures.at(-1);
    if (capture !== undefined && capture.depth === this.#depth) {
      this.#captures.pop();
      this.#finish(capture);
    }
    if (this.#hiddenDepth === this.#depth) this.#hiddenDepth = 0;
    if (this.#nearbyDepth === this.#depth) this.#leaveNearby();
    if (!isImplied && (name === 'html' || name === 'body')) this.#hasEnd = true;
    this.#depth -= 1;
  }

  parts(): SearchPageParts {
    return {
      title: this.#title,
      canonicalUrl: this.#canonicalUrl,
      metas: this.#metas,
      found: this.#found,
      messages: this.#messages,
      cards: [...this.#cards.values()],
      pagination: this.#pagination(),
      issues: this.#issues,
      hasEnd: this.#hasEnd,
    };
  }

  #endLine(): void {
    const line = this.#pendingText.replace(/\s+/g, ' ').trim();
    this.#pendingText = '';
    if (line === '') return;
    for (const capture of this.#captures) capture.lines.push(line);
  }

  #kindOf(name: string, attributes: Attributes): CaptureKind | null {
    const className = attributes['class'] ?? '';
    if (name === 'title') return 'title';
    if (name === 'a' && this.#isCardLink(attributes['href'])) return 'card';
    if (name === 'button') return 'button';
    if (className.includes('search-result-controls__found')) return 'found';
    if (className.includes('search-result__message')) return 'message';
    if (name === 'pagination-indication' || className.includes('pagination-indication')) return 'indication';
    if (/^h[1-6]$/.test(name) || className.includes('title')) return 'heading';
    return null;
  }

  #isCardLink(href: string | undefined): boolean {
    return href !== undefined && isOnSite(href, this.#origin) && listingIdOf(href) !== null;
  }

  #finish({ kind, depth, attributes, lines }: Capture): void {
    const text = lines.join(' ');
    if (kind === 'title' && this.#title === '') this.#title = text;
    else if (kind === 'found') this.#found ??= text === '' ? null : text;
    else if (kind === 'message' && text !== '') this.#messages.push(text);
    else if (kind === 'card') this.#addCard(attributes['href'] ?? '', lines);
    else if (kind === 'button' && text === 'Seuraava') this.#hasNext = attributes['disabled'] === undefined;
    else if (kind === 'indication') this.#readIndication(text);
    else if (kind === 'heading' && this.#nearbyDepth === 0 && nearbyTitle.test(text)) this.#nearbyDepth = depth - 1;
  }

  #addCard(href: string, lines: readonly string[]): void {
    if (this.#nearbyDepth > 0) {
      this.#nearbyCards += 1;
      return;
    }
    const { value, issues } = cardFromLines(href, lines, this.#origin);
    if (value === null) return;
    // A card holds several links to its listing; the one with the most text is the card.
    const known = this.#cards.get(value.listingId);
    const isRicher = known === undefined || (known.priceEur === null && known.rentEurMonth === null);
    if (!isRicher) return;
    this.#cards.set(value.listingId, value);
    this.#issues.push(...issues);
  }

  /** A title in a wrapper of its own closes before the cards come: the block then is what the wrapper lies in. */
  #leaveNearby(): void {
    this.#nearbyDepth = this.#nearbyCards === 0 ? this.#depth - 1 : 0;
    if (this.#nearbyDepth === 0) this.#nearbyCards = 0;
  }

  #readIndication(text: string): void {
    const match = pageOfPages.exec(text);
    if (match !== null) this.#pages = { page: Number(match[1]), lastPage: Number(match[2]) };
  }

  #pagination(): Pagination | null {
    const page = this.#currentPage ?? this.#pages?.page;
    if (page === undefined) return null;
    return { page, lastPage: this.#pages?.lastPage ?? null, hasNext: this.#hasNext };
  }
}
