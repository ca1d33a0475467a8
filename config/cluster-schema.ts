/**
 * The knobs under `cluster_coordination`: the Redis that joins the nodes, and how soon one of them counts as gone.
 */
import { choiceKind, nullable, numberKind, textKind } from './kinds.ts';
import { knob } from './knob.ts';

const positiveNumber = numberKind('a number above 0', { min: Number.MIN_VALUE });

export const clusterCoordination = {
  redis_url: knob(null, {
    doc: 'Redis of the cluster; null runs standalone, in one process.',
    unit: 'redis:// or rediss:// URL',
    env: 'REDIS_URL',
    sensitive: true,
    kind: nullable(textKind('a redis:// or rediss:// URL', /^rediss?:\/\/\S+$/)),
  }),
  heartbeat_interval: knob(30, {
    doc: 'Time between two signs of life of a node.',
    unit: 's',
    env: 'HEARTBEAT_INTERVAL',
    kind: positiveNumber,
  }),
  lock_ttl: knob(300, {
    doc: 'Life of an explicit work lock whose owner is gone.',
    unit: 's',
    env: 'LOCK_TTL',
    kind: positiveNumber,
  }),
  job_lock_seconds: knob(15, {
    doc: 'A job whose process shows no sign of life for this long is taken back; longer than any pause of a healthy process.',
    unit: 's',
    env: 'SCRAPER_JOB_LOCK',
    kind: positiveNumber,
  }),
  stalled_check_seconds: knob(5, {
    doc: 'Time between two looks for jobs whose process is gone.',
    unit: 's',
    env: 'SCRAPER_STALLED_CHECK',
    kind: positiveNumber,
  }),
  work_distribution_strategy: knob('round_robin', {
    doc: 'How cities are spread over nodes: any idle node takes the next, or a node keeps the cities it had.',
    env: 'SCRAPER_WORK_DISTRIBUTION_STRATEGY',
    kind: choiceKind(['round_robin', 'sticky']),
  }),
};
