/**
 * Whether a node is healthy, degraded or unhealthy by its processor, memory and disk. A spike is no illness and a dip no
 * recovery: a change needs several samples in a row, and the way back a margin. Pure: a sample in, a state out.
 */

export const nodeHealths = ['healthy', 'degraded', 'unhealthy'] as const;

export type NodeHealth = (typeof nodeHealths)[number];

/** Each above 0 and at most 100, degraded below unhealthy; a node is ill above them, never at them. */
interface HealthThreshold {
  readonly degradedPercent: number;
  readonly unhealthyPercent: number;
}

export interface HealthThresholds {
  readonly cpu: HealthThreshold;
  readonly memory: HealthThreshold;
  readonly disk: HealthThreshold;
}

/** In percent of what the machine or container has, 0 to 100. */
export interface HealthSample {
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly diskPercent: number;
}

export interface HealthState {
  readonly health: NodeHealth;
  /** What the samples in a row said that were all worse, or all better, than `health`; the latest last. */
  readonly deviations: readonly NodeHealth[];
}

export const fullHealth: HealthState = { health: 'healthy', deviations: [] };

/** Samples in a row before a change. */
const samplesPerChange = 3;
/** A value must be below this share of a threshold before it counts as below it again. */
const recoveryShare = 0.95;

/** The state after one more sample. */
export function nextHealth(before: HealthState, sample: HealthSample, thresholds: HealthThresholds): HealthState {
  const { health } = before;
  const now = levelOf(sample, thresholds, 1);
  const isWorse = rankOf(now) > rankOf(health);
  const seen = isWorse ? now : levelOf(sample, thresholds, recoveryShare);
  if (!isWorse && rankOf(seen) >= rankOf(health)) return { health, deviations: [] };
  const isSameWay = before.deviations.every((each) => rankOf(each) > rankOf(health) === isWorse);
  const deviations = [...(isSameWay ? before.deviations : []), seen];
  if (deviations.length < samplesPerChange) return { health, deviations };
  return { health: nearestTo(health, deviations), deviations: [] };
}

/** Jobs at once that a node of this health takes where `configured` are allowed; 0 means that it takes nothing. */
export function concurrencyOf(health: NodeHealth, configured: number): number {
  if (health === 'unhealthy') return 0;
  return health === 'degraded' ? Math.max(1, Math.floor(configured / 2)) : configured;
}

/** What is over its threshold, for the log: `cpu 93% (unhealthy above 90%)`. */
export function reasonsOf(sample: HealthSample, thresholds: HealthThresholds): readonly string[] {
  return partsOf(sample, thresholds).flatMap(({ name, percent, degradedPercent, unhealthyPercent }) => {
    if (percent > unhealthyPercent) return [`${name} ${Math.round(percent)}% (unhealthy above ${unhealthyPercent}%)`];
    if (percent > degradedPercent) return [`${name} ${Math.round(percent)}% (degraded above ${degradedPercent}%)`];
    return [];
  });
}

/** The worst of the three, each held against this share of its thresholds. */
function levelOf(sample: HealthSample, thresholds: HealthThresholds, share: number): NodeHealth {
  const ranks = partsOf(sample, thresholds).map(({ percent, degradedPercent, unhealthyPercent }) =>
    percent > unhealthyPercent * share ? 2 : percent > degradedPercent * share ? 1 : 0,
  );
  return nodeHealths[Math.max(...ranks)] ?? 'unhealthy';
}

function partsOf(sample: HealthSample, { cpu, memory, disk }: HealthThresholds) {
  return [
    { name: 'cpu', percent: sample.cpuPercent, ...cpu },
    { name: 'memory', percent: sample.memoryPercent, ...memory },
    { name: 'disk', percent: sample.diskPercent, ...disk },
  ];
}

/** What all the samples agree on: as little of a change as any of them says. */
function nearestTo(health: NodeHealth, deviations: readonly NodeHealth[]): NodeHealth {
  const distance = (other: NodeHealth): number => Math.abs(rankOf(other) - rankOf(health));
  return deviations.reduce((nearest, each) => (distance(each) < distance(nearest) ? each : nearest));
}

function rankOf(health: NodeHealth): number {
  return nodeHealths.indexOf(health);
}
