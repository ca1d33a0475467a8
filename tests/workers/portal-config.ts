/**
 * A small simulated portal and the configuration file of a run against it: quick limits, quick retries, a database in
 * the test's own folder. Never asks anything but 127.0.0.1.
 */
import { join } from 'node:path';
import type { RunningSimulator } from '../../simulator/server.ts';
import { startSimulator } from '../../simulator/server.ts';
import { createWorld } from '../../simulator/world.ts';

export interface PortalSize {
  /** Listings for sale. */
  readonly helsinki?: number | undefined;
  readonly espoo?: number | undefined;
  readonly tampereRentals?: number | undefined;
  /** The portal's clock, epoch milliseconds; default the system's. */
  readonly now?: (() => number) | undefined;
}

export interface PortalConfigOptions extends PortalSize {
  /** 0 = no limit. */
  readonly requestsPerSecond?: number | undefined;
  /** Default 1, so that a page that hangs is given up soon. */
  readonly requestTimeoutSeconds?: number | undefined;
  /** Default http. */
  readonly fetchMode?: 'http' | 'browser' | 'auto' | undefined;
  readonly globalSettings?: Readonly<Record<string, unknown>> | undefined;
  /** More fields of every task. */
  readonly taskSettings?: Readonly<Record<string, unknown>> | undefined;
  /** The portal's address in the task urls, when it is not the simulator's own. */
  readonly origin?: string | undefined;
}

/** Starts the portal on a free port; the caller closes it. */
export function startSmallPortal({
  helsinki = 30,
  espoo = 0,
  tampereRentals = 0,
  now,
}: PortalSize): Promise<RunningSimulator> {
  const world = createWorld({
    seed: 7,
    cities: [
      { name: 'Helsinki', locationId: 64, saleCount: helsinki, rentCount: 0 },
      { name: 'Espoo', locationId: 39, saleCount: espoo, rentCount: 0 },
      { name: 'Tampere', locationId: 71, saleCount: 0, rentCount: tampereRentals },
    ],
  });
  return startSimulator({ world, ...(now === undefined ? {} : { now }) });
}

const quickRetry = { max_attempts: 3, base_delay_seconds: 0.02, max_delay_seconds: 0.1 };

/** A page that is refused for good may open the breaker; a test does not wait minutes for the next trial. */
const quickBreaker = { recovery_timeout: 0.05, max_recovery_timeout: 0.05 };

/** The machine that runs the tests may be as busy and as full as it likes. */
const neverIll = {
  ...{ cpu_degraded: 100, cpu_unhealthy: 100, memory_degraded: 100, memory_unhealthy: 100 },
  ...{ disk_degraded: 100, disk_unhealthy: 100 },
};

/** What the configuration file says: one task per city that has listings, the database in `folder`. */
export function portalConfig(simulator: RunningSimulator, folder: string, options: PortalConfigOptions) {
  const { helsinki = 30, espoo = 0, tampereRentals = 0, requestsPerSecond = 0, origin = simulator.origin } = options;
  const { requestTimeoutSeconds = 1, fetchMode = 'http' } = options;
  const task = (city: string, dealType: 'sale' | 'rent') => ({
    city,
    enabled: true,
    fetch_mode: fetchMode,
    url: simulator.searchUrl(city, dealType).replace(simulator.origin, origin),
    rate_limit_seconds: requestsPerSecond === 0 ? 0 : 1 / requestsPerSecond,
    ...options.taskSettings,
  });
  return {
    tasks: [
      ...(helsinki === 0 ? [] : [task('Helsinki', 'sale')]),
      ...(espoo === 0 ? [] : [task('Espoo', 'sale')]),
      ...(tampereRentals === 0 ? [] : [task('Tampere', 'rent')]),
    ],
    global_settings: {
      database_path: join(folder, 'series.duckdb'),
      output_directory: join(folder, 'output'),
      logs_directory: join(folder, 'logs'),
      crawler: {
        contact: 'test@example.org',
        max_requests_per_second: null,
        request_timeout_seconds: requestTimeoutSeconds,
      },
      retry: { listing: quickRetry, city: quickRetry },
      circuit_breaker: quickBreaker,
      database: { batch_delay_ms: 50 },
      // Only the tests of what is published wait for it.
      publish: { snapshots: false, datasets: false },
      ...options.globalSettings,
      cluster_coordination: { health: neverIll, ...objectOf(options.globalSettings?.['cluster_coordination']) },
    },
  };
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
