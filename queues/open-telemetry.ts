/**
 * OpenTelemetry of the queues: BullMQ's own spans and counts for every job, for whoever has loaded an SDK in this process.
 * Loaded when it is switched on and not before.
 */
import type { Telemetry } from 'bullmq';

/** Given to queues and workers; null when it is switched off. */
export type QueueTelemetry = Telemetry | null;

/** @param version of the program, told with each span */
export async function loadQueueTelemetry(isOn: boolean, version: string): Promise<QueueTelemetry> {
  if (!isOn) return null;
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: 'oikotie', meterName: 'oikotie', version, enableMetrics: true });
}
