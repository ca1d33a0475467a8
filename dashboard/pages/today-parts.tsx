/**
 * The parts of the first page that are kept right while it is open: each is one element with the name the stream knows
 * it by.
 */
import { toUtcIso } from '../../src/clock.ts';
import type { Edition } from '../../src/storage/published-series.ts';
import type { OpenBreaker } from '../live/live-sources.ts';
import type { HubContext } from '../live/renditions.ts';
import type { CityState, Condition, RunState, TodayState } from '../live/today-state.ts';
import { commonTexts } from '../texts/common.ts';
import type { TodayTexts } from '../texts/today.ts';
import { todayTexts } from '../texts/today.ts';

export interface PartProps {
  readonly context: HubContext;
}

const tones: Readonly<Record<Condition, 'ok' | 'warn' | 'bad' | 'soft'>> = {
  complete: 'ok',
  partial: 'warn',
  quarantined: 'warn',
  stopped: 'warn',
  paused: 'warn',
  failed: 'bad',
  foreign: 'bad',
  missed: 'bad',
  collecting: 'soft',
  waiting: 'soft',
  notStarted: 'soft',
};

/** The answer to the question of the page, in one sentence. */
export function Lead({ today, context }: PartProps & { today: TodayState }) {
  const { language, format } = context;
  const texts = todayTexts[language];
  const total = format.number(today.cities.length);
  const complete = today.cities.filter(({ condition }) => condition === 'complete').length;
  const missing = today.cities.length - complete;
  const isGoingOn = today.runs.some(({ kind }) => kind === 'running' || kind === 'still' || kind === 'ending');
  const [tone, sentence] = ((): readonly [string, string] => {
    if (today.cities.length === 0) return ['soft', texts.noCities];
    if (missing === 0) return ['ok', texts.allComplete(total)];
    if (isGoingOn) return ['', texts.soFar(format.number(complete), total)];
    return ['bad', texts.someMissing(format.number(missing), total)];
  })();
  return (
    <p class={`lead ${tone}`} role="status" data-part="lead">
      {sentence}
    </p>
  );
}

export function Published({ edition, context }: PartProps & { edition: Edition | null }) {
  const { language, format } = context;
  return (
    <p class={`age ${edition === null ? 'bad' : ''}`} data-part="published">
      {edition === null
        ? commonTexts[language].noSnapshot
        : todayTexts[language].published(format.instant(edition.publishedAtMs))}
    </p>
  );
}

/** Cities of the series that nobody collects any more; empty when there are none. */
export function Retired({ today, context }: PartProps & { today: TodayState }) {
  const { language, format } = context;
  const names = today.retired.map(({ city, lastDay }) => `${city} (${format.day(lastDay)})`);
  const text = names.length === 0 ? '' : `${todayTexts[language].retired} ${names.join(', ')}`;
  return (
    <p class="soft" data-part="retired">
      {text}
    </p>
  );
}

/** The runs of the day, what the schedule says, and what stands in the way of all cities. */
export function Runs({ today, context }: PartProps & { today: TodayState }) {
  const texts = todayTexts[context.language];
  const { runs, portalBreaker, unseen } = today;
  return (
    <section aria-labelledby="the-run" data-part="runs">
      <h2 id="the-run">{texts.theRun}</h2>
      {runs.map((run) => (
        <Run run={run} texts={texts} context={context} key={run.executionId} />
      ))}
      {runs.length === 0 ? <p>{texts.noRun}</p> : null}
      <Schedule today={today} texts={texts} context={context} />
      {portalBreaker === null ? null : (
        <p class="bad">
          {texts.portalBreaker} <Breaker breaker={portalBreaker} texts={texts} context={context} />
        </p>
      )}
      {unseen === null ? null : <p class="bad">{texts.unseen(unseen)}</p>}
    </section>
  );
}

type WithTexts = PartProps & { readonly texts: TodayTexts };

