/**
 * What a page without content says about itself: blocked, failed, or its listing removed or sold. It looks at visible
 * text and titles only: a script, a template or a hidden element never makes a page blocked, failed or removed.
 * Slower than the listing reader (it looks at every text), so it is asked only about pages that hold no listing.
 */
import { Parser } from 'htmlparser2';
import { hidesItsContent, isHidden } from './hidden-elements.ts';

export interface PageState {
  /** The words or the script that show a block page; null when there are none. */
  readonly blockEvidence: string | null;
  /** The sentence of a failed search or page; null when there is none. */
  readonly errorMessage: string | null;
  readonly removal: { readonly reason: 'removed' | 'sold'; readonly evidence: string } | null;
}

interface Block {
  readonly depth: number;
  text: string;
}

const longestStateSentence = 300;
const textBlocks: ReadonlySet<string> = new Set([
  ...[
    'title',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'p',
    'div',
    'span',
    'li',
    'section',
    'strong',
    'b',
    'label',
    'button',
    'td',
  ],
]);
const blockWords =
  /captcha|access denied|access to this page|request (?:was )?blocked|are you (?:a )?(?:robot|human)|verify (?:that )?you are|oletko robotti|en ole robotti|pääsy (?:on )?estetty|unusual traffic|epätavallista liikennettä|automated (?:queries|requests)|checking your browser|attention required/i;
const blockScripts = /captcha|challenge-platform|awswaf|aws-waf|cf-chl|datadome|perimeterx/i;
const errorWords =
  /pahoittelut,.{0,80}virhe|tapahtui virhe|palvelu (?:on )?(?:tilapäisesti )?(?:poissa käytöstä|ei ole käytettävissä)/i;
const removedWords =
  /(?:kohde|ilmoitus|asunto|sivu)\S* (?:on |ei ole enää )(?:poistunut|poistettu|vanhentunut|saatavilla|voimassa)/i;
const soldWords =
  /^(?:(?:kohde|asunto|tämä kohde|tämä asunto) (?:on )?(?:jo )?(?:myyty|vuokrattu)|myyty|vuokrattu)[.!]?$/i;

/** Reads the state of a page that holds no content. Never throws. */
export function readPageState(html: string): PageState {
  const sentences = new Set<string>();
  let scriptEvidence: string | null = null;
  const blocks: Block[] = [];
  let depth = 0;
  let hiddenDepth = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      depth += 1;
      if (hiddenDepth > 0) return;
      const address = `${attributes['src'] ?? ''} ${attributes['action'] ?? ''} ${attributes['id'] ?? ''}`;
      if (blockScripts.test(address)) scriptEvidence ??= address.trim();
      if (hidesItsContent(name) || isHidden(attributes)) hiddenDepth = depth;
      else if (textBlocks.has(name)) blocks.push({ depth, text: '' });
    },
    ontext(text) {
      const block = blocks.at(-1);
      if (hiddenDepth > 0 || block === undefined || block.text.length > longestStateSentence) return;
      block.text += text;
    },
    onclosetag() {
      if (hiddenDepth === depth) hiddenDepth = 0;
      const block = blocks.at(-1);
      if (block !== undefined && block.depth === depth) {
        blocks.pop();
        const sentence = block.text.replace(/\s+/g, ' ').trim();
        if (sentence !== '' && sentence.length <= longestStateSentence) sentences.add(sentence);
        const parent = blocks.at(-1);
        if (parent !== undefined && parent.text.length <= longestStateSentence) parent.text += block.text;
      }
      depth -= 1;
    },
  });
  parser.end(html);
  return stateOf([...sentences], scriptEvidence);
}

function stateOf(sentences: readonly string[], scriptEvidence: string | null): PageState {
  const find = (words: RegExp) => sentences.find((sentence) => words.test(sentence)) ?? null;
  const removed = find(removedWords);
  const sold = find(soldWords);
  return {
    blockEvidence: find(blockWords) ?? scriptEvidence,
    errorMessage: find(errorWords),
    removal: removalOf(removed, sold),
  };
}

function removalOf(removed: string | null, sold: string | null): PageState['removal'] {
  if (sold !== null) return { reason: 'sold', evidence: sold };
  return removed === null ? null : { reason: 'removed', evidence: removed };
}
