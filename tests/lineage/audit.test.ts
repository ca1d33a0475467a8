import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/lineage/audit-event.ts';
import { formatAuditLine } from '../../src/lineage/audit-line.ts';
import { createAuditRecorder } from '../../src/lineage/audit-recorder.ts';
import { createFakeClock } from '../crawl/fake-clock.ts';

function record(): AuditEvent {
  const events: AuditEvent[] = [];
  const audit = createAuditRecorder({
    sink: (event) => events.push(event),
    clock: createFakeClock(),
    executionId: 'daily-2026-11-22',
    nodeId: 'node-1',
    newEventId: () => 'event-1',
  });
  audit.record({ type: 'RETRY_ATTEMPT', severity: 'WARNING', city: 'Helsinki', message: 'again\nand again' });
  const [event] = events;
  if (event === undefined) throw new Error('nothing was recorded');
  return event;
}

describe('an audit event', () => {
  it('says who saw it, when, and for which run', () => {
    expect(record()).toEqual({
      eventId: 'event-1',
      occurredAtUtc: '2026-11-22T03:00:00.000Z',
      type: 'RETRY_ATTEMPT',
      severity: 'WARNING',
      executionId: 'daily-2026-11-22',
      city: 'Helsinki',
      nodeId: 'node-1',
      correlationId: null,
      message: 'again\nand again',
      details: {},
    });
  });

  it('is one line of JSON with the words that a person greps for', () => {
    const event = record();

    const line = formatAuditLine(event);

    expect(line).not.toContain('\n');
    expect(line).toContain('type=RETRY_ATTEMPT severity=WARNING city=Helsinki executionId=daily-2026-11-22');
    expect(JSON.parse(line)).toMatchObject(event);
  });
});
