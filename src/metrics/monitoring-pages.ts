/**
 * The pages that a monitoring system asks a process for: `/metrics`, `/healthz` (it is alive) and `/readyz` (it can do its
 * work now). Whoever has a web server mounts them; nothing here knows one.
 */
import type { MissingPart } from '../quality/city-receipt.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface MonitoringPage {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface MonitoredParts {
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>;
  readonly readiness: Pick<Readiness, 'reasons'>;
  readonly missingParts: () => readonly MissingPart[];
}

export const monitoringPaths = ['/metrics', '/healthz', '/readyz'] as const;

/** The page of a path without its query, e.g. `/metrics`; null for any other path. Never rejects. */
export async function monitoringPage(path: string, parts: MonitoredParts): Promise<MonitoringPage | null> {
  if (path === '/healthz') return jsonPage(200, healthOf(parts.missingParts()));
  if (path === '/readyz') return readinessPage(parts.readiness.reasons());
  if (path !== '/metrics') return null;
  const { metrics } = parts;
  return { status: 200, contentType: metrics.contentType, text: await metrics.render() };
}

/** A process that goes on without a part is alive. */
function healthOf(missingParts: readonly MissingPart[]): unknown {
  return { status: missingParts.length === 0 ? 'ok' : 'degraded', missingParts };
}

function readinessPage(reasons: Readonly<Record<string, string>>): MonitoringPage {
  const isReady = Object.keys(reasons).length === 0;
  return jsonPage(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not_ready', reasons });
}

function jsonPage(status: number, value: unknown): MonitoringPage {
  return { status, contentType: 'application/json', text: `${JSON.stringify(value)}\n` };
}
