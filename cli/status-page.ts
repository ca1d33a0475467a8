/**
 * The status of a cluster as a person reads it, on a phone as well as on a wide screen; and as a program does, under the
 * published names. Times are Helsinki's.
 */
import type { ClusterStatus, StatusOfNode } from '../queues/cluster-status.ts';
import type { CityProgress } from '../src/jobs/city-progress.ts';
import { progressBars } from './progress-line.ts';
import { columnWidths, fitsInto, renderRow } from './text-table.ts';
import { wrapText } from './wrap-text.ts';

/** A run that is under way; its cities are null until the first of them is read. */
export interface ShownRun {
  readonly executionId: string;
  readonly cities: readonly CityProgress[] | null;
}

interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  readonly cell: (nodeId: string, node: StatusOfNode) => string;
}

const count = new Intl.NumberFormat('en-US');
const clockTime = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Helsinki', timeStyle: 'medium' });

const name: Column = { title: 'node', isNumber: false, cell: (nodeId) => nodeId };
const role: Column = { title: 'role', isNumber: false, cell: (_id, node) => node.role ?? 'unknown' };
const state: Column = { title: 'status', isNumber: false, cell: (_id, node) => stateOf(node) };
const work: readonly Column[] = [
  { title: 'pending', isNumber: true, cell: (_id, node) => count.format(node.pendingWork) },
  { title: 'active', isNumber: true, cell: (_id, node) => count.format(node.activeWork) },
];
const figures: readonly Column[] = [
  { title: 'cpu', isNumber: true, cell: (_id, node) => percent(node.cpuPercent) },
  { title: 'mem', isNumber: true, cell: (_id, node) => percent(node.memoryPercent) },
  { title: 'disk', isNumber: true, cell: (_id, node) => percent(node.diskPercent) },
  ...work,
];
const details: readonly Column[] = [
  { title: 'errors', isNumber: true, cell: (_id, node) => counted(node.errors) },
  { title: 'warnings', isNumber: true, cell: (_id, node) => counted(node.warnings) },
  { title: 'last seen', isNumber: false, cell: (_id, node) => timeOf(node.lastHeartbeatUtc) },
  { title: 'version', isNumber: false, cell: (_id, node) => node.version ?? '' },
];

/** From the widest to the narrowest; the last one is cut where it must. */
const tables: readonly (readonly Column[])[] = [
  [name, role, state, ...figures, ...details],
  [name, role, state, ...figures],
  [name, state, ...figures],
  [name, state, ...work],
];

/** Totals, a line per node, what needs a hand, and the runs. @param width of the terminal; null = no limit */
export function renderStatus(status: ClusterStatus, runs: readonly ShownRun[], width: number | null): string {
  const wrap = (text: string): string =>
    `${wrapText(text, '  ', { width: width ?? 1_000 })
      .join('\n')
      .trimStart()}\n`;
  const parts = [wrap(nodesSentence(status)) + wrap(workSentence(status))];
  if (status.totalNodes > 0) parts.push(renderNodes(status.nodes, width));
  const notes = notesOf(status).map(wrap).join('');
  if (notes !== '') parts.push(notes);
  for (const { executionId, cities } of runs) {
    const lines = cities === null ? ['no progress yet'] : progressBars(cities, width ?? 120);
    parts.push(`${[`${executionId} is under way:`, ...lines].join('\n')}\n`);
  }
  return parts.join('\n');
}

/** The published names, snake_case. */
export function statusAsJson(status: ClusterStatus): object {
  return {
    total_nodes: status.totalNodes,
    healthy_nodes: status.healthyNodes,
    degraded_nodes: status.degradedNodes,
    unhealthy_nodes: status.unhealthyNodes,
    offline_nodes: status.offlineNodes,
    total_work_items: status.totalWorkItems,
    pending_work_items: status.pendingWorkItems,
    active_work_items: status.activeWorkItems,
    completed_work_items: status.completedWorkItems,
    failed_work_items: status.failedWorkItems,
    unassigned_work_items: status.unassignedWorkItems,
    nodes: Object.fromEntries(Object.entries(status.nodes).map(([nodeId, node]) => [nodeId, nodeAsJson(node)])),
  };
}

function nodeAsJson(node: StatusOfNode): object {
  return {
    status: node.status,
    role: node.role,
    cpu_percent: node.cpuPercent,
    memory_percent: node.memoryPercent,
    disk_percent: node.diskPercent,
    pending_work: node.pendingWork,
    active_work: node.activeWork,
    cities: node.cities,
    errors: node.errors,
    warnings: node.warnings,
    is_draining: node.isDraining,
    version: node.version,
    started_at_utc: node.startedAtUtc,
    last_heartbeat_utc: node.lastHeartbeatUtc,
  };
}

function nodesSentence(status: ClusterStatus): string {
  const { healthyNodes, degradedNodes, unhealthyNodes, offlineNodes } = status;
  const parts = [`${healthyNodes} healthy`, `${degradedNodes} degraded`, `${unhealthyNodes} unhealthy`];
  if (offlineNodes > 0) parts.push(`${offlineNodes} offline`);
  return `Nodes: ${status.totalNodes} (${parts.join(', ')})`;
}

function workSentence(status: ClusterStatus): string {
  const { pendingWorkItems, activeWorkItems, completedWorkItems, failedWorkItems } = status;
  const parts = [
    `${count.format(pendingWorkItems)} pending`,
    `${count.format(activeWorkItems)} active`,
    `${count.format(completedWorkItems)} completed`,
    `${count.format(failedWorkItems)} failed`,
  ];
  return `Work: ${count.format(status.totalWorkItems)} (${parts.join(', ')})`;
}

function renderNodes(nodes: ClusterStatus['nodes'], width: number | null): string {
  const rendered = tables.map((columns) => {
    const rows = Object.entries(nodes).map(([nodeId, node]) => columns.map(({ cell }) => cell(nodeId, node)));
    return { columns, rows, natural: columnWidths(columns, rows, null) };
  });
  const fitting = rendered.find(({ natural }) => fitsInto(natural, width)) ?? rendered.at(-1);
  if (fitting === undefined) return '';
  const { columns, rows } = fitting;
  const widths = columnWidths(columns, rows, width);
  return [columns.map(({ title }) => title), ...rows].map((row) => renderRow(columns, row, widths)).join('');
}

/** What a person should know or do. */
function notesOf({ nodes, totalNodes, unassignedWorkItems }: ClusterStatus): readonly string[] {
  const notes: string[] = [];
  if (totalNodes === 0) notes.push('No node is running. Start them with: oikotie store, oikotie worker');
  for (const [nodeId, { status, lastHeartbeatUtc, activeWork }] of Object.entries(nodes)) {
    if (status !== 'offline') continue;
    const since = lastHeartbeatUtc === null ? 'is not known any more' : `was last seen at ${timeOf(lastHeartbeatUtc)}`;
    notes.push(`${nodeId} ${since}${activeWork === 0 ? '' : '; others take its jobs when their locks end'}.`);
  }
  if (unassignedWorkItems > 0) {
    notes.push(
      `${count.format(unassignedWorkItems)} pending have no node that takes them: start one with oikotie worker.`,
    );
  }
  return notes;
}

function stateOf({ status, isDraining }: StatusOfNode): string {
  return isDraining && status !== 'offline' ? 'draining' : status;
}

function percent(value: number | null): string {
  return value === null ? '' : `${Math.round(value)}%`;
}

function counted(value: number | null): string {
  return value === null ? '' : count.format(value);
}

function timeOf(utc: string | null): string {
  return utc === null ? '' : clockTime.format(new Date(utc));
}
