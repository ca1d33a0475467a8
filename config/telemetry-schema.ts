/**
 * The knobs under `telemetry`: traces for whoever has a system that takes them.
 */
import { booleanKind } from './kinds.ts';
import { knob } from './knob.ts';

export const telemetry = {
  open_telemetry: knob(false, {
    doc: 'Have the queues of a cluster tell OpenTelemetry of every job. The SDK that takes it is loaded by the one who starts the process, see docs/alerts.md.',
    env: 'SCRAPER_OPEN_TELEMETRY',
    kind: booleanKind,
  }),
};
