/**
 * The parts of a listing page, taken from the scanner's events. No tree is built: on a page of 74 KB the tree
 * costs several times what reading does. Pairs of label and value are recognised by meaning (a dt followed by a dd)
 * first and by class second. Agents' names, scripts and the cards of other listings are never read.
 */
import { decodeHTML, decodeHTMLAttribute } from 'entities';
import { hidesItsContent } from './hidden-elements.ts';
import { keyOfLabel } from './listing-labels.ts';
import type { PageEvents } from './page-scanner.ts';
import { scanPage } from './page-scanner.ts';
import { maxTextLength } from './page-text.ts';

export interface LabelledValue {
  /** Normalised label. */
  readonly key: string;
  /** Label and value as they stand in the markup, untrimmed. */
  readonly label: string;
  readonly value: string;
}

export interface ListingPageParts {
  readonly title: string;
  readonly canonicalUrl: string | null;
  /** `<meta name|property>` -> content. */
  readonly metas: ReadonlyMap<string, string>;
  /** The rows of all tables, in page order. */
  readonly rows: readonly LabelledValue[];
  /** Free text of the advertisement, untrimmed; empty when there is none. */
  readonly description: string;
  readonly brokerCompany: string;
  readonly breadcrumbs: readonly string[];
  readonly jsonLd: readonly string[];
  /** The script that sets `otAsunnot`; empty when there is none. */
  readonly pageScript: string;
  /** Whether the page ended with its own end tag; otherwise it is cut off. */
  readonly hasEnd: boolean;
}

type Attributes = Parameters<PageEvents['open']>[1];
type CaptureKind =
  | 'title'
  | 'label'
  | 'value'
  | 'overview'
  | 'paragraph'
  | 'description'
  | 'formatted'
  | 'company'
  | 'breadcrumb'
  | 'heading'
  | 'jsonLd'
  | 'script';

interface Capture {
  readonly kind: CaptureKind;
  readonly depth: number;
  text: string;
}

const labelClass =
  /(?:^|\s)(?:info-table__title|details-grid__item-title|key-value-items__(?:title|label|key))(?:\s|$)/;
