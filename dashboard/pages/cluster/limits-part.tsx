/** How fast each city is asked, how much of today's budget is used, and whether it is paused. */
import type { BudgetReading, CityReading } from '../../cluster-view.ts';
import { actionTexts } from '../../texts/actions.ts';
import type { ActionChoice } from '../actions/action-links.tsx';
import { ActionLinks } from '../actions/action-links.tsx';
import type { CellColumn } from '../table.tsx';
import { CardTable } from '../table.tsx';
import type { ClusterPart } from './part.ts';

export function LimitsPart({ seen, context, texts }: ClusterPart) {
  const { format } = context;
  const perSecond = (intervalMs: number) => (intervalMs === 0 ? texts.unlimited : format.number(1_000 / intervalMs, 2));
  const columns: readonly CellColumn<CityReading>[] = [
    { title: texts.city, cell: (row) => <Name {...{ row, texts }} /> },
    {
      title: texts.rate,
      isNumber: true,
      cell: ({ inForce, configured }) => (
        <Value
          value={perSecond(inForce.requestIntervalMs)}
          configured={texts.configured(perSecond(configured.requestIntervalMs))}
          isSet={inForce.requestIntervalMs !== configured.requestIntervalMs}
        />
      ),
    },
    {
      title: texts.workers,
      isNumber: true,
      cell: ({ inForce, configured }) => (
        <Value
          value={format.number(inForce.maxDetailWorkers)}
          configured={texts.configured(format.number(configured.maxDetailWorkers))}
          isSet={inForce.maxDetailWorkers !== configured.maxDetailWorkers}
        />
      ),
    },
    { title: texts.budget, isNumber: true, cell: ({ budget }) => budgetOf(budget, { context, texts }) },
    {
      title: actionTexts[context.language].actions,
      isUnseen: true,
      cell: (row) => <ActionLinks context={context} about={row.city} choices={choicesOf(row, seen.cluster !== null)} />,
    },
  ];
  return (
    <>
      <h2>{texts.limits}</h2>
      <p>{`${texts.wholePortal}: ${budgetOf(seen.portalBudget, { context, texts })}`}</p>
      <CardTable label={texts.limits} columns={columns} rows={seen.cities} />
    </>
  );
}

function Name({ row, texts }: { readonly row: CityReading } & Pick<ClusterPart, 'texts'>) {
  return (
    <>
      {row.city} {row.isPaused ? <span class="badge warn">{texts.paused}</span> : null}
    </>
  );
}

interface ValueParts {
  readonly value: string;
  readonly configured: string;
  /** An operator has set another one. */
  readonly isSet: boolean;
}

function Value({ value, configured, isSet }: ValueParts) {
  return (
    <>
      {value}
      {isSet ? <span class="warn cause">{configured}</span> : null}
    </>
  );
}

function budgetOf({ used, limit }: BudgetReading, { context, texts }: Pick<ClusterPart, 'context' | 'texts'>): string {
  const { format } = context;
  return `${format.number(used)} / ${limit === null ? texts.unlimited : format.number(limit)}`;
}

/** Without a cluster the actions that need one are left out: the page of the first, "run now", says what to type. */
function choicesOf({ city, isPaused, set }: CityReading, isCluster: boolean): readonly ActionChoice[] {
  const fields = { city };
  if (!isCluster) return [{ kind: 'run', fields }];
  return [
    { kind: 'run', fields },
    { kind: 'set-limits', fields },
    ...(set === null ? [] : [{ kind: 'reset-limits', fields } as const]),
    { kind: isPaused ? 'resume-city' : 'pause-city', fields },
  ];
}
