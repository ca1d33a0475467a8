/**
 * The attributes of one start tag, read where they stand: their places are noted while the end of the tag is looked for,
 * and a text is made of a value only when somebody asks for it. Values are as in the markup, character references and all.
 */

const tab = 9;
const newLine = 10;
const formFeed = 12;
const carriageReturn = 13;
const space = 32;
const doubleQuote = 34;
const singleQuote = 39;
const slash = 47;
const equals = 61;
const greater = 62;

function isSpace(charCode: number): boolean {
  return (
    charCode === space ||
    charCode === newLine ||
    charCode === tab ||
    charCode === carriageReturn ||
    charCode === formFeed
  );
}

/** Whether a name, of an element or of an attribute, ends before this character. */
export function endsName(charCode: number): boolean {
  return charCode === greater || charCode === slash || isSpace(charCode);
}

/** Numbers kept of each attribute: start and end of its name, start and end of its value. */
const perAttribute = 4;

export class TagAttributes {
  readonly #html: string;
  readonly #places: number[] = [];
  #count = 0;
  /** Whether a `/` stood before the end of the tag. */
  isSelfClosing = false;

  constructor(html: string) {
    this.#html = html;
  }

  /** The value of the first attribute of this name (in lower case), empty when it has none; undefined without it. */
  get(name: string): string | undefined {
    const html = this.#html;
    const places = this.#places;
    for (let at = 0; at < this.#count; at += perAttribute) {
      const start = places[at] ?? 0;
      const end = places[at + 1] ?? 0;
      if (end - start !== name.length) continue;
      const isNamed = html.startsWith(name, start) || html.slice(start, end).toLowerCase() === name;
      if (isNamed) return html.slice(places[at + 2], places[at + 3]);
    }
    return undefined;
  }

  /** None, as after an end tag that stands for a whole element. */
  clear(): void {
    this.#count = 0;
    this.isSelfClosing = false;
  }

  /** Reads from behind the name of the tag; gives the place behind its `>`, or -1 when the page ends before. */
  read(from: number): number {
    const html = this.#html;
    this.clear();
    let at = from;
    while (at < html.length) {
      const charCode = html.charCodeAt(at);
      if (charCode === greater) return at + 1;
      if (charCode === slash) this.isSelfClosing = true;
      else if (!isSpace(charCode)) {
        this.isSelfClosing = false;
        at = this.#readOne(at);
        if (at === -1) return -1;
        continue;
      }
      at += 1;
    }
    return -1;
  }

  /** Reads a name and its value; gives the place behind them, or -1 when the page ends before. */
  #readOne(nameStart: number): number {
    const html = this.#html;
    // The first character belongs to the name whatever it is, even `=`.
    let nameEnd = nameStart + 1;
    while (nameEnd < html.length) {
      const charCode = html.charCodeAt(nameEnd);
      if (charCode === equals || endsName(charCode)) break;
      nameEnd += 1;
    }
    let at = this.#skipSpace(nameEnd);
    if (at === html.length) return -1;
    if (html.charCodeAt(at) !== equals) {
      this.#note(nameStart, nameEnd, at, at);
      return at;
    }
    at = this.#skipSpace(at + 1);
    if (at === html.length) return -1;
    const quote = html.charCodeAt(at);
    const isQuoted = quote === doubleQuote || quote === singleQuote;
    const valueStart = isQuoted ? at + 1 : at;
    const valueEnd = isQuoted ? html.indexOf(quote === doubleQuote ? '"' : "'", valueStart) : this.#bareEnd(at);
    if (valueEnd === -1 || valueEnd === html.length) return -1;
    this.#note(nameStart, nameEnd, valueStart, valueEnd);
    return isQuoted ? valueEnd + 1 : valueEnd;
  }

  #skipSpace(from: number): number {
    let at = from;
    while (at < this.#html.length && isSpace(this.#html.charCodeAt(at))) at += 1;
    return at;
  }

  /** Where a value without quotes ends; a `/` is part of it. */
  #bareEnd(from: number): number {
    let at = from;
    for (; at < this.#html.length; at += 1) {
      const charCode = this.#html.charCodeAt(at);
      if (charCode === greater || isSpace(charCode)) break;
    }
    return at;
  }

  #note(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const places = this.#places;
    const at = this.#count;
    places[at] = nameStart;
    places[at + 1] = nameEnd;
    places[at + 2] = valueStart;
    places[at + 3] = valueEnd;
    this.#count = at + perAttribute;
  }
}
