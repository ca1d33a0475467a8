/** The circuit breakers: state, when they are tried next, what became of them before. */
import { portalBreaker } from '../../../src/resilience/breaker-settings.ts';
import type { BreakerMetrics } from '../../../src/resilience/circuit-breaker.ts';
import { actionTexts } from '../../texts/actions.ts';
import type { ActionChoice } from '../actions/action-links.tsx';
import { ActionLinks } from '../actions/action-links.tsx';
import type { CellColumn } from '../table.tsx';
import { CardTable } from '../table.tsx';
import type { ClusterPart } from './part.ts';

const tones = { CLOSED: 'ok', OPEN: 'bad', HALF_OPEN: 'warn' } as const;
/** Changes shown of each, the newest first. */
const mostChanges = 20;

export function BreakersPart({ seen, context, texts }: ClusterPart) {
  const { format } = context;
  const nameOf = (name: string) => (name === portalBreaker ? texts.portal : name);
  const columns: readonly CellColumn<BreakerMetrics>[] = [
    { title: texts.breaker, cell: ({ name }) => nameOf(name) },
    { title: texts.status, cell: (breaker) => <State {...{ breaker, context, texts }} /> },
    { title: texts.failures, isNumber: true, cell: ({ failures }) => format.number(failures) },
    { title: texts.nextTrial, cell: ({ retryAtMs }) => format.time(retryAtMs) },
    { title: texts.history, cell: (breaker) => <History {...{ breaker, context, texts }} /> },
    {
      title: actionTexts[context.language].actions,
      isUnseen: true,
      cell: (breaker) => <ActionLinks context={context} about={nameOf(breaker.name)} choices={choicesOf(breaker)} />,
    },
  ];
  return (
    <>
      <h2>{texts.breakers}</h2>
      <CardTable label={texts.breakers} columns={columns} rows={seen.breakers} />
    </>
  );
}

type OneBreaker = Pick<ClusterPart, 'context' | 'texts'> & { readonly breaker: BreakerMetrics };

function State({ breaker, context, texts }: OneBreaker) {
  const { status, isForced, isolatedNodes } = breaker;
  return (
    <>
      <span class={`badge ${tones[status]}`}>
        {isForced && status === 'OPEN' ? texts.heldOpen : texts.breakerStatuses[status]}
      </span>
      {isolatedNodes.map(({ nodeId, untilMs }) => (
        <span class="warn cause" key={nodeId}>
          {texts.isolated(nodeId, context.format.time(untilMs))}
        </span>
      ))}
    </>
  );
}

function History({ breaker: { name, history }, context, texts }: OneBreaker) {
  if (history.length === 0) return <span class="soft">–</span>;
  return (
    <details id={`history-${encodeURIComponent(name)}`}>
      <summary>{texts.changeCount(context.format.number(history.length))}</summary>
      <ol class="changes">
        {history
          .slice(-mostChanges)
          .toReversed()
          .map(({ number, atMs, kind, nodeId, reason }) => (
            <li key={number}>
              <strong>{`${context.format.instant(atMs)} ${texts.changes[kind]}`}</strong>
              <span class="soft cause">{`${reason} (${nodeId})`}</span>
            </li>
          ))}
      </ol>
    </details>
  );
}

/** What would change something. */
function choicesOf({ name, status, isForced, failures, isolatedNodes }: BreakerMetrics): readonly ActionChoice[] {
  const fields = { breaker: name };
  const isClosed = status === 'CLOSED';
  return [
    ...(isForced && !isClosed ? [] : [{ kind: 'open-breaker', fields } as const]),
    ...(isClosed ? [] : [{ kind: 'close-breaker', fields } as const]),
    ...(isClosed && failures === 0 && isolatedNodes.length === 0 ? [] : [{ kind: 'reset-breaker', fields } as const]),
  ];
}
