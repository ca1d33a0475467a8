/** When runs start by themselves, and what became of the last days. */
import type { DayRecord } from '../../../queues/schedule-book.ts';
import type { ScheduleState } from '../../../queues/schedule-state.ts';
import { ActionLinks } from '../actions/action-links.tsx';
import type { CellColumn } from '../table.tsx';
import { CardTable } from '../table.tsx';
import type { ClusterPart } from './part.ts';

export function SchedulePart({ context, texts, schedule }: ClusterPart & { readonly schedule: ScheduleState }) {
  const { format } = context;
  const { paused, nextUtc, days } = schedule;
  const columns: readonly CellColumn<DayRecord>[] = [
    { title: texts.day, cell: ({ day }) => format.day(day) },
    { title: texts.outcome, cell: ({ outcome }) => texts.outcomes[outcome] },
    { title: texts.noted, cell: ({ atUtc }) => format.instant(atUtc) },
    { title: texts.run, cell: ({ executionId }) => executionId ?? '–' },
  ];
  return (
    <>
      <h2>{texts.schedule}</h2>
      {paused === null ? (
        <p>{nextUtc === null ? texts.noNextRun : texts.nextRun(format.instant(nextUtc))}</p>
      ) : (
        <p class="warn">{texts.pausedSince(format.instant(paused.atUtc), paused.by)}</p>
      )}
      {hindrancesOf(schedule, texts).map((sentence) => (
        <p class="warn" key={sentence}>
          {sentence}
        </p>
      ))}
      <p>
        <span class="soft">{texts.pattern(schedule.pattern, schedule.timezone)}</span>{' '}
        <ActionLinks
          context={context}
          about=""
          choices={[{ kind: paused === null ? 'pause-schedule' : 'resume-schedule' }]}
        />
      </p>
      {schedule.schedulers.length === 0 ? null : <p class="soft">{texts.schedulers(schedule.schedulers.join(', '))}</p>}
      {days.length === 0 ? null : <CardTable label={texts.schedule} columns={columns} rows={days.toReversed()} />}
    </>
  );
}

/** Why nothing would start, though it is not paused. */
function hindrancesOf(schedule: ScheduleState, texts: ClusterPart['texts']): readonly string[] {
  if (!schedule.isEnabled) return [texts.switchedOff];
  return [
    ...(schedule.isSetUp ? [] : [texts.notSetUp]),
    ...(schedule.schedulers.length === 0 ? [texts.noScheduler] : []),
  ];
}
