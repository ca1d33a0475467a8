/** The nodes as they tell of themselves, and which runs are under way. */
import type { StatusOfNode } from '../../../queues/cluster-status.ts';
import { actionTexts } from '../../texts/actions.ts';
import { ActionLinks } from '../actions/action-links.tsx';
import type { CellColumn } from '../table.tsx';
import { CardTable } from '../table.tsx';
import type { ClusterPart, SeenCluster } from './part.ts';

interface NodeRow extends StatusOfNode {
  readonly nodeId: string;
}

const tones = { healthy: 'ok', degraded: 'warn', unhealthy: 'bad', offline: 'bad' } as const;

export function NodesPart({ context, texts, cluster }: ClusterPart & { readonly cluster: SeenCluster }) {
  const { format } = context;
  const { status, runs } = cluster;
  const rows = Object.entries(status.nodes).map(([nodeId, node]): NodeRow => ({ nodeId, ...node }));
  const areWell = status.totalNodes > 0 && status.healthyNodes === status.totalNodes;
  const sentence = texts.nodeCount(format.number(status.totalNodes), format.number(status.healthyNodes));
  return (
    <>
      <p class={`lead ${areWell ? 'ok' : 'bad'}`}>{rows.length === 0 ? texts.noNodes : sentence}</p>
      <p>
        {runs.length === 0 ? texts.nothingUnderWay : texts.underWay(runs.join(', '))}{' '}
        <ActionLinks context={context} about="" choices={[{ kind: 'run' }]} />
      </p>
      {rows.length === 0 ? null : (
        <>
          <h2>{texts.nodes}</h2>
          <CardTable label={texts.nodes} columns={columnsOf({ context, texts })} rows={rows} />
        </>
      )}
    </>
  );
}

function columnsOf({ context, texts }: Pick<ClusterPart, 'context' | 'texts'>): readonly CellColumn<NodeRow>[] {
  const { format } = context;
  const percent = (value: number | null) => format.percent(value === null ? null : value / 100);
  return [
    { title: texts.node, cell: (row) => <Name {...row} /> },
    { title: texts.status, cell: (row) => <Status {...{ row, texts }} /> },
    { title: texts.cpu, isNumber: true, cell: ({ cpuPercent }) => percent(cpuPercent) },
    { title: texts.memory, isNumber: true, cell: ({ memoryPercent }) => percent(memoryPercent) },
    { title: texts.disk, isNumber: true, cell: ({ diskPercent }) => percent(diskPercent) },
    { title: texts.activeJobs, isNumber: true, cell: ({ activeWork }) => format.number(activeWork) },
    { title: texts.share, isNumber: true, cell: ({ pendingWork }) => format.number(pendingWork) },
    { title: texts.cities, cell: ({ cities }) => cities.join(', ') },
    {
      title: texts.problems,
      cell: ({ errors, warnings }) => texts.problemCount(format.number(errors), format.number(warnings)),
    },
    { title: texts.lastHeartbeat, cell: ({ lastHeartbeatUtc }) => format.time(lastHeartbeatUtc) },
    { title: texts.version, cell: ({ version }) => version ?? '–' },
    {
      title: actionTexts[context.language].actions,
      isUnseen: true,
      cell: ({ nodeId, status, isDraining }) =>
        status === 'offline' || isDraining ? null : (
          <ActionLinks context={context} about={nodeId} choices={[{ kind: 'drain-node', fields: { node: nodeId } }]} />
        ),
    },
  ];
}

function Name({ nodeId, role }: NodeRow) {
  return (
    <>
      {nodeId}
      {role === null ? null : <span class="soft cause">{role}</span>}
    </>
  );
}

function Status({ row, texts }: { readonly row: NodeRow } & Pick<ClusterPart, 'texts'>) {
  const isDraining = row.isDraining && row.status !== 'offline';
  return (
    <span class={`badge ${isDraining ? 'warn' : tones[row.status]}`}>
      {isDraining ? texts.draining : texts.statuses[row.status]}
    </span>
  );
}
