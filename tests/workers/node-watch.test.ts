import { expect, it } from 'vitest';
import type { RegisteredNode } from '../../queues/node-registry.ts';
import type { AuditEntry } from '../../src/lineage/audit-recorder.ts';
import { createNodeWatch } from '../../workers/node-watch.ts';

function nodeNamed(nodeId: string, more: Partial<RegisteredNode> = {}): RegisteredNode {
  return {
    ...{
      nodeId,
      role: 'worker',
      health: 'healthy',
      status: 'healthy',
      version: '0.1.0',
      cities: [],
      isDraining: false,
    },
    ...{ cpuPercent: 1, memoryPercent: 1, diskPercent: 1, activeJobs: 0, errorCount: 0, warningCount: 0 },
    ...{ startedAtUtc: '2026-11-22T03:00:00.000Z', lastHeartbeatUtc: '2026-11-22T03:10:00.000Z' },
    ...more,
  };
}

function createRig() {
  let nodes: readonly RegisteredNode[] = [];
  const entries: AuditEntry[] = [];
  const look = createNodeWatch({ nodes: () => nodes, audit: { record: (entry) => entries.push(entry) } });
  return (...now: readonly RegisteredNode[]) => {
    nodes = now;
    look();
    return entries.splice(0).map(({ type, severity, message }) => `${type} ${severity} ${message}`);
  };
}

it('says once of each node that it has come, and when it has gone', () => {
  const seeing = createRig();

  expect(seeing(nodeNamed('a'))).toEqual(['NODE_JOINED INFO worker a is part of the cluster']);
  expect(seeing(nodeNamed('a'), nodeNamed('b'))).toEqual(['NODE_JOINED INFO worker b is part of the cluster']);
  expect(seeing(nodeNamed('a'), nodeNamed('b'))).toEqual([]);
  expect(seeing(nodeNamed('b'))).toEqual(['NODE_LEFT INFO worker a has left the cluster']);
});

it('tells a node that is lost from one that has left, and the next process of a name from the last', () => {
  const seeing = createRig();
  seeing(nodeNamed('a'));

  expect(seeing(nodeNamed('a', { status: 'offline' }))).toEqual([
    'NODE_LEFT ERROR worker a gives no more signs of life; the last one was at 2026-11-22T03:10:00.000Z',
  ]);
  expect(seeing(nodeNamed('a', { status: 'offline' }))).toEqual([]);
  expect(seeing(nodeNamed('a', { startedAtUtc: '2026-11-22T04:00:00.000Z' }))).toEqual([
    'NODE_JOINED INFO worker a is part of the cluster',
  ]);
});
