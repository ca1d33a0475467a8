import { describe, expect, it } from 'vitest';
import { serversOf } from '../../queues/distribution.ts';
import type { RegisteredNode } from '../../queues/node-registry.ts';

type Node = Pick<RegisteredNode, 'nodeId' | 'role' | 'status' | 'isDraining' | 'cities'>;

const helsinki = { name: 'crawl-helsinki', servedBy: 'worker', city: 'Helsinki' } as const;
const cities = { name: 'cities', servedBy: 'worker', city: null } as const;

function worker(nodeId: string, more: Partial<Node> = {}): Node {
  return { nodeId, role: 'worker', status: 'healthy', isDraining: false, cities: ['Helsinki', 'Espoo'], ...more };
}

function namesOf(nodes: readonly Node[]): readonly string[] {
  return nodes.map(({ nodeId }) => nodeId);
}

const everybody = [worker('a'), worker('b'), worker('c'), worker('store', { role: 'store' })];

describe('the nodes that serve a queue', () => {
  it('are all workers by turns', () => {
    expect(namesOf(serversOf(helsinki, everybody, 'round_robin'))).toEqual(['a', 'b', 'c']);
  });

  it('are, sticky, one node for a city and all for the cities themselves', () => {
    expect(serversOf(helsinki, everybody, 'sticky')).toHaveLength(1);
    expect(namesOf(serversOf(cities, everybody, 'sticky'))).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['is offline', { status: 'offline' }],
    ['is unhealthy', { status: 'unhealthy' }],
    ['is draining', { isDraining: true }],
    ['does not know the city', { cities: ['Espoo'] }],
  ] as const)('change when the preferred node %s, and come back to it', (_what, ill) => {
    const [preferred] = namesOf(serversOf(helsinki, everybody, 'sticky'));
    const without = everybody.map((node) => (node.nodeId === preferred ? { ...node, ...ill } : node));

    const takenOver = namesOf(serversOf(helsinki, without, 'sticky'));

    expect(takenOver).toHaveLength(1);
    expect(takenOver).not.toEqual([preferred]);
    expect(namesOf(serversOf(helsinki, everybody, 'sticky'))).toEqual([preferred]);
  });

  it('stay the same when a node is only degraded', () => {
    const degraded = everybody.map((node) => ({ ...node, status: 'degraded' as const }));

    expect(namesOf(serversOf(helsinki, degraded, 'sticky'))).toEqual(namesOf(serversOf(helsinki, everybody, 'sticky')));
  });

  it('are none when nobody is well', () => {
    const ill = everybody.map((node) => ({ ...node, status: 'unhealthy' as const }));

    expect(serversOf(helsinki, ill, 'sticky')).toEqual([]);
    expect(serversOf(helsinki, ill, 'round_robin')).toEqual([]);
  });
});
