/**
 * What the scanner of pages has to know of each kind of element: which have no content, which end another that is still
 * open, which hold text only, and which lead into drawings and formulas or out of them. The rules are the ones of the HTML
 * standard as far as htmlparser2 keeps them, because pages were read with it before (tests compare the two).
 */

/** `html`: ordinary elements. In the others a `/` ends an element and no element holds text only. */
export type MarkupContext = 'html' | 'svg' | 'math';

export interface Tag {
  /** In lower case. */
  readonly name: string;
  /** It has no content and no end tag. */
  readonly isVoid: boolean;
  /** Names of elements that end where this one begins, while they are the innermost. */
  readonly endsOpen: ReadonlySet<string> | null;
  /** No tag is looked for in it: `text` up to its own end tag, `rest` up to the end of the page. */
  readonly raw: 'text' | 'rest' | null;
  /** The context of its content; null when it is the one around it. */
  readonly context: MarkupContext | null;
}

const headings = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];
const formParts = ['input', 'option', 'optgroup', 'select', 'button', 'datalist', 'textarea'];
const paragraphEnders = [
  ...['p', 'address', 'article', 'aside', 'blockquote', 'details', 'div', 'dl', 'fieldset', 'figcaption', 'figure'],
  ...['footer', 'form', 'header', 'hr', 'main', 'nav', 'ol', 'pre', 'section', 'table', 'ul'],
];
/** Elements that begin -> the innermost ones that end there. */
const ends: readonly (readonly [beginning: readonly string[], ending: readonly string[]])[] = [
  [paragraphEnders, ['p']],
  [headings, [...headings, 'p']],
  [
    ['dd', 'dt'],
    ['dd', 'dt'],
  ],
  [
    ['rt', 'rp'],
    ['rt', 'rp'],
  ],
  [['li'], ['li']],
  [['a'], ['a']],
  [['tr'], ['tr', 'th', 'td']],
  [['th'], ['th']],
  [['td'], ['thead', 'th', 'td']],
  [
    ['tbody', 'tfoot'],
    ['thead', 'tbody'],
  ],
  [['select', 'input', 'output', 'button', 'datalist', 'textarea'], formParts],
  [['option'], ['option']],
  [['optgroup'], ['optgroup', 'option']],
  [['body'], ['head', 'link', 'script']],
];
const voids = [
  ...['area', 'base', 'basefont', 'br', 'col', 'command', 'embed', 'frame', 'hr', 'img', 'input', 'isindex'],
  ...['keygen', 'link', 'meta', 'param', 'source', 'track', 'wbr'],
];
const textOnly = ['script', 'style', 'title', 'textarea', 'iframe', 'noembed', 'noframes', 'xmp'];
/** Elements whose content is HTML again, in a drawing or a formula. */
const returnToHtml = ['mi', 'mo', 'mn', 'ms', 'mtext', 'annotation-xml', 'desc', 'title'];
/** Elements nothing is to be known of, but which are many. */
const plain = [
  ...['html', 'head', 'span', 'b', 'i', 'em', 'strong', 'small', 'img', 'label', 'noscript', 'template', 'path', 'g'],
];

function tagOf(name: string): Tag {
  const ending = ends.find(([beginning]) => beginning.includes(name))?.[1];
  const context = returnToHtml.includes(name) ? 'html' : null;
  return {
    name,
    isVoid: voids.includes(name),
    endsOpen: ending === undefined ? null : new Set(ending),
    raw: name === 'plaintext' ? 'rest' : textOnly.includes(name) ? 'text' : null,
    context: name === 'svg' || name === 'math' ? name : context,
  };
}

const knownNames = new Set([
  ...['svg', 'math', 'plaintext', 'image', 'link'],
  ...ends.flatMap(([beginning]) => beginning),
  ...[voids, textOnly, returnToHtml, plain].flat(),
]);
const tagOfName: ReadonlyMap<string, Tag> = new Map([...knownNames].map((name) => [name, tagOf(name)]));

/** Added to by the letters of a name, so that a known name is found without making a text of it. */
export function nameKey(key: number, charCode: number): number {
  return (Math.imul(key, 31) + charCode) | 0;
}

const tagOfKey: ReadonlyMap<number, Tag> = new Map(
  [...tagOfName.values()].map((tag) => [[...tag.name].reduce((key, c) => nameKey(key, c.charCodeAt(0)), 0), tag]),
);

/** `foreignObject` of drawings: HTML again, and only there. */
const foreignObject: Tag = { name: 'foreignobject', isVoid: false, endsOpen: null, raw: null, context: 'html' };

/** The tag whose name stands in the page from `start` to `end`, of which `key` was made, in this context. */
export function tagAt(html: string, start: number, end: number, key: number, context: MarkupContext): Tag {
  const known = tagOfKey.get(key);
  const isKnown = known !== undefined && known.name.length === end - start && html.startsWith(known.name, start);
  const tag = isKnown ? known : tagNamed(html.slice(start, end).toLowerCase());
  if (context === 'svg' && tag.name === 'foreignobject') return foreignObject;
  return context === 'html' && tag.name === 'image' ? tagNamed('img') : tag;
}

function tagNamed(name: string): Tag {
  return tagOfName.get(name) ?? { name, isVoid: false, endsOpen: null, raw: null, context: null };
}
