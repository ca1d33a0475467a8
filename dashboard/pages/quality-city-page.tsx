/** One city's quality: the share of pages with each field over its runs, the length of its list, issues, quarantines. */
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { CoverageSeries, JudgedDay, QualityHistory } from '../../src/storage/quality-history-reader.ts';
import { readQualityHistory } from '../../src/storage/quality-history-reader.ts';
import type { CityQuality } from '../../src/storage/quality-reader.ts';
import { readQuality, readQuarantines } from '../../src/storage/quality-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import { HttpProblem } from '../http/problem.ts';
import { readQuery, shortText } from '../http/query.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { QualityTexts } from '../texts/quality.ts';
import { qualityTexts } from '../texts/quality.ts';
import { sendPage } from './layout.tsx';
import { Quarantines } from './quarantine-table.tsx';
import { Sparkline } from './sparkline.tsx';
import { DataTable } from './table.tsx';
import { cityPath } from './today-parts.tsx';
import type { KnownVerdict } from './verdict.tsx';
import { Verdict } from './verdict.tsx';

const path = z.object({ city: shortText });
/** Runs in a chart. */
const shownRuns = 60;

export function sendCityQuality({ series, scraper }: Pick<Dashboard, 'series' | 'scraper'>): RequestHandler {
  return async (request, response) => {
    const context = requestContextOf(response);
    const texts = qualityTexts[context.language];
    const asked = readQuery(path, request.params);
    await series.read(async (database, edition) => {
      const { cities } = await readQuality(database, asked.city, scraper.quality);
      const [quality] = cities;
      if (quality === undefined) throw new HttpProblem(404, `expected a city of the series, got ${asked.city}`);
      const { city } = quality;
      const history = await readQualityHistory(database, { city, count: shownRuns });
      const quarantines = (await readQuarantines(database)).filter((each) => each.city === city).toReversed();
      const shared = { texts, context, city };
      sendPage(response, {
        ...{ title: texts.ofCity(city), edition, styles: ['quality.css', 'operate.css'] },
        children: (
          <>
            <Scores quality={quality} {...shared} />
            <h2 id="quarantines">{texts.quarantines}</h2>
            <Quarantines rows={quarantines} {...shared} />
            <Coverage quality={quality} history={history} {...shared} />
            <Flags quality={quality} {...shared} />
            <Runs runs={history.runs} {...shared} />
          </>
        ),
      });
    });
  };
}

interface Shared {
  readonly city: string;
  readonly texts: QualityTexts;
  readonly context: RequestContext;
}

function Scores({ quality: { scores, run }, texts, context: { format } }: Shared & { quality: CityQuality }) {
  return (
    <dl class="facts">
      <dt>{texts.listings}</dt>
      <dd>{format.number(scores.listings)}</dd>
      <dt>{texts.mean}</dt>
      <dd>{format.number(scores.mean, 3)}</dd>
      <dt>{texts.low}</dt>
      <dd>{format.number(scores.low)}</dd>
      <dt>{texts.lowest}</dt>
      <dd>{format.number(scores.lowest, 2)}</dd>
      <dt>{texts.drift}</dt>
      <dd lang={run?.drift == null ? undefined : 'en'}>{run?.drift ?? texts.notCompared}</dd>
    </dl>
  );
}

interface CoverageProps extends Shared {
  readonly quality: CityQuality;
  readonly history: QualityHistory;
}

