/** The receipts of the cities of a run with their sum, and whether the sums add up. */
import type { CityReceipt } from '../../src/quality/city-receipt.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { DataTable } from './table.tsx';
import { cityPath } from './today-parts.tsx';
import { Verdict } from './verdict.tsx';

interface ReceiptTableProps {
  readonly executionId: string;
  readonly receipts: readonly CityReceipt[];
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

/** What a discovered listing may have become; together they are `discovered`. */
const outcomes = ['new', 'changed', 'unchanged', 'removed', 'failed', 'skipped', 'pending'] as const;
type Counted = 'portalTotalEnd' | 'discovered' | (typeof outcomes)[number] | 'gone' | 'requests';
const shown: readonly Counted[] = ['portalTotalEnd', 'discovered', ...outcomes, 'gone', 'requests'];

export function ReceiptTable({ executionId, receipts, texts, context }: ReceiptTableProps) {
  const { format, language } = context;
  const titleOf = (name: Counted) => (name === 'portalTotalEnd' ? texts.portalTotal : texts[name]);
  const columns = [
    ...[{ title: texts.city }, { title: texts.verdict }],
    ...shown.map((name) => ({ title: titleOf(name), isNumber: true })),
  ];
  const sums = shown.map((name) => receipts.reduce((sum, receipt) => sum + (receipt[name] ?? 0), 0));
  const rows = receipts.map((receipt) => [
    <CityName executionId={executionId} receipt={receipt} key="city" />,
    <Verdict verdict={receipt.verdict} language={language} key="verdict" />,
    ...shown.map((name) => format.number(receipt[name])),
  ]);
  return (
    <>
      <DataTable
        labelledBy="receipts"
        columns={columns}
        rows={[...rows, [texts.receiptSum, '', ...sums.map((sum) => format.number(sum))]]}
      />
      <SumSentence receipts={receipts} texts={texts} context={context} />
    </>
  );
}

function CityName({ executionId, receipt }: { executionId: string; receipt: CityReceipt }) {
  const reason = receipt.reason ?? (receipt.isQuarantined ? receipt.drift : null);
  return (
    <>
      <a href={cityPath(executionId, receipt.city)}>{receipt.city}</a>
      {reason === null ? null : (
        <span class="soft cause" lang="en">
          {reason}
        </span>
      )}
    </>
  );
}

/** Whether every listing discovered is accounted for. */
export function SumSentence({ receipts, texts, context }: Omit<ReceiptTableProps, 'executionId'>) {
  const { format } = context;
  const discovered = receipts.reduce((sum, receipt) => sum + receipt.discovered, 0);
  const settled = receipts.reduce((sum, receipt) => sum + outcomes.reduce((own, name) => own + receipt[name], 0), 0);
  if (discovered === settled) return <p class="soft">{texts.sumsUp(format.number(discovered))}</p>;
  return <p class="bad">{texts.sumsDiffer(format.number(discovered), format.number(settled))}</p>;
}
