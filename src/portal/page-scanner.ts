/**
 * Reads a page from its beginning to its end and tells of each start tag, text and end tag. It builds no tree, decodes
 * nothing and never throws: a broken page gives other events, and whatever is open at the end is closed there. It takes
 * a quarter of the time that a general tokeniser takes (docs/adr/0005-reading-pages-by-events.md) because it goes from tag
 * to tag, knows the usual names without making texts of them, and reads no attribute that nobody asks for.
 */
import type { MarkupContext, Tag } from './page-tags.ts';
import { nameKey, tagAt } from './page-tags.ts';
import { endsName, TagAttributes } from './tag-attributes.ts';

export interface PageEvents {
  /** Whether texts are wanted now; asked before each. */
  readonly wantsText: boolean;
  /** A start tag. The attributes are good only until the next event. */
  readonly open: (name: string, attributes: Pick<TagAttributes, 'get'>) => void;
  /** A text as it stands in the markup; a long one may come in several pieces. */
  readonly text: (text: string) => void;
  /** The end of the innermost open element; implied when it has no end tag of its own. */
  readonly close: (name: string, isImplied: boolean) => void;
}

/** Tells `events` of everything in the page, in its order. */
export function scanPage(html: string, events: PageEvents): void {
  new PageScanner(html, events).run();
}

const exclamation = 33;
const slash = 47;
const question = 63;
const lowerA = 97;
const lowerZ = 122;
const cdataStart = '[CDATA[';
const cdataEnd = ']]>';
/** Bit by which a capital letter differs from its small one. */
const caseBit = 32;

/** Lives for one page. */
class PageScanner {
  readonly #html: string;
  readonly #events: PageEvents;
  readonly #attributes: TagAttributes;
  /** Elements that are open, the innermost last. */
  readonly #open: Tag[] = [];
  /** Contexts that were entered, the innermost last. */
  readonly #contexts: MarkupContext[] = [];
  #context: MarkupContext = 'html';
  #at = 0;

  constructor(html: string, events: PageEvents) {
    this.#html = html;
    this.#events = events;
    this.#attributes = new TagAttributes(html);
  }

  run(): void {
    const html = this.#html;
    while (this.#at < html.length) {
      const start = html.indexOf('<', this.#at);
      const textEnd = start === -1 ? html.length : start;
      this.#text(this.#at, textEnd);
      this.#at = textEnd;
      if (start !== -1) this.#readMarkup(start);
    }
    for (let tag = this.#open.pop(); tag !== undefined; tag = this.#open.pop()) this.#events.close(tag.name, true);
  }

  #text(from: number, to: number): void {
    if (from < to && this.#events.wantsText) this.#events.text(this.#html.slice(from, to));
  }

  /** What begins with the `<` at `start`. */
  #readMarkup(start: number): void {
    const charCode = this.#html.charCodeAt(start + 1);
    if (isLetter(charCode)) this.#readStartTag(start + 1);
    else if (charCode === slash) this.#readEndTag(start);
    else if (charCode === exclamation) this.#readDeclaration(start + 2);
    else if (charCode === question) this.#skipTo('>', start + 2);
    else {
      // A `<` that begins nothing is text, and so is what follows it.
      const next = this.#html.indexOf('<', start + 1);
      this.#at = next === -1 ? this.#html.length : next;
      this.#text(start, this.#at);
    }
  }

  #readStartTag(start: number): void {
    const tag = this.#readName(start);
    if (tag === null) return;
    // An element in a drawing or a formula holds no raw text, whatever it is called.
    const raw = this.#context === 'html' ? tag.raw : null;
    // A form in a form is none.
    const isElement = tag.name !== 'form' || !this.#isOpen('form');
    if (isElement) this.#begin(tag);
    const end = this.#attributes.read(this.#at);
    this.#at = end === -1 ? this.#html.length : end;
    if (end === -1) return;
    const endsHere = this.#attributes.isSelfClosing && this.#context !== 'html';
    if (isElement) {
      this.#events.open(tag.name, this.#attributes);
      if (tag.isVoid) this.#events.close(tag.name, true);
      else if (endsHere) this.#end(true);
    }
    if (raw === 'text') this.#readRawText(tag);
    else if (raw === 'rest') this.#skipAsText(this.#html.length);
  }

