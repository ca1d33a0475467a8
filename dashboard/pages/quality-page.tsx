/** How good the series is: cities with their scores and drift, and every quarantine. */
import { Router } from 'express';
import type { CityQuality } from '../../src/storage/quality-reader.ts';
import { readQuality, readQuarantines } from '../../src/storage/quality-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { QualityTexts } from '../texts/quality.ts';
import { qualityTexts } from '../texts/quality.ts';
import { sendPage } from './layout.tsx';
import { sendCityQuality } from './quality-city-page.tsx';
import { Quarantines, RunLink } from './quarantine-table.tsx';
import { DataTable } from './table.tsx';
import type { KnownVerdict } from './verdict.tsx';
import { Verdict } from './verdict.tsx';

export function qualityRoutes(dashboard: Dashboard): Router {
  const { series, scraper } = dashboard;
  const router = Router();
  router.get('/', async (_request, response) => {
    const context = requestContextOf(response);
    const texts = qualityTexts[context.language];
    await series.read(async (database, edition) => {
      const { cities } = await readQuality(database, null, scraper.quality);
      const quarantines = (await readQuarantines(database)).toReversed();
      sendPage(response, {
        ...{ title: texts.title, edition, styles: ['quality.css', 'operate.css'] },
        children: (
          <>
            <h2 id="quarantines">{texts.quarantines}</h2>
            <Quarantines rows={quarantines} texts={texts} context={context} />
            <h2 id="cities">{texts.cities}</h2>
            <Cities cities={cities} texts={texts} context={context} />
          </>
        ),
      });
    });
  });
  router.get('/:city', sendCityQuality(dashboard));
  return router;
}

interface Shared {
  readonly texts: QualityTexts;
  readonly context: RequestContext;
}

function Cities({ cities, texts, context }: Shared & { cities: readonly CityQuality[] }) {
  const { format, language } = context;
  if (cities.length === 0) return <p>{texts.none}</p>;
  const columns = [
    ...[texts.city, texts.verdict].map((title) => ({ title })),
    ...[texts.listings, texts.mean, texts.low, texts.lowest].map((title) => ({ title, isNumber: true })),
    ...[texts.drift, texts.lastRun].map((title) => ({ title })),
  ];
  return (
    <DataTable
      labelledBy="cities"
      columns={columns}
      rows={cities.map(({ city, run, scores }) => [
        <a href={`/quality/${encodeURIComponent(city)}`} key="city">
          {city}
        </a>,
        <span key="verdict">
          <Verdict verdict={(run?.verdict ?? null) as KnownVerdict | null} language={language} />
          {run?.isQuarantined === true ? <span class="warn cause">{texts.inQuarantine}</span> : null}
        </span>,
        format.number(scores.listings),
        format.number(scores.mean, 3),
        format.number(scores.low),
        format.number(scores.lowest, 2),
        <span class="cause" lang={run?.drift == null ? undefined : 'en'} key="drift">
          {run?.drift ?? texts.notCompared}
        </span>,
        run === null ? '' : <RunLink executionId={run.executionId} city={city} key="run" />,
      ])}
    />
  );
}
