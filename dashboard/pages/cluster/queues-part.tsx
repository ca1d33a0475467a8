/** How much is in each queue; each leads to its page on Bull Board. */
import type { QueueReading } from '../../../queues/queue-overview.ts';
import type { CellColumn } from '../table.tsx';
import { CardTable } from '../table.tsx';
import type { ClusterPart } from './part.ts';

export function QueuesPart({ context, texts, queues }: ClusterPart & { readonly queues: readonly QueueReading[] }) {
  const { number } = context.format;
  const columns: readonly CellColumn<QueueReading>[] = [
    {
      title: texts.queue,
      cell: ({ name, isPaused }) => (
        <>
          <a href={`/queues/queue/${encodeURIComponent(name)}`}>{name}</a>{' '}
          {isPaused ? <span class="badge warn">{texts.paused}</span> : null}
        </>
      ),
    },
    { title: texts.waiting, isNumber: true, cell: ({ waiting }) => number(waiting) },
    { title: texts.active, isNumber: true, cell: ({ active }) => number(active) },
    { title: texts.delayed, isNumber: true, cell: ({ delayed }) => number(delayed) },
    { title: texts.waitingForChildren, isNumber: true, cell: ({ waitingForChildren }) => number(waitingForChildren) },
    {
      title: texts.failed,
      isNumber: true,
      cell: ({ failed }) => <span class={failed === 0 ? undefined : 'bad'}>{number(failed)}</span>,
    },
    { title: texts.completed, isNumber: true, cell: ({ completed }) => number(completed) },
  ];
  return (
    <>
      <h2>{texts.queues}</h2>
      <CardTable label={texts.queues} columns={columns} rows={queues} />
    </>
  );
}
