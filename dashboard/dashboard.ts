/**
 * What every page of the dashboard is given: the published series, the clock, where actions are recorded. Made once by whoever
 * starts the dashboard; nothing in this room makes its own.
 */
import type { Config, DashboardConfig } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import type { AuditSink } from '../src/lineage/audit-event.ts';
import type { Log } from '../src/log.ts';
import type { PublishedSeries } from '../src/storage/published-series.ts';
import type { Users } from './auth/users.ts';
import type { ClusterView } from './cluster-view.ts';
import type { LiveSources } from './live/live-sources.ts';
import type { OperatorActions } from './operator-actions.ts';

export interface Dashboard {
  readonly config: DashboardConfig;
  /** The whole configuration, for pages that show limits beside what was reached. */
  readonly scraper: Config;
  readonly series: PublishedSeries;
  /** What goes on now. */
  readonly live: LiveSources;
  /** Null = nobody is asked who they are, and everybody may act. */
  readonly users: Users | null;
  readonly sessionSecret: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Who signed in, who failed to, who did what. */
  readonly audit: AuditSink;
  readonly nodeId: string;
  /** Where the datasets are; it need not be there. */
  readonly datasetsFolder: string;
  readonly cluster: ClusterView;
  readonly actions: OperatorActions;
  /** Whether the response of this SHA-256 is in the raw archive; absent = nobody looks, and no page says. */
  readonly isArchived?: (sha256: string) => Promise<boolean>;
}
