/**
 * Cuts out of a page what says nothing about a listing, before it is tokenised: drawings, styles, menus, the footer, and
 * scripts that are neither linked data nor the page's own data. On a page of the usual size that is half of the bytes.
 * An element without its end tag is left in, so that a cut-off page is still seen as cut off. It decides by ASCII alone,
 * so the page may be given as its undecoded bytes (src/crawl/body.ts).
 */

const silentStart = /<(?:svg|style|noscript|script|nav|footer)(?=[\s>])/;
const endTags: Readonly<Record<string, string>> = {
  '<svg': '</svg>',
  '<style': '</style>',
  '<noscript': '</noscript>',
  '<script': '</script>',
  '<nav': '</nav>',
  '<footer': '</footer>',
};
/** What makes one of them worth reading all the same. */
const tellingContent: Readonly<Record<string, RegExp>> = {
  '<script': /otAsunnot|ld\+json/,
  '<nav': /breadcrumb|<dt[\s>]/,
  '<footer': /listing-|<dt[\s>]/,
};

/** The page without its silent elements; the same text when there are none. */
export function withoutSilentElements(html: string): string {
  let kept = '';
  let from = 0;
  // A search that goes on needs a regex of its own: where it stands is state.
  const starts = new RegExp(silentStart, 'g');
  for (let match = starts.exec(html); match !== null; match = starts.exec(html)) {
    const endTag = endTags[match[0]] ?? '';
    const end = html.indexOf(endTag, match.index);
    if (end === -1) break;
    const after = end + endTag.length;
    starts.lastIndex = after;
    if (tellingContent[match[0]]?.test(html.slice(match.index, after))) continue;
    kept += html.slice(from, match.index);
    from = after;
  }
  return kept + html.slice(from);
}
