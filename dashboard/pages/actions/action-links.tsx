/**
 * Links to what an operator may do, for any page to put beside what it is about. A viewer sees none. Each leads to a page that
 * says what it means and asks once more.
 */
import type { RequestContext } from '../../http/request-context.ts';
import type { ActionKind } from '../../operator-actions.ts';
import { actionTexts } from '../../texts/actions.ts';

export interface ActionChoice {
  readonly kind: ActionKind;
  /** Fields of the action, e.g. `{city: 'Helsinki'}`. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A group of links; nothing for a viewer. */
export function ActionLinks({
  context,
  about,
  choices,
}: {
  readonly context: RequestContext;
  /** What they are about, for those who hear only the link: a city, a node. */
  readonly about: string;
  readonly choices: readonly ActionChoice[];
}) {
  if (context.user?.role !== 'operator' || choices.length === 0) return null;
  const { kinds } = actionTexts[context.language];
  return (
    <span class="actions">
      {choices.map(({ kind, fields = {} }) => (
        <a key={kind} class="action" href={hrefOf(kind, fields, context.path)}>
          {kinds[kind].button}
          {about === '' ? null : <span class="unseen">{`: ${about}`}</span>}
        </a>
      ))}
    </span>
  );
}

/** For a city's run that is in quarantine. */
export function QuarantineActions({
  context,
  executionId,
  city,
}: {
  readonly context: RequestContext;
  readonly executionId: string;
  readonly city: string;
}) {
  const fields = { execution: executionId, city };
  const choices: readonly ActionChoice[] = [
    { kind: 'release-quarantine', fields },
    { kind: 'discard-quarantine', fields },
  ];
  return <ActionLinks context={context} about={city} choices={choices} />;
}

/** For a city that is not complete: run it again, or accept that it has lost many listings. */
export function CityActions({
  context,
  city,
  kinds,
}: {
  readonly context: RequestContext;
  readonly city: string;
  readonly kinds: readonly ('run' | 'retry-failed' | 'accept-drop')[];
}) {
  return <ActionLinks context={context} about={city} choices={kinds.map((kind) => ({ kind, fields: { city } }))} />;
}

function hrefOf(kind: ActionKind, fields: Readonly<Record<string, string>>, to: string): string {
  return `/actions/${kind}?${new URLSearchParams({ ...fields, to }).toString()}`;
}
