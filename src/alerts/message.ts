/**
 * What a person is told of alerts: one message for all that was opened and resolved since the last one.
 */
import type { AlertEvent } from './alert.ts';

export interface AlertMessage {
  /** ASCII, so that it fits into a header. */
  readonly title: string;
  /** Plain text, a paragraph for each event. */
  readonly text: string;
  readonly events: readonly AlertEvent[];
  /** True when something was opened. */
  readonly isBad: boolean;
  readonly nodeId: string;
  /** ISO 8601 UTC. */
  readonly sentAtUtc: string;
}

interface MessageSource {
  readonly nodeId: string;
  readonly sentAtUtc: string;
}

/** Events told in full; the others are counted. */
const mostShown = 50;

/** Where the section of a kind is. */
export function runbookOf(kind: string): string {
  return `docs/alerts.md#${kind.replaceAll('_', '-')}`;
}

/** The message of one event or more. */
export function messageFor(events: readonly AlertEvent[], source: MessageSource): AlertMessage {
  const opened = events.filter(({ type }) => type === 'opened');
  const resolved = events.filter(({ type }) => type === 'resolved');
  const counts = [
    ...(opened.length > 0 ? [`${countOf(opened.length, 'alert')} opened`] : []),
    ...(resolved.length > 0 ? [`${resolved.length} resolved`] : []),
  ];
  const shown = [...opened, ...resolved].slice(0, mostShown).map(paragraphOf);
  const rest = events.length - shown.length;
  const more = rest > 0 ? [`and ${rest} more; see: oikotie alerts list`] : [];
  return {
    ...source,
    title: `oikotie: ${counts.join(', ')}`,
    text: `${[...shown, ...more].join('\n\n')}\n`,
    events,
    isBad: opened.length > 0,
  };
}

/** A message that says that messages arrive. */
export function testMessage(source: MessageSource): AlertMessage {
  const text = `This is a test from ${source.nodeId}. Alerts will come like this one.\n`;
  return { ...source, title: 'oikotie: test of the alerts', text, events: [], isBad: false };
}

function paragraphOf({ type, kind, summary, openedAtUtc, atUtc }: AlertEvent): string {
  if (type === 'opened') return `OPENED ${kind}: ${summary}\n  since ${atUtc}; what to do: ${runbookOf(kind)}`;
  return `RESOLVED ${kind}: it was: ${summary}\n  from ${openedAtUtc} to ${atUtc}`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