function Coverage({ quality, history, texts, context }: CoverageProps) {
  const { format } = context;
  const usual = new Map(
    (quality.run?.coverage ?? []).map(({ dealType, field, usualShare }) => [`${dealType} ${field}`, usualShare]),
  );
  const usualOf = ({ dealType, field }: CoverageSeries) => usual.get(`${dealType} ${field}`) ?? null;
  const fallOf = (series: CoverageSeries) => (usualOf(series) ?? lastOf(series)) - lastOf(series);
  const held = new Set(history.runs.filter(({ isQuarantined }) => isQuarantined).map(({ executionId }) => executionId));
  // A field that no page ever had says nothing.
  const shown = history.coverage.filter(({ points }) => points.some(({ share }) => share > 0));
  const sorted = shown.toSorted((one, other) => fallOf(other) - fallOf(one) || one.field.localeCompare(other.field));
  return (
    <>
      <h2>{texts.coverage}</h2>
      {sorted.length === 0 ? (
        <p>{texts.noCoverage}</p>
      ) : (
        <>
          <p class="soft">{texts.coverageHint(format.number(history.runs.length))}</p>
          <ul class="multiples">
            {sorted.map((series) => (
              <Multiple
                {...{ series, usual: usualOf(series), held, texts, context }}
                key={`${series.dealType} ${series.field}`}
              />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface MultipleProps extends Omit<Shared, 'city'> {
  readonly series: CoverageSeries;
  readonly usual: number | null;
  /** Runs in quarantine. */
  readonly held: ReadonlySet<string>;
}

/** A fall of this much of the pages is marked. */
const markedFall = 0.2;

function Multiple({ series, usual, held, texts, context: { format } }: MultipleProps) {
  const shares = series.points.map(({ share }) => share);
  const now = lastOf(series);
  const marked = new Set(series.points.flatMap(({ executionId }, index) => (held.has(executionId) ? [index] : [])));
  const hasFallen = usual !== null && usual - now > markedFall;
  const range = texts.range(
    format.percent(Math.min(...shares)),
    format.percent(Math.max(...shares)),
    format.number(shares.length),
  );
  return (
    <li class={hasFallen ? 'fallen' : undefined}>
      <strong>{series.field}</strong> <span class="soft">{texts[series.dealType]}</span>
      <Sparkline shares={shares} marked={marked} />
      <span class={hasFallen ? 'bad' : ''}>
        {usual === null ? texts.nowOnly(format.percent(now)) : texts.nowOf(format.percent(now), format.percent(usual))}
      </span>
      <span class="soft cause">{range}</span>
    </li>
  );
}

function lastOf({ points }: CoverageSeries): number {
  return points.at(-1)?.share ?? 0;
}

function Flags({ quality: { flags }, texts, context: { format } }: Shared & { quality: CityQuality }) {
  return (
    <>
      <h2 id="flags">{texts.flags}</h2>
      {flags.length === 0 ? (
        <p>{texts.noFlags}</p>
      ) : (
        <DataTable
          labelledBy="flags"
          columns={[{ title: texts.flag }, { title: texts.field }, { title: texts.listings, isNumber: true }]}
          rows={flags.map(({ code, field, listings }) => [code, field ?? '', format.number(listings)])}
        />
      )}
    </>
  );
}

function Runs({ runs, city, texts, context }: Shared & { runs: readonly JudgedDay[] }) {
  const { format, language } = context;
  const most = Math.max(1, ...runs.map(({ discovered }) => discovered));
  const held = new Set(runs.flatMap(({ isQuarantined }, index) => (isQuarantined ? [index] : [])));
  const columns = [{ title: texts.day }, { title: texts.verdict }, { title: texts.discovered, isNumber: true }];
  return (
    <>
      <h2 id="volume">{texts.volume}</h2>
      <Sparkline shares={runs.map(({ discovered }) => discovered / most)} marked={held} />
      <DataTable
        labelledBy="volume"
        columns={[...columns, { title: texts.drift }]}
        rows={runs.toReversed().map(({ executionId, day, verdict, isQuarantined, discovered, drift }) => [
          <a href={cityPath(executionId, city)} key="run">
            {format.day(day)}
          </a>,
          <span key="verdict">
            <Verdict verdict={verdict as KnownVerdict} language={language} />
            {isQuarantined ? <span class="warn cause">{texts.inQuarantine}</span> : null}
          </span>,
          format.number(discovered),
          <span class="cause" lang="en" key="drift">
            {drift ?? ''}
          </span>,
        ])}
      />
    </>
  );
}
