/**
 * The page of the cluster: nodes, schedule, breakers, limits and queues as they are now. A script asks for the part below the
 * title again every few seconds; without it the page is right when it is loaded.
 */
import type { Response } from 'express';
import { Router } from 'express';
import { messageOf, ScraperError } from '../../../src/errors.ts';
import type { ClusterReading, ClusterView } from '../../cluster-view.ts';
import type { Dashboard } from '../../dashboard.ts';
import type { RequestContext } from '../../http/request-context.ts';
import { requestContextOf } from '../../http/request-context.ts';
import { clusterTexts } from '../../texts/cluster.ts';
import { sendFragment, sendPage } from '../layout.tsx';
import { BreakersPart } from './breakers-part.tsx';
import { LimitsPart } from './limits-part.tsx';
import { NodesPart } from './nodes-part.tsx';
import type { ClusterPart } from './part.ts';
import { QueuesPart } from './queues-part.tsx';
import { SchedulePart } from './schedule-part.tsx';

export function clusterRoutes({ cluster, log }: Dashboard): Router {
  const router = Router();
  router.get('/', async (_request, response) => {
    const { context, texts, seen } = await look(cluster, log, response);
    sendPage(response, {
      title: texts.title,
      styles: ['operate.css'],
      scripts: ['cluster.js'],
      children: (
        <div data-live="/cluster/now">
          <Now seen={seen} context={context} />
        </div>
      ),
    });
  });
  router.get('/now', async (request, response) => {
    const { context, seen } = await look(cluster, log, response);
    // Links lead back to the page, not to this part of it.
    sendFragment(response, <Now seen={seen} context={{ ...context, path: request.baseUrl }} />);
  });
  return router;
}

/** Null: nobody answers. */
type Seen = ClusterReading | null;

/** A Redis that is away is something to show, not a page that failed. */
async function look(cluster: ClusterView, log: Dashboard['log'], response: Response) {
  const context = requestContextOf(response);
  const texts = clusterTexts[context.language];
  try {
    return { context, texts, seen: await cluster.read() };
  } catch (error) {
    if (!(error instanceof ScraperError) || !awayCodes.has(error.code)) throw error;
    log.debug({ error: messageOf(error) }, 'the cluster cannot be shown');
    return { context, texts, seen: null };
  }
}

const awayCodes: ReadonlySet<string> = new Set(['CLUSTER_UNREACHABLE', 'STATE_UNUSABLE']);

function Now({ seen, context }: { readonly seen: Seen; readonly context: RequestContext }) {
  const texts = clusterTexts[context.language];
  const at = context.format.time(context.nowMs);
  const time = (
    <p class="age" data-stale={texts.stale(at)}>
      {texts.seenAt(at)}
    </p>
  );
  if (seen === null) {
    return (
      <>
        {time}
        <p class="lead bad">{texts.away}</p>
      </>
    );
  }
  const part: ClusterPart = { seen, context, texts };
  return (
    <>
      {time}
      {seen.cluster === null ? <p>{texts.noCluster}</p> : <NodesPart {...part} cluster={seen.cluster} />}
      {seen.cluster === null ? null : <SchedulePart {...part} schedule={seen.cluster.schedule} />}
      <BreakersPart {...part} />
      <LimitsPart {...part} />
      {seen.cluster === null ? null : <QueuesPart {...part} queues={seen.cluster.queues} />}
    </>
  );
}
