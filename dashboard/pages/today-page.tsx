/** The first page: is today's data complete, city by city, and if not, why. */
import { Router } from 'express';
import { z } from 'zod';
import { userOf } from '../auth/session.ts';
import type { Dashboard } from '../dashboard.ts';
import { parseQuery } from '../http/listing-query.ts';
import type { PackedHtml } from '../http/packed-html.ts';
import { packHtml } from '../http/packed-html.ts';
import { requestContextOf } from '../http/request-context.ts';
import type { Hub } from '../live/hub.ts';
import type { Rendition } from '../live/renditions.ts';
import type { Language } from '../texts/common.ts';
import type { TodayTexts } from '../texts/today.ts';
import { todayTexts } from '../texts/today.ts';
import { DayMapSection } from './day-map.tsx';
import { sendSharedPage } from './layout.tsx';
import { Rendered, renderOnce } from './rendered.tsx';

const streamQuery = z.object({ seen: z.string().max(100, 'expected the name of what the page shows').nullish() });

export function todayRoutes({ users, clock }: Pick<Dashboard, 'users' | 'clock'>, hub: Hub): Router {
  const router = Router();
  const contentOf = createContents();
  router.get('/', async (_request, response) => {
    const { language, format, nowMs } = requestContextOf(response);
    const content = contentOf(language, await hub.now(language), format.time(nowMs));
    const { title } = todayTexts[language];
    sendSharedPage(response, { title, scripts: ['live.js'], styles: ['today.css'] }, content);
  });
  router.get('/live/today', (request, response) => {
    const { language } = requestContextOf(response);
    const { seen = null } = parseQuery(streamQuery, request.query);
    const mayStay = () => userOf(request, users, clock.now()) !== null;
    // A browser that connects again says itself what it had last.
    hub.attach(response, { language, mayStay, seen: request.get('last-event-id') ?? seen });
  });
  return router;
}

/** What the page shows below its title is the same for all, and is put together once as long as nothing of it changes. */
function createContents() {
  const known = new Map<Language, { readonly id: string; readonly time: string; readonly content: PackedHtml }>();
  return (language: Language, rendition: Rendition, time: string): PackedHtml => {
    const last = known.get(language);
    if (last?.id === rendition.id && last.time === time) return last.content;
    const { html } = renderOnce(<Today rendition={rendition} texts={todayTexts[language]} time={time} />);
    const content = packHtml(html);
    known.set(language, { id: rendition.id, time, content });
    return content;
  };
}

interface TodayProps {
  readonly rendition: Rendition;
  readonly texts: TodayTexts;
  /** When this is seen, for a page that loses its connection. */
  readonly time: string;
}

function Today({ rendition: { id, parts }, texts, time }: TodayProps) {
  const stream = { 'data-live': '/live/today', 'data-live_seen': id, 'data-time': time };
  const words = { 'data-live_text': texts.live, 'data-lost_text': texts.lost };
  const { lead = '', published = '', runs = '', retired = '', days = '' } = parts;
  const rowsOf = (kind: 'city' | 'days') =>
    Object.entries(parts)
      .filter(([name]) => name.startsWith(`${kind}:`))
      .map(([, html]) => html)
      .join('');
  return (
    <>
      <Rendered html={lead} />
      <p class="age live" role="status" {...stream} {...words} />
      <Rendered html={published} />
      <Rendered html={runs} />
      <h2 id="cities">{texts.cities}</h2>
      <Cities rows={rowsOf('city')} texts={texts} />
      <Rendered html={retired} />
      <DayMapSection texts={texts} days={days} rows={rowsOf('days')} />
    </>
  );
}

function Cities({ rows, texts }: { readonly rows: string; readonly texts: TodayTexts }) {
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
        <Rendered html={rows} />
      </tbody>
    </table>
  );
}
