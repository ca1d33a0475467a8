/**
 * That an operator has changed the limits of a city, as it stands in the audit log: of the command, and of each run that
 * was collecting the city.
 */
import type { CityLimits } from '../src/crawl/city-limits.ts';
import type { AuditEvent } from '../src/lineage/audit-event.ts';

type RecordedEvent = Pick<AuditEvent, 'type' | 'severity' | 'city' | 'message' | 'details'>;

/** @param from what held before; absent where only the new limits are known */
export function limitsEvent(city: string, limits: CityLimits, from?: CityLimits): RecordedEvent {
  return {
    type: 'OPERATOR_ACTION',
    severity: 'WARNING',
    city,
    message: `limits of ${city} were set to ${describeLimits(limits)}`,
    details: { city, limits, ...(from === undefined ? {} : { from }) },
  };
}

/** E.g. `0.5 requests/s and 3 workers`. */
export function describeLimits({ requestIntervalMs, maxDetailWorkers }: CityLimits): string {
  const workers = maxDetailWorkers === 1 ? '1 worker' : `${maxDetailWorkers} workers`;
  return `${describeRate(requestIntervalMs)} and ${workers}`;
}

/** Requests per second of an interval in milliseconds, e.g. `0.5 requests/s`. */
export function describeRate(intervalMs: number): string {
  if (intervalMs === 0) return 'no limit of requests';
  const rate = perSecond(intervalMs);
  return `${rate} ${rate === 1 ? 'request' : 'requests'}/s`;
}

/** Three digits are enough to recognise what was asked for: intervals are whole milliseconds. */
export function perSecond(intervalMs: number): number {
  return Number((1_000 / intervalMs).toPrecision(3));
}
