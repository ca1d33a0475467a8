/**
 * What the first page shows, kept for all who look at it: what is published, read once for each snapshot and day, and
 * what goes on now, looked at anew each time.
 */
import { render } from 'preact-render-to-string';
import { nominalDayOf } from '../../src/clock.ts';
import { messageOf, StorageError } from '../../src/errors.ts';
import type { DayMap, RunOfDay } from '../../src/storage/day-reader.ts';
import { readDayMap, readRunsOfDay } from '../../src/storage/day-reader.ts';
import type { Edition } from '../../src/storage/published-series.ts';
import type { CityToday } from '../../src/storage/today-reader.ts';
import { readCitiesToday } from '../../src/storage/today-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { dayMapParts, mapDays } from '../pages/day-map.tsx';
import { CityRow, Lead, Published, Retired, Runs } from '../pages/today-parts.tsx';
import type { Hub } from './hub.ts';
import { createHub } from './hub.ts';
import type { LiveRun, LiveSchedule, OpenBreaker } from './live-sources.ts';
import type { HubContext, Parts } from './renditions.ts';
import type { TodayState } from './today-state.ts';
import { composeToday } from './today-state.ts';

interface TodayPageState {
  readonly today: TodayState;
  readonly map: DayMap;
  /** Null while nothing is published. */
  readonly edition: Edition | null;
}

interface PublishedDay {
  readonly edition: Edition | null;
  readonly day: string;
  readonly receipts: readonly CityToday[];
  readonly runs: readonly RunOfDay[];
  readonly map: DayMap;
}

interface SeenNow {
  readonly live: readonly LiveRun[] | null;
  readonly breakers: readonly OpenBreaker[];
  readonly schedule: LiveSchedule | null;
  readonly unseen: string | null;
}

const emptyMap: DayMap = { cityDays: [], firstDays: new Map(), daysWithoutRun: new Map() };

type Sources = Pick<Dashboard, 'series' | 'scraper' | 'clock' | 'log' | 'live'>;

export function createTodayHub(sources: Sources): Hub {
  let known: PublishedDay | null = null;
  const look = async (): Promise<TodayPageState> => {
    const { clock, scraper, live: liveSources } = sources;
    // First what goes on: a run that has ended is published before it is no longer there.
    const now = await seeNow(sources);
    const nowMs = clock.now();
    const day = nominalDayOf(nowMs);
    known = await readPublished(sources, day, known);
    const { edition, receipts, runs, map } = known;
    const ended = new Set<string>();
    for (const { executionId, status } of now.live === null ? [] : runs) {
      const isOpen = status === 'running' && now.live?.every((run) => run.executionId !== executionId);
      if (isOpen && (await liveSources.hasEnded(executionId))) ended.add(executionId);
    }
    return { today: composeToday({ ...now, day, nowMs, config: scraper, receipts, runs, ended }), map, edition };
  };
  const renderMap = createMapRenderer();
  return createHub({
    look,
    isBusy: ({ today }) => today.runs.some(({ kind }) => kind === 'running' || kind === 'still' || kind === 'ending'),
    render: (state, context) => renderParts(state, context, renderMap),
    clock: sources.clock,
    log: sources.log,
  });
}

/** What cannot be seen must not hide what is published. */
async function seeNow({ live: sources, log }: Sources): Promise<SeenNow> {
  try {
    const [live, breakers, schedule] = await Promise.all([sources.runs(), sources.breakers(), sources.schedule()]);
    return { live, breakers, schedule, unseen: null };
  } catch (error) {
    log.debug({ err: error }, 'what goes on cannot be seen');
    return { live: null, breakers: [], schedule: null, unseen: messageOf(error) };
  }
}

async function readPublished(
  { series }: Pick<Sources, 'series'>,
  day: string,
  known: PublishedDay | null,
): Promise<PublishedDay> {
  const found = await series.edition();
  if (found === null) return { edition: null, day, receipts: [], runs: [], map: emptyMap };
  if (known?.edition?.version === found.version && known.day === day) return known;
  try {
    return await series.read(async (database, edition) => ({
      edition,
      day,
      receipts: await readCitiesToday(database),
      runs: await readRunsOfDay(database, day),
      map: await readDayMap(database, { lastDay: day, days: mapDays }),
    }));
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== 'SNAPSHOT_MISSING') throw error;
    return { edition: null, day, receipts: [], runs: [], map: emptyMap };
  }
}

/** Every part of the page by its name. */
function renderParts({ today, map, edition }: TodayPageState, context: HubContext, mapOf: MapRenderer): Parts {
  const rows = today.cities.map((city) => [`city:${city.city}`, render(<CityRow city={city} context={context} />)]);
  return {
    lead: render(<Lead today={today} context={context} />),
    published: render(<Published edition={edition} context={context} />),
    runs: render(<Runs today={today} context={context} />),
    ...Object.fromEntries(rows),
    retired: render(<Retired today={today} context={context} />),
    ...mapOf(map, today, context),
  };
}

type MapRenderer = (map: DayMap, today: TodayState, context: HubContext) => Parts;

/** The map is large and changes seldom: it is rendered again only when what it shows is another. */
function createMapRenderer(): MapRenderer {
  const rendered = new Map<string, { readonly map: DayMap; readonly key: string; readonly parts: Parts }>();
  return (map, today, context) => {
    const known = rendered.get(context.language);
    const key = JSON.stringify([today.day, today.cities.map(({ city, condition }) => [city, condition])]);
    if (known !== undefined && known.map === map && known.key === key) return known.parts;
    const nodes = Object.entries(dayMapParts({ map, today, context }));
    const parts = Object.fromEntries(nodes.map(([name, node]) => [name, render(node)]));
    rendered.set(context.language, { map, key, parts });
    return parts;
  };
}
