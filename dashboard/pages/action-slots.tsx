/**
 * Where pages that only show leave room for what an operator may do. Nothing is done here: the forms come from the
 * section that acts.
 */
import type { Quarantine } from '../../src/storage/quality-reader.ts';
import type { RequestContext } from '../http/request-context.ts';

interface QuarantineActionsProps {
  readonly quarantine: Quarantine;
  readonly context: RequestContext;
}

/** The command that accepts what is in an open quarantine; nothing for a viewer, or for one that is closed. */
export function QuarantineActions({ quarantine, context }: QuarantineActionsProps) {
  if (context.user?.role !== 'operator' || quarantine.state !== 'open') return null;
  return <code>{`oikotie quarantine release ${quarantine.executionId} ${quarantine.city}`}</code>;
}