const valueClass = /(?:^|\s)(?:info-table__value|details-grid__item-value|key-value-items__value)(?:\s|$)/;
/** Any class that says something here; most elements have none of them. */
const tellingClass = /listing-|similar|keep-formatting|info-table__|details-grid__item-|key-value-items__/;
/** Recorded pages need four at most; without a cap, a page that nests thousands costs its size squared in time and memory. */
const maxOpenCaptures = 8;
const nearbyTitle = /samankaltaisia asuntoja|lähialueilta/i;
const listingHref = /^(?:https?:\/\/[^/]+)?\/(?:myytavat|vuokra)[a-z-]*\/(?:[^/?#]+\/)+(\d{6,12})(?:[/?#]|$)/;
const lineBreakers: ReadonlySet<string> = new Set(['br', 'p', 'div', 'li', 'ul', 'ol', 'tr', 'h2', 'h3', 'h4', 'a']);

/** Makes text of a part of a page that was cut at ASCII characters. */
export type DecodePart = (part: string) => string;

/** For a page that is text already. */
export function asItIs(part: string): string {
  return part;
}

/**
 * Collects the parts of the page of listing `listingId`; the page may come without its silent elements, and undecoded: it
 * is read by its ASCII characters, and `decode` makes text of what is kept. Never throws; a broken page gives fewer parts.
 */
export function collectListingPage(html: string, listingId: string, decode: DecodePart): ListingPageParts {
  const collector = new ListingPageCollector(listingId, decode);
  scanPage(html, collector);
  return collector.parts();
}

/** Lives for one page: events in, parts out. */
class ListingPageCollector implements PageEvents {
  readonly #listingId: string;
  readonly #decode: DecodePart;
  readonly #metas = new Map<string, string>();
  readonly #rows: LabelledValue[] = [];
  readonly #breadcrumbs: string[] = [];
  readonly #jsonLd: string[] = [];
  readonly #texts = { paragraph: '', overview: '', description: '', formatted: '' };
  readonly #captures: Capture[] = [];
  #depth = 0;
  /** Depth of an element whose content is not looked at; 0 outside of one. */
  #skipDepth = 0;
  /** Depth of the agent's block, of which only the company's name is read. */
  #personDepth = 0;
  #pendingLabel = '';
  #title = '';
  #canonicalUrl: string | null = null;
  #brokerCompany = '';
  #pageScript = '';
  #hasEnd = false;

  constructor(listingId: string, decode: DecodePart) {
    this.#listingId = listingId;
    this.#decode = decode;
  }

  open(name: string, attributes: Attributes): void {
    this.#depth += 1;
    if (this.#skipDepth > 0) return;
    if (hidesItsContent(name)) {
      this.#openHidden(name, attributes);
      return;
    }
    const kind = this.#kindOf(name, attributes);
    if (this.#captures.length > 0 && lineBreakers.has(name)) this.#breakLine(name);
    const isRead = this.#personDepth === 0 || kind === 'company';
    if (kind !== null && isRead && this.#captures.length < maxOpenCaptures) {
      this.#captures.push({ kind, depth: this.#depth, text: '' });
    }
  }

  get wantsText(): boolean {
    return this.#captures.length > 0 && this.#skipDepth === 0;
  }

  text(text: string): void {
    const innermost = this.#captures.at(-1);
    if (innermost === undefined) return;
    if (innermost.kind === 'script' || innermost.kind === 'jsonLd') {
      innermost.text += text;
      return;
    }
    for (const capture of this.#captures) {
      if (capture.text.length <= maxTextLength) capture.text += text;
    }
  }

  close(name: string, isImplied: boolean): void {
    if (this.#skipDepth === 0) {
      if (this.#captures.length > 0 && lineBreakers.has(name)) this.#breakLine(name);
      for (
        let last = this.#captures.at(-1);
        last !== undefined && last.depth >= this.#depth;
        last = this.#captures.at(-1)
      ) {
        this.#captures.pop();
        this.#finish(last);
      }
    }
    if (this.#skipDepth === this.#depth) this.#skipDepth = 0;
    if (this.#personDepth === this.#depth) this.#personDepth = 0;
    if (!isImplied && (name === 'html' || name === 'body')) this.#hasEnd = true;
    this.#depth -= 1;
  }

  parts(): ListingPageParts {
    const { paragraph, overview, description, formatted } = this.#texts;
    return {
      title: this.#title,
      canonicalUrl: this.#canonicalUrl,
      metas: this.#metas,
      rows: this.#rows,
      description: [paragraph, overview, description, formatted].find((text) => text.trim() !== '') ?? '',
      brokerCompany: this.#brokerCompany,
      breadcrumbs: this.#breadcrumbs,
      jsonLd: this.#jsonLd,
      pageScript: this.#pageScript,
      hasEnd: this.#hasEnd,
    };
  }

  /** Of the elements without visible content only two kinds of script say something. */
  #openHidden(name: string, attributes: Attributes): void {
    const type = attributes.get('type');
    if (name === 'script' && type === 'application/ld+json') this.#capture('jsonLd');
    else if (name === 'script' && type === undefined && attributes.get('src') === undefined) this.#capture('script');
    else this.#skipDepth = this.#depth;
  }

  #capture(kind: CaptureKind): void {
    this.#captures.push({ kind, depth: this.#depth, text: '' });
  }

  #kindOf(name: string, attributes: Attributes): CaptureKind | null {
    if (name === 'dt') return 'label';
    if (name === 'dd') return 'value';
    if (name === 'title') return 'title';
    if (name === 'meta') this.#readMeta(attributes);
    else if (name === 'link' && attributes.get('rel') === 'canonical')
      this.#canonicalUrl ??= this.#attributeText(attributes.get('href')) ?? null;
    else if (name === 'a') this.#skipOtherListing(attributes.get('href'));
    else if (name === 'p' && this.#isInside('overview')) return 'paragraph';
    else if (name === 'h2' || name === 'h3') return 'heading';
    const className = attributes.get('class');
    return className !== undefined && tellingClass.test(className) ? this.#kindOfClass(className) : null;
  }

  #kindOfClass(className: string): CaptureKind | null {
    if (className.includes('listing-')) {
      if (className.includes('listing-company__name')) return 'company';
      if (className.includes('listing-overview')) return 'overview';
      if (className.includes('listing-description')) return 'description';
      if (className.includes('listing-breadcrumbs__item')) return 'breadcrumb';
      if (className.includes('listing-person') && this.#personDepth === 0) this.#personDepth = this.#depth;
    }
    if (className.includes('similar')) this.#skipDepth = this.#depth;
    else if (className.includes('paragraph--keep-formatting') && !this.#isInside('value')) return 'formatted';
    else if (labelClass.test(className)) return 'label';
    else if (valueClass.test(className)) return 'value';
    return null;
  }

  #readMeta(attributes: Attributes): void {
    const name = attributes.get('property') ?? attributes.get('name');
    if (name !== undefined && !this.#metas.has(name))
      this.#metas.set(name, this.#attributeText(attributes.get('content')) ?? '');
  }

  /** Nothing inside a link to another listing is said of this one. */
  #skipOtherListing(href: string | undefined): void {
    const linkedId = href === undefined ? undefined : listingHref.exec(href)?.[1];
    if (linkedId !== undefined && linkedId !== this.#listingId) this.#skipDepth = this.#depth;
  }

  #isInside(kind: CaptureKind): boolean {
    return this.#captures.some((capture) => capture.kind === kind);
  }

  #breakLine(name: string): void {
    for (const capture of this.#captures) {
      if (capture.text === '') continue;
      const isText = capture.kind !== 'value' && capture.kind !== 'label';
      if (!isText) capture.text += '\n';
      else if (name !== 'a') capture.text += name === 'p' ? '\n\n' : '\n';
    }
  }

  #attributeText(value: string | undefined): string | undefined {
    if (value === undefined) return undefined;
    const text = this.#decode(value);
    return text.includes('&') ? decodeHTMLAttribute(text) : text;
  }

  #finish({ kind, depth, text: undecoded }: Capture): void {
    const isScript = kind === 'script' || kind === 'jsonLd';
    const markup = this.#decode(undecoded);
    const text = !isScript && markup.includes('&') ? decodeHTML(markup) : markup;
    if (kind === 'label') this.#pendingLabel = text.trim() === '' ? this.#pendingLabel : text;
    else if (kind === 'value') this.#addRow(text);
    else if (kind === 'title') this.#title ||= text;
    else if (kind === 'company') this.#brokerCompany ||= text.trim();
    else if (kind === 'breadcrumb') this.#breadcrumbs.push(text.trim());
    else if (kind === 'jsonLd') this.#jsonLd.push(text);
    else if (kind === 'script') this.#pageScript ||= text.includes('otAsunnot') ? text : '';
    else if (kind === 'heading') this.#skipDepth = nearbyTitle.test(text) ? depth - 1 : 0;
    else this.#addText(kind, text);
  }

  #addRow(value: string): void {
    const label = this.#pendingLabel;
    if (label !== '') this.#rows.push({ key: keyOfLabel(label), label, value });
    this.#pendingLabel = '';
  }

  /** Regions nest (a description in an overview) and repeat; each kind is collected by itself, the same text once. */
  #addText(kind: 'paragraph' | 'overview' | 'description' | 'formatted', text: string): void {
    const known = this.#texts[kind];
    if (known.includes(text)) return;
    this.#texts[kind] = known === '' ? text : `${known}\n\n${text}`;
  }
}
