/** What each part of the page of the cluster is given. */
import type { ClusterReading } from '../../cluster-view.ts';
import type { RequestContext } from '../../http/request-context.ts';
import type { ClusterTexts } from '../../texts/cluster.ts';

export interface ClusterPart {
  readonly seen: ClusterReading;
  readonly context: RequestContext;
  readonly texts: ClusterTexts;
}

export type SeenCluster = NonNullable<ClusterReading['cluster']>;
