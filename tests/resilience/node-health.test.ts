/** The health of a node over any sequence of samples: what makes it ill, what makes it well, and what does neither. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthSample, HealthState, NodeHealth } from '../../src/resilience/node-health.ts';
import { concurrencyOf, fullHealth, nextHealth, nodeHealths, reasonsOf } from '../../src/resilience/node-health.ts';

const thresholds = {
  cpu: { degradedPercent: 70, unhealthyPercent: 90 },
  memory: { degradedPercent: 70, unhealthyPercent: 90 },
  disk: { degradedPercent: 80, unhealthyPercent: 90 },
};
const calm: HealthSample = { cpuPercent: 10, memoryPercent: 40, diskPercent: 60 };
const busy: HealthSample = { ...calm, cpuPercent: 75 };
const overloaded: HealthSample = { ...calm, cpuPercent: 97 };

const stateAfter = (samples: readonly HealthSample[], from: HealthState = fullHealth): HealthState =>
  samples.reduce((state, sample) => nextHealth(state, sample, thresholds), from);
const healthAfter = (samples: readonly HealthSample[], from?: HealthState): NodeHealth =>
  stateAfter(samples, from).health;
const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value);

const percent = fc.double({ min: 0, max: 100, noNaN: true });
const anySample = fc.record({ cpuPercent: percent, memoryPercent: percent, diskPercent: percent });
const rank = (health: NodeHealth): number => nodeHealths.indexOf(health);

describe('health of a node', () => {
  it.each([
    ['cpu', { ...calm, cpuPercent: 70.1 }, 'degraded'],
    ['cpu', { ...calm, cpuPercent: 90.1 }, 'unhealthy'],
    ['memory', { ...calm, memoryPercent: 70.1 }, 'degraded'],
    ['memory', { ...calm, memoryPercent: 90.1 }, 'unhealthy'],
    ['disk', { ...calm, diskPercent: 80.1 }, 'degraded'],
    ['disk', { ...calm, diskPercent: 90.1 }, 'unhealthy'],
    ['all three at their limit', { cpuPercent: 70, memoryPercent: 70, diskPercent: 80 }, 'healthy'],
  ] as const)('follows %s after three samples in a row: %j', (_name, sample, health) => {
    expect(healthAfter(times(2, sample))).toBe('healthy');
    expect(healthAfter(times(3, sample))).toBe(health);
  });

  it('does not follow a spike, and believes of a mixed row only what all of it says', () => {
    expect(healthAfter([overloaded, overloaded, calm, overloaded, overloaded, calm])).toBe('healthy');
    expect(healthAfter([overloaded, busy, overloaded])).toBe('degraded');
  });

  it('recovers after three samples in a row that are well below, to degraded first where that is what they say', () => {
    const ill = stateAfter(times(3, overloaded));

    expect(healthAfter(times(2, calm), ill)).toBe('unhealthy');
    expect(healthAfter(times(3, calm), ill)).toBe('healthy');
    expect(healthAfter(times(3, busy), ill)).toBe('degraded');
    expect(healthAfter(times(50, { ...calm, cpuPercent: 88 }), ill)).toBe('unhealthy');
  });

  it('never changes for a single sample, and stays where a steady load has put it', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 30 }), anySample, (samples, last) => {
        const settled = stateAfter(times(10, last), stateAfter(samples));
        const { health } = settled;

        expect(healthAfter(times(3, last), settled)).toBe(health);
        expect(healthAfter([overloaded], { health, deviations: [] })).toBe(health);
        expect(healthAfter([calm], { health, deviations: [] })).toBe(health);
      }),
    );
  });

  it('is never better under more load', () => {
    fc.assert(
      fc.property(anySample, anySample, (one, two) => {
        const more = {
          cpuPercent: Math.max(one.cpuPercent, two.cpuPercent),
          memoryPercent: Math.max(one.memoryPercent, two.memoryPercent),
          diskPercent: Math.max(one.diskPercent, two.diskPercent),
        };
        expect(rank(healthAfter(times(3, more)))).toBeGreaterThanOrEqual(rank(healthAfter(times(3, one))));
      }),
    );
  });

  it('says how much a node takes: all, half but at least one, nothing', () => {
    const taken = nodeHealths.map((health) => [10, 5, 1].map((configured) => concurrencyOf(health, configured)));

    expect(taken).toEqual([
      [10, 5, 1],
      [5, 2, 1],
      [0, 0, 0],
    ]);
  });

  it('says what is over its threshold', () => {
    expect(reasonsOf({ cpuPercent: 93.4, memoryPercent: 71, diskPercent: 10 }, thresholds)).toEqual([
      'cpu 93% (unhealthy above 90%)',
      'memory 71% (degraded above 70%)',
    ]);
  });
});
