/** A run beside the last one that closed one of the same cities: verdicts that differ, and numbers with their change. */
import type { AuditReport } from '../../src/lineage/audit-report.ts';
import type { CityReceipt } from '../../src/quality/city-receipt.ts';
import type { ExecutionLine } from '../../src/storage/executions-reader.ts';
import type { RequestContext } from '../http/request-context.ts';
import { commonTexts } from '../texts/common.ts';
import type { ExecutionTexts } from '../texts/executions.ts';
import { DataTable } from './table.tsx';

interface ComparisonProps {
  readonly receipts: readonly CityReceipt[];
  readonly before: { readonly run: ExecutionLine; readonly receipts: readonly CityReceipt[] } | null;
  readonly report: AuditReport;
  readonly texts: ExecutionTexts;
  readonly context: RequestContext;
}

const compared = ['discovered', 'new', 'changed', 'gone', 'failed', 'requests'] as const;

export function Comparison({ receipts, before, report, texts, context }: ComparisonProps) {
  const { format } = context;
  if (before === null) return <p>{texts.noRunBefore}</p>;
  const link = `/executions/${encodeURIComponent(before.run.executionId)}`;
  const [start = '', end = ''] = texts.compared(before.run.executionId).split(before.run.executionId);
  const columns = [texts.city, ...compared.map((name) => texts[name]), texts.duration];
  const rows = receipts.map((receipt) => {
    const other = before.receipts.find(({ city }) => city === receipt.city);
    const cells = compared.map((name) => changeOf(receipt[name], other?.[name] ?? null, context));
    return [
      receipt.city,
      ...cells,
      durationChange(secondsOf(receipt), other === undefined ? null : secondsOf(other), context),
    ];
  });
  const { seconds: wasSeconds } = before.run;
  const secondsBefore = format.duration(wasSeconds === null ? null : wasSeconds * 1_000);
  const seconds = durationChange(report.executionTimeSeconds, before.run.seconds, context);
  return (
    <>
      <p>
        {start}
        <a href={link}>{before.run.executionId}</a>
        {end} {`${texts.duration}: ${seconds} (${texts.before} ${secondsBefore}).`}
      </p>
      <Verdicts receipts={receipts} before={before.receipts} texts={texts} context={context} />
      <DataTable
        labelledBy="comparison"
        columns={columns.map((title, index) => ({ title, isNumber: index > 0 }))}
        rows={rows}
      />
    </>
  );
}

interface VerdictsProps extends Pick<ComparisonProps, 'receipts' | 'texts' | 'context'> {
  readonly before: readonly CityReceipt[];
}

function Verdicts({ receipts, before, texts, context }: VerdictsProps) {
  const common = commonTexts[context.language];
  const words = { complete: common.complete, partial: common.partial, foreign: common.foreign };
  const wordOf = (verdict: CityReceipt['verdict'] | undefined) => {
    if (verdict === undefined) return texts.noVerdict;
    return verdict === 'failed' ? common.failedVerdict : words[verdict];
  };
  const changes = receipts.flatMap(({ city, verdict }) => {
    const was = before.find((each) => each.city === city)?.verdict;
    return was === verdict ? [] : [texts.otherVerdict(city, wordOf(was), wordOf(verdict))];
  });
  if (changes.length === 0) return <p>{texts.sameAsBefore}</p>;
  return (
    <ul>
      {changes.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

/** `120 (+4)` */
function changeOf(now: number, before: number | null, { format }: RequestContext): string {
  if (before === null) return format.number(now);
  return `${format.number(now)} (${signed(now - before, format.number)})`;
}

function durationChange(now: number | null, before: number | null, { format }: RequestContext): string {
  if (now === null) return format.duration(null);
  const inWords = (seconds: number) => format.duration(seconds * 1_000);
  return before === null ? inWords(now) : `${inWords(now)} (${signed(Math.round(now - before), inWords)})`;
}

function signed(difference: number, words: (value: number) => string): string {
  if (difference === 0) return '±0';
  return `${difference > 0 ? '+' : '−'}${words(Math.abs(difference))}`;
}

function secondsOf({ startedAtUtc, finishedAtUtc }: CityReceipt): number {
  return Math.max(0, (Date.parse(finishedAtUtc) - Date.parse(startedAtUtc)) / 1_000);
}
