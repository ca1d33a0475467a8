/**
 * The map of the last days: what each city was on each of them, as marks that can be read without colour and that lead to
 * the run. A table like any other to whoever cannot see it.
 */
import type { VNode } from 'preact';
import { toUtcIso } from '../../src/clock.ts';
import type { DayMap } from '../../src/storage/day-reader.ts';
import type { HubContext } from '../live/renditions.ts';
import type { TodayState } from '../live/today-state.ts';
import type { DayCell, TodayTexts } from '../texts/today.ts';
import { todayTexts } from '../texts/today.ts';
import { Rendered } from './rendered.tsx';
import { cityPath } from './today-parts.tsx';

export const mapDays = 60;
const dayMs = 86_400_000;
/** A narrow screen shows fewer days: the columns older than these many have a class of their own. */
const shownNarrow = 10;
const shownMiddle = 30;

interface Mark {
  readonly sign: string;
  readonly tone: 'ok' | 'warn' | 'bad' | 'soft';
}

const marks: Readonly<Record<DayCell, Mark>> = {
  complete: { sign: '✓', tone: 'ok' },
  partial: { sign: '!', tone: 'warn' },
  quarantined: { sign: '?', tone: 'warn' },
  open: { sign: '…', tone: 'warn' },
  paused: { sign: '=', tone: 'warn' },
  failed: { sign: '×', tone: 'bad' },
  foreign: { sign: '≠', tone: 'bad' },
  missed: { sign: '–', tone: 'bad' },
  gap: { sign: '∅', tone: 'bad' },
  before: { sign: '', tone: 'soft' },
};

const shownMarks = [
  'complete',
  'partial',
  'quarantined',
  'open',
  'paused',
  'failed',
  'foreign',
  'missed',
  'gap',
] as const;

interface Cell {
  readonly kind: DayCell;
  readonly executionId: string | null;
}

export interface DayMapProps {
  readonly map: DayMap;
  readonly today: TodayState;
  readonly context: HubContext;
}

/** The parts of the map that change, by their names: its days, and a row for each city. */
export function dayMapParts({ map, today, context }: DayMapProps): Readonly<Record<string, VNode>> {
  const days = lastDays(today.day);
  const names = new Set([...today.cities.map(({ city }) => city), ...map.cityDays.map(({ city }) => city)]);
  const cities = [...names].sort((one, other) => one.localeCompare(other, 'fi'));
  const cellOf = createCells(map, today);
  const rows = cities.map((city) => {
    const row = (
      <tr data-part={`days:${city}`}>
        <th scope="row">{city}</th>
        {days.map((day, index) => (
          <DayMark cell={cellOf(city, day)} city={city} day={day} index={index} context={context} key={day} />
        ))}
      </tr>
    );
    return [`days:${city}`, row] as const;
  });
  return { days: <Days days={days} context={context} />, ...Object.fromEntries(rows) };
}

function Days({ days, context }: { readonly days: readonly string[]; readonly context: HubContext }) {
  const { language, format } = context;
  return (
    <tr data-part="days">
      <th scope="col">{todayTexts[language].city}</th>
      {days.map((day, index) => (
        <th scope="col" class={ageClass(index)} key={day}>
          <span aria-hidden="true">{Number(day.slice(8))}</span>
          <span class="unseen">{format.day(day)}</span>
        </th>
      ))}
    </tr>
  );
}

interface DayMapSectionProps {
  readonly texts: TodayTexts;
  /** The rendered parts. */
  readonly days: string;
  readonly rows: string;
}

export function DayMapSection({ texts, days, rows }: DayMapSectionProps) {
  return (
    <section aria-labelledby="day-map">
      <h2 id="day-map">{texts.mapTitle}</h2>
      <p class="soft">{texts.mapHint}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="wide" tabIndex={0} aria-labelledby="day-map">
        <table class="days">
          <thead>
            <Rendered html={days} />
          </thead>
          <tbody>
            <Rendered html={rows} />
          </tbody>
        </table>
      </section>
      <ul class="key" aria-label={texts.mapKey}>
        {shownMarks.map((kind) => (
          <li key={kind}>
            <span class={`mark ${marks[kind].tone}`} aria-hidden="true">
              {marks[kind].sign}
            </span>{' '}
            {texts.cell[kind]}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface DayMarkProps {
  readonly cell: Cell;
  readonly city: string;
  readonly day: string;
  readonly index: number;
  readonly context: HubContext;
}

function DayMark({ cell, city, day, index, context }: DayMarkProps) {
  if (cell.kind === 'before') return <td class={ageClass(index)} />;
  const { sign, tone } = marks[cell.kind];
  const word = todayTexts[context.language].cell[cell.kind];
  const content = (
    <>
      <span aria-hidden="true">{sign}</span>
      <span class="unseen">{word}</span>
    </>
  );
  const title = `${city} ${context.format.day(day)}: ${word}`;
  return (
    <td class={ageClass(index)}>
      {cell.executionId === null ? (
        <span class={`mark ${tone}`} title={title}>
          {content}
        </span>
      ) : (
        <a class={`mark ${tone}`} title={title} href={cityPath(cell.executionId, city)}>
          {content}
        </a>
      )}
    </td>
  );
}

function createCells({ cityDays, firstDays, daysWithoutRun }: DayMap, today: TodayState) {
  const known = new Map(cityDays.map((each) => [`${each.city} ${each.day}`, each]));
  return (city: string, day: string): Cell => {
    const found = known.get(`${city} ${day}`);
    const now = day === today.day ? today.cities.find((each) => each.city === city) : undefined;
    if (now?.condition === 'collecting') return { kind: 'open', executionId: now.executionId };
    if (found !== undefined) return { kind: found.verdict, executionId: found.executionId };
    const first = firstDays.get(city);
    if (first === undefined || day < first) return { kind: 'before', executionId: null };
    const without = daysWithoutRun.get(day);
    if (without !== undefined) return { kind: without, executionId: null };
    // The day is not over: its run may still come.
    return { kind: day === today.day ? 'before' : 'gap', executionId: null };
  };
}

/** Oldest first. */
function lastDays(lastDay: string): readonly string[] {
  const lastMs = Date.parse(`${lastDay}T12:00:00Z`);
  return Array.from({ length: mapDays }, (_, index) => toUtcIso(lastMs - (mapDays - 1 - index) * dayMs).slice(0, 10));
}

function ageClass(index: number): string | undefined {
  const age = mapDays - 1 - index;
  if (age < shownNarrow) return undefined;
  return age < shownMiddle ? 'older' : 'oldest';
}
