/** What became of an action: done, not done and why, or failed on the way. */
import type { ActionKind, ActionResult } from '../../operator-actions.ts';
import type { ActionTexts } from '../../texts/action-words.ts';

/** How a try ended: as the action says, or with an error on the way. */
export type Tried = ActionResult | { readonly outcome: 'failed'; readonly message: string };

interface OutcomeParts {
  readonly kind: ActionKind;
  /** The city, breaker or node. */
  readonly about: string;
  readonly tried: Tried;
  readonly to: string;
  readonly texts: ActionTexts;
}

const tones = { done: 'ok', refused: 'warn', failed: 'bad' } as const;

export function ActionOutcome({ kind, about, tried, to, texts }: OutcomeParts) {
  const { outcome } = tried;
  const { done, instead } = texts.kinds[kind];
  const command = tried.outcome === 'refused' && tried.reason === 'needs_cluster' && instead !== null;
  return (
    <>
      <p class={`lead ${tones[outcome]}`} role="status">
        {texts[outcome]}
      </p>
      {tried.outcome === 'done' ? <p>{done(tried.about ?? '')}</p> : null}
      {tried.outcome === 'done' ? tried.warnings.map((warning) => <p key={warning}>{warning}</p>) : null}
      {tried.outcome === 'refused' ? <p>{texts.refusals[tried.reason](tried.about ?? '')}</p> : null}
      {command ? (
        <p>
          {texts.instead} <code>{instead(about)}</code>
        </p>
      ) : null}
      {tried.outcome === 'failed' ? (
        <>
          <p>{tried.message}</p>
          <p>{texts.failedHalfWay}</p>
        </>
      ) : null}
      <p>
        <a href={to}>{texts.back}</a>
      </p>
    </>
  );
}
