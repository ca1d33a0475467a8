/** The first page: is today's data complete, city by city, and if not, why. */
import { Router } from 'express';
import { userOf } from '../auth/session.ts';
import type { Dashboard } from '../dashboard.ts';
import type { RequestContext } from '../http/request-context.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { Hub } from '../live/hub.ts';
import type { TodayPageState } from '../live/today-hub.tsx';
import type { TodayTexts } from '../texts/today.ts';
import { todayTexts } from '../texts/today.ts';
import { DayMapSection } from './day-map.tsx';
import { sendPage } from './layout.tsx';
import { CityRow, Lead, Published, Runs } from './today-parts.tsx';

export function todayRoutes({ users, clock }: Pick<Dashboard, 'users' | 'clock'>, hub: Hub<TodayPageState>): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    const context = requestContextOf(response);
    const texts = todayTexts[context.language];
    const state = await hub.state();
    sendPage(response, {
      title: texts.title,
      scripts: ['live.js'],
      styles: ['today.css'],
      children: <Today state={state} texts={texts} context={context} />,
    });
  });
  router.get('/live/today', (request, response) => {
    const { language } = requestContextOf(response);
    hub.attach(response, { language, mayStay: () => userOf(request, users, clock.now()) !== null });
  });
  return router;
}

interface TodayProps {
  readonly state: TodayPageState;
  readonly texts: TodayTexts;
  readonly context: RequestContext;
}

function Today({ state, texts, context }: TodayProps) {
  const { today, map, edition } = state;
  const retired = today.retired.map(({ city, lastDay }) => `${city} (${context.format.day(lastDay)})`);
  const stream = { 'data-live': '/live/today', 'data-live_text': texts.live, 'data-lost_text': texts.lost };
  return (
    <>
      <Lead today={today} context={context} />
      <p class="age live" role="status" {...stream} data-time={context.format.time(context.nowMs)} />
      <Published edition={edition} context={context} />
      <Runs today={today} context={context} />
      <h2 id="cities">{texts.cities}</h2>
      <Cities state={state} texts={texts} context={context} />
      {retired.length === 0 ? null : <p class="soft">{`${texts.retired} ${retired.join(', ')}`}</p>}
      <DayMapSection map={map} today={today} context={context} />
    </>
  );
}

function Cities({ state, texts, context }: TodayProps) {
  const numbers = [
    ...[texts.captured, texts.new, texts.changed, texts.gone, texts.failed, texts.requests],
    ...[texts.rate, texts.time],
  ];
  return (
    <table class="cities" aria-labelledby="cities">
      <thead>
        <tr>
          <th scope="col">{texts.city}</th>
          <th scope="col">{texts.verdict}</th>
          {numbers.map((title) => (
            <th scope="col" class="number" key={title}>
              {title}
            </th>
          ))}
          <th scope="col">{texts.lastComplete}</th>
        </tr>
      </thead>
      <tbody>
        {state.today.cities.map((city) => (
          <CityRow city={city} context={context} key={city.city} />
        ))}
      </tbody>
    </table>
  );
}
