/** A verdict in words and colour; the word alone says it too. */
import type { Language } from '../texts/common.ts';
import { commonTexts } from '../texts/common.ts';

export type KnownVerdict = 'complete' | 'partial' | 'failed' | 'foreign';

const tones = { complete: 'ok', partial: 'warn', failed: 'bad', foreign: 'bad' } as const;

export function Verdict({ verdict, language }: { verdict: KnownVerdict | null; language: Language }) {
  const texts = commonTexts[language];
  const words = { ...texts, failed: texts.failedVerdict };
  if (verdict === null) return <span class="badge soft">{texts.open}</span>;
  return <span class={`badge ${tones[verdict]}`}>{words[verdict]}</span>;
}
