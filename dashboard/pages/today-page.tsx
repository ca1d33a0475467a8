/** The first page: is today's data complete, city by city, and if not, why. */
import { Router } from 'express';
import { nominalDayOf } from '../../src/clock.ts';
import type { CityToday } from '../../src/storage/today-reader.ts';
import { readCitiesToday } from '../../src/storage/today-reader.ts';
import type { Dashboard } from '../dashboard.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { TodayTexts } from '../texts/today.ts';
import { todayTexts } from '../texts/today.ts';
import { sendPage } from './layout.tsx';
import { Verdict } from './verdict.tsx';

export function todayRoutes({ series }: Dashboard): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    const context = requestContextOf(response);
    const texts = todayTexts[context.language];
    await series.read(async (database, edition) => {
      const cities = await readCitiesToday(database);
      sendPage(response, {
        title: texts.title,
        edition,
        children: <Cities cities={cities} texts={texts} context={context} />,
      });
    });
  });
  return router;
}

interface CitiesParts {
  readonly cities: readonly CityToday[];
  readonly texts: TodayTexts;
  readonly context: RequestContext;
}

function Cities({ cities, texts, context }: CitiesParts) {
  const { format, nowMs } = context;
  const today = nominalDayOf(nowMs);
  const missing = cities.filter((city) => !isComplete(city, today));
  const sentence =
    missing.length === 0
      ? texts.allComplete(format.number(cities.length))
      : texts.someMissing(format.number(missing.length), format.number(cities.length));
  const titles = [texts.new, texts.changed, texts.gone, texts.failed, texts.requests];
  return (
    <>
      <p class={`lead ${missing.length === 0 ? 'ok' : 'bad'}`}>{sentence}</p>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.city}</th>
              <th scope="col">{texts.verdict}</th>
              <th scope="col" class="number">
                {texts.captured}
              </th>
              {titles.map((title) => (
                <th scope="col" class="number" key={title}>
                  {title}
                </th>
              ))}
              <th scope="col">{texts.lastComplete}</th>
            </tr>
          </thead>
          <tbody>
            {cities.map((city) => (
              <CityRow city={city} today={today} texts={texts} context={context} key={city.city} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function CityRow({ city, today, texts, context }: Omit<CitiesParts, 'cities'> & { city: CityToday; today: string }) {
  const { format, language } = context;
  const isOld = city.nominalDay !== today;
  return (
    <tr>
      <th scope="row">
        {city.city}
        {city.reason === null ? null : <span class="soft cause">{city.reason}</span>}
        {isOld ? <span class="bad cause">{texts.notToday(format.day(city.nominalDay))}</span> : null}
      </th>
      <td>
        <Verdict verdict={city.verdict} language={language} />
        {city.isQuarantined ? <span class="warn cause">{texts.quarantined}</span> : null}
      </td>
      <td class="number">{`${format.number(city.discovered)} / ${format.number(city.portalTotal)}`}</td>
      {[city.new, city.changed, city.gone, city.failed, city.requests].map((value, index) => (
        <td class="number" key={index}>
          {format.number(value)}
        </td>
      ))}
      <td>{format.day(city.lastCompleteDay)}</td>
    </tr>
  );
}

function isComplete(city: CityToday, today: string): boolean {
  return city.nominalDay === today && city.verdict === 'complete' && !city.isQuarantined;
}
