import { describe, expect, it } from 'vitest';
import { renderStatus, statusAsJson } from '../../cli/status-page.ts';
import type { ClusterStatus, StatusOfNode } from '../../queues/cluster-status.ts';

function nodeOf(more: Partial<StatusOfNode> = {}): StatusOfNode {
  return {
    ...{ status: 'healthy', role: 'worker', cpuPercent: 41.6, memoryPercent: 30, diskPercent: 61, isDraining: false },
    ...{ pendingWork: 1_200, activeWork: 4, cities: ['Helsinki'], version: '0.1.0', errors: 0, warnings: 2 },
    ...{ startedAtUtc: '2026-11-25T06:00:00.000Z', lastHeartbeatUtc: '2026-11-25T06:30:00.000Z' },
    ...more,
  };
}

const status: ClusterStatus = {
  ...{ totalNodes: 3, healthyNodes: 2, degradedNodes: 0, unhealthyNodes: 0, offlineNodes: 1 },
  ...{ totalWorkItems: 4_015, pendingWorkItems: 2_400, activeWorkItems: 8, completedWorkItems: 1_600 },
  ...{ failedWorkItems: 7, unassignedWorkItems: 0 },
  nodes: {
    'store-1': nodeOf({ role: 'store', pendingWork: 0, activeWork: 0, cities: [] }),
    'worker-1': nodeOf({ isDraining: true, pendingWork: 2_400 }),
    'worker-2': nodeOf({ status: 'offline', pendingWork: 0 }),
  },
};

describe('the page of the status', () => {
  it('fits a phone', () => {
    expect(renderStatus(status, [], 60)).toBe(`Nodes: 3 (2 healthy, 0 degraded, 0 unhealthy, 1 offline)
Work: 4,015 (2,400 pending, 8 active, 1,600 completed, 7
  failed)

node      role    status    cpu  mem  disk  pending  active
store-1   store   healthy   42%  30%   61%        0       0
worker-1  worker  draining  42%  30%   61%    2,400       4
worker-2  worker  offline   42%  30%   61%        0       4

worker-2 was last seen at 08:30:00; others take its jobs
  when their locks end.
`);
  });

  it.each([36, 50, 60, 80, 120])('keeps within %i columns', (width) => {
    const lines = renderStatus({ ...status, unassignedWorkItems: 12 }, [], width).split('\n');

    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  });

  it('says what to do when nobody is there, and names a run that is under way', () => {
    const nobody = { ...status, totalNodes: 0, offlineNodes: 0, healthyNodes: 0, nodes: {}, unassignedWorkItems: 9 };

    const page = renderStatus(nobody, [{ executionId: 'daily-2026-11-25', cities: null }], null);

    expect(page).toContain('No node is running. Start them with: oikotie store, oikotie worker\n');
    expect(page).toContain('9 pending have no node that takes them');
    expect(page).toContain('daily-2026-11-25 is under way:\nno progress yet\n');
  });

  it('has the published names as JSON', () => {
    expect(statusAsJson(status)).toMatchObject({
      ...{ total_nodes: 3, healthy_nodes: 2, degraded_nodes: 0, unhealthy_nodes: 0, offline_nodes: 1 },
      ...{ total_work_items: 4_015, pending_work_items: 2_400, active_work_items: 8, completed_work_items: 1_600 },
      failed_work_items: 7,
      nodes: {
        'worker-1': {
          ...{ status: 'healthy', cpu_percent: 41.6, memory_percent: 30, disk_percent: 61, is_draining: true },
          ...{ pending_work: 2_400, active_work: 4, errors: 0, warnings: 2, version: '0.1.0' },
        },
      },
    });
  });
});
