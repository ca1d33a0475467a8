/** Which node a city belongs to: the same for everybody, fairly spread, and moved only where it must be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preferredNode } from '../../src/resilience/rendezvous.ts';

const nodeIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });
const cities = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 30 });

describe('the preferred node of a city', () => {
  it('is one of the nodes, whatever order they are told in', () => {
    fc.assert(
      fc.property(nodeIds, cities, (nodes, keys) => {
        for (const city of keys) {
          const chosen = preferredNode(city, nodes);
          expect(nodes).toContain(chosen);
          expect(preferredNode(city, [...nodes].reverse())).toBe(chosen);
        }
      }),
    );
    expect(preferredNode('Helsinki', [])).toBeNull();
  });

  it('changes with a node that goes only where it was that node', () => {
    fc.assert(
      fc.property(nodeIds, cities, fc.nat(), (nodes, keys, pick) => {
        const gone = nodes[pick % nodes.length];
        const left = nodes.filter((nodeId) => nodeId !== gone);
        for (const city of keys) {
          const before = preferredNode(city, nodes);
          if (before !== gone) expect(preferredNode(city, left)).toBe(before);
        }
      }),
    );
  });

  it('changes with a node that comes only to that node', () => {
    fc.assert(
      fc.property(nodeIds, cities, fc.string({ minLength: 1 }), (nodes, keys, comer) => {
        for (const city of keys) {
          const after = preferredNode(city, [...nodes, comer]);
          expect([preferredNode(city, nodes), comer]).toContain(after);
        }
      }),
    );
  });

  it('spreads cities fairly over nodes whose names differ by a digit', () => {
    const nodes = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];
    const counts = new Map<string | null, number>();
    for (let index = 0; index < 4_000; index += 1) {
      const node = preferredNode(`city ${index}`, nodes);
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }

    for (const node of nodes) expect(Math.abs((counts.get(node) ?? 0) - 1_000), node).toBeLessThan(150);
  });
});
