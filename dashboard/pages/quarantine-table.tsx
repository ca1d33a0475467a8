/** The quarantines with their state, and room for what an operator may do about those that are open. */
import type { Quarantine } from '../../src/storage/quality-reader.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { QualityTexts } from '../texts/quality.ts';
import { QuarantineActions } from './actions/action-links.tsx';
import { DataTable } from './table.tsx';
import { cityPath } from './today-parts.tsx';

interface QuarantinesProps {
  readonly rows: readonly Quarantine[];
  readonly texts: QualityTexts;
  readonly context: RequestContext;
}

/** Below a heading with the id `quarantines`. */
export function Quarantines({ rows, texts, context }: QuarantinesProps) {
  const { format } = context;
  if (rows.length === 0) return <p>{texts.none}</p>;
  const titles = [texts.city, texts.quarantine, texts.state, texts.reason, texts.held, texts.opened, texts.closed];
  const hasActions = context.user?.role === 'operator';
  return (
    <DataTable
      labelledBy="quarantines"
      columns={[...titles, ...(hasActions ? [texts.actions] : [])].map((title) => ({ title }))}
      rows={rows.map((quarantine) => [
        quarantine.city,
        <RunLink executionId={quarantine.executionId} city={quarantine.city} key="run" />,
        <span class={`badge ${quarantine.state === 'open' ? 'warn' : 'soft'}`} key="state">
          {texts.states[quarantine.state]}
        </span>,
        <span class="long" lang="en" key="reason">
          {quarantine.reason}
        </span>,
        format.number(quarantine.listings),
        format.instant(quarantine.openedAtUtc),
        format.instant(quarantine.closedAtUtc),
        ...(hasActions ? [<OpenActions quarantine={quarantine} context={context} key="actions" />] : []),
      ])}
    />
  );
}

function OpenActions({ quarantine, context }: { quarantine: Quarantine; context: RequestContext }) {
  const { state, executionId, city } = quarantine;
  return state === 'open' ? <QuarantineActions context={context} executionId={executionId} city={city} /> : null;
}

/** To a city of a run. */
export function RunLink({ executionId, city }: { executionId: string; city: string }) {
  return <a href={cityPath(executionId, city)}>{executionId}</a>;
}