  /** The tag whose name begins at `start`; `#at` is then behind it. Null when the page ends in it. */
  #readName(start: number): Tag | null {
    const html = this.#html;
    let key = 0;
    for (let at = start; at < html.length; at += 1) {
      const charCode = html.charCodeAt(at);
      if (endsName(charCode)) {
        this.#at = at;
        return tagAt(html, start, at, key, this.#context);
      }
      key = nameKey(key, charCode);
    }
    this.#at = html.length;
    return null;
  }

  /** Ends what ends where this element begins, and counts it as open. */
  #begin(tag: Tag): void {
    const { endsOpen } = tag;
    if (endsOpen !== null) {
      for (let last = this.#open.at(-1); last !== undefined && endsOpen.has(last.name); last = this.#open.at(-1)) {
        this.#end(true);
      }
    }
    if (tag.isVoid) return;
    this.#open.push(tag);
    if (tag.context === null) return;
    this.#contexts.push(this.#context);
    this.#context = tag.context;
  }

  /** Ends the innermost element. */
  #end(isImplied: boolean): void {
    const tag = this.#open.pop();
    if (tag === undefined) return;
    if (tag.context !== null) this.#context = this.#contexts.pop() ?? 'html';
    this.#events.close(tag.name, isImplied);
  }

  #isOpen(name: string): boolean {
    return this.#open.some((tag) => tag.name === name);
  }

  #readEndTag(start: number): void {
    const html = this.#html;
    const charCode = html.charCodeAt(start + 2);
    if (isLetter(charCode)) {
      const tag = this.#readName(start + 2);
      if (tag === null) return;
      this.#endNamed(tag);
      this.#skipTo('>', this.#at);
    } else if (start + 2 === html.length) {
      this.#skipAsText(html.length);
    } else {
      this.#skipTo('>', start + 2);
    }
  }

  /** An end tag ends its element and all in it; one without an element says nothing, but for `</p>` and `</br>`. */
  #endNamed(tag: Tag): void {
    const { name } = tag;
    const place = this.#open.findLastIndex((open) => open.name === name);
    if (place !== -1) {
      while (this.#open.length > place + 1) this.#end(true);
      this.#end(false);
    } else if (name === 'p' || name === 'br') {
      this.#attributes.clear();
      if (name === 'p') this.#begin(tag);
      this.#events.open(name, this.#attributes);
      if (name === 'p') this.#end(false);
      else this.#events.close(name, false);
    }
  }

  /** A comment, a document type or anything else behind `<!`; only CDATA in a drawing or a formula is text. */
  #readDeclaration(from: number): void {
    const html = this.#html;
    if (html.startsWith('--', from)) this.#at = commentEnd(html, from + 2);
    else if (html.startsWith(cdataStart, from)) {
      const start = from + cdataStart.length;
      const end = html.indexOf(cdataEnd, start);
      if (end !== -1 && this.#context !== 'html') this.#text(start, end);
      this.#at = end === -1 ? html.length : end + cdataEnd.length;
    } else this.#skipTo('>', from);
  }

  /** The content of an element that holds text only, and its end tag. */
  #readRawText({ name }: Tag): void {
    const html = this.#html;
    const from = this.#at;
    for (let at = html.indexOf('</', from); at !== -1; at = html.indexOf('</', at + 2)) {
      const nameEnd = at + 2 + name.length;
      const isNamed = html.startsWith(name, at + 2) || html.slice(at + 2, nameEnd).toLowerCase() === name;
      if (!isNamed || !endsName(html.charCodeAt(nameEnd))) continue;
      this.#text(from, at);
      this.#readEndTag(at);
      return;
    }
    this.#skipAsText(html.length);
  }

  #skipTo(mark: string, from: number): void {
    const found = this.#html.indexOf(mark, from);
    this.#at = found === -1 ? this.#html.length : found + mark.length;
  }

  #skipAsText(end: number): void {
    this.#text(this.#at, end);
    this.#at = end;
  }
}

function isLetter(charCode: number): boolean {
  const small = charCode | caseBit;
  return small >= lowerA && small <= lowerZ;
}

/** Behind the comment whose text begins at `from`: `-->` or `--!>`, and `>` or `->` at once. */
function commentEnd(html: string, from: number): number {
  if (html.startsWith('>', from)) return from + 1;
  if (html.startsWith('->', from)) return from + 2;
  for (let at = html.indexOf('--', from); at !== -1; at = html.indexOf('--', at + 1)) {
    if (html.startsWith('>', at + 2)) return at + 3;
    if (html.startsWith('!>', at + 2)) return at + 4;
  }
  return html.length;
}