function Run({ run, texts, context }: WithTexts & { run: RunState }) {
  const { format } = context;
  const { executionId, kind, startedAtUtc, finishedAtUtc, movedAtMs, missingParts } = run;
  const isOver = startedAtUtc !== null && finishedAtUtc !== null;
  const words = {
    run: executionId,
    since: format.time(startedAtUtc),
    until: format.time(finishedAtUtc),
    took: format.duration(isOver ? Date.parse(finishedAtUtc) - Date.parse(startedAtUtc) : null),
    moved: movedAtMs === null ? '' : format.time(movedAtMs),
    done: format.number(run.closedCities),
    cities: format.number(run.cities),
  };
  // A day without a run has no name to show.
  const shownName = kind === 'missed' || kind === 'paused' ? null : executionId;
  const isBad = kind === 'still' || kind === 'died' || kind === 'failed' || kind === 'missed';
  const [before = '', after = ''] = texts.runSentence[kind](words).split(executionId);
  const hasPage = run.isPublished && kind !== 'missed' && kind !== 'paused';
  return (
    <>
      <p class={isBad ? 'bad' : ''}>
        {before}
        {hasPage ? <a href={`/executions/${encodeURIComponent(executionId)}`}>{executionId}</a> : shownName}
        {after}
      </p>
      {missingParts.length === 0 ? null : (
        <>
          <p class="warn">{texts.without}</p>
          <ul>
            {missingParts.map(({ part, reason, remedy }) => (
              <li key={part} lang="en">{`${part}: ${reason}; ${remedy}`}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Schedule({ today, texts, context }: WithTexts & { today: TodayState }) {
  const { schedule } = today;
  const { format } = context;
  if (schedule === null) return today.runs.length === 0 ? <p class="soft">{texts.byHand}</p> : null;
  const { isEnabled, pausedSinceUtc, nextMs, hasScheduler } = schedule;
  if (!isEnabled) return <p class="soft">{texts.scheduleOff}</p>;
  if (pausedSinceUtc !== null) return <p class="warn">{texts.schedulePaused(format.instant(pausedSinceUtc))}</p>;
  return (
    <>
      {nextMs === null ? null : <p class="soft">{texts.next(format.instant(nextMs))}</p>}
      {hasScheduler ? null : <p class="bad">{texts.noScheduler}</p>}
    </>
  );
}

function Breaker({ breaker, texts, context }: WithTexts & { breaker: OpenBreaker }) {
  const { state, sinceMs, retryAtMs, reason } = breaker;
  const { format } = context;
  return (
    <>
      {texts.breaker(texts.breakerState[state], format.time(sinceMs))}
      {retryAtMs === null ? '' : ` ${texts.breakerRetry(format.time(retryAtMs))}`}
      {reason === null ? '' : <span lang="en">{` ${reason}.`}</span>}
    </>
  );
}

/** One city: a row on a wide screen, a card on a phone. */
export function CityRow({ city, context }: PartProps & { city: CityState }) {
  const { language, format } = context;
  const texts = todayTexts[language];
  const { condition, executionId, durationMs, etaMs } = city;
  const runPath = executionId === null ? null : cityPath(executionId, city.city);
  const counts = { new: city.new, changed: city.changed, gone: city.gone };
  return (
    <tr data-part={`city:${city.city}`}>
      <th scope="row" class="city-name">
        {runPath === null ? city.city : <a href={runPath}>{city.city}</a>}
        <Causes city={city} texts={texts} context={context} />
      </th>
      <td data-label={texts.verdict}>
        <span class={`badge ${tones[condition]}`}>{texts.condition[condition]}</span>
      </td>
      <td class={numberClass(city.captured ?? city.portalTotal)} data-label={texts.captured}>
        {`${format.number(city.captured)} / ${format.number(city.portalTotal)}`}
        <Progress city={city} texts={texts} />
      </td>
      {(['new', 'changed', 'gone'] as const).map((name) => (
        <td class={numberClass(counts[name])} data-label={texts[name]} key={name}>
          {format.number(counts[name])}
        </td>
      ))}
      <td class={`${numberClass(city.failed)} ${(city.failed ?? 0) > 0 ? 'bad' : ''}`} data-label={texts.failed}>
        <Failed city={city} path={runPath} context={context} texts={texts} />
      </td>
      <td class={numberClass(city.requests)} data-label={texts.requests}>
        {format.number(city.requests)}
      </td>
      <td class={numberClass(city.rate)} data-label={texts.rate}>
        {rateOf(city, texts, context)}
      </td>
      <td class={numberClass(etaMs ?? durationMs)} data-label={texts.time}>
        {etaMs === null ? format.duration(durationMs) : texts.eta(format.time(toUtcIso(etaMs)))}
      </td>
      <td data-label={texts.lastComplete}>
        {city.lastCompleteDay === null ? texts.never : format.day(city.lastCompleteDay)}
      </td>
    </tr>
  );
}

/** A card leaves out what is not known. */
function numberClass(value: number | null): string {
  return value === null ? 'number empty' : 'number';
}

function Causes({ city, texts, context }: WithTexts & { city: CityState }) {
  const { reason, breaker, lastDay, condition, lastCompleteDay } = city;
  const { format } = context;
  const isRunToday = condition !== 'notStarted' && condition !== 'paused' && condition !== 'missed';
  const isNew = lastDay === null && lastCompleteDay === null;
  return (
    <>
      {reason === null ? null : (
        <span class="soft cause" lang="en">
          {reason}
        </span>
      )}
      {breaker === null ? null : (
        <span class="bad cause">
          <Breaker breaker={breaker} texts={texts} context={context} />
        </span>
      )}
      {condition === 'stopped' ? <span class="warn cause">{texts.stopped}</span> : null}
      {isRunToday ? null : (
        <span class="bad cause">
          {isNew ? texts.neverRun : lastDay === null ? null : texts.notToday(format.day(lastDay))}
        </span>
      )}
    </>
  );
}

function Progress({ city, texts }: { city: CityState; texts: TodayTexts }) {
  const { progress } = city;
  if (progress === null || progress.total === null) return null;
  return <progress value={progress.settled} max={Math.max(1, progress.total)} aria-label={texts.progress(city.city)} />;
}

function Failed({ city, path, context, texts }: WithTexts & { city: CityState; path: string | null }) {
  const count = context.format.number(city.failed);
  if (path === null || city.failed === null || city.failed === 0) return <>{count}</>;
  return (
    <a href={`${path}#failed`} aria-label={texts.whatFailed(count, city.city)}>
      {count}
    </a>
  );
}

function rateOf({ rate, allowedRate }: CityState, texts: TodayTexts, { format }: HubContext): string {
  if (rate === null && allowedRate === null) return format.number(null);
  const isFree = allowedRate === null || !Number.isFinite(allowedRate);
  return `${format.number(rate, 2)} / ${isFree ? texts.noLimit : format.number(allowedRate, 2)}`;
}

export function cityPath(executionId: string, city: string): string {
  return `/executions/${encodeURIComponent(executionId)}/cities/${encodeURIComponent(city)}`;
}
