/**
 * The knobs under `cluster_coordination`: the Redis that joins the nodes, and how soon one of them counts as gone.
 */
import { booleanKind, choiceKind, nullable, numberKind, textKind, textListKind } from './kinds.ts';
import { knob } from './knob.ts';

const positiveNumber = numberKind('a number above 0', { min: Number.MIN_VALUE });
const text = textKind('a text');
const addressList = (example: string) =>
  textListKind(
    `a list of host:port such as ${example}`,
    /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]*[a-z0-9])?):\d{1,5}$/i,
  );

const percent = numberKind('a number above 0 and at most 100', { min: Number.MIN_VALUE, max: 100 });

/** A threshold of a node's health; 100 is never exceeded, so it switches the threshold off. */
function threshold(percentByDefault: number, env: string, doc: string) {
  return knob(percentByDefault, { doc, unit: '%', env, kind: percent });
}

const health = {
  cpu_degraded: threshold(70, 'SCRAPER_HEALTH_CPU_DEGRADED', 'Processor load above which a node takes less.'),
  cpu_unhealthy: threshold(
    90,
    'SCRAPER_HEALTH_CPU_UNHEALTHY',
    'Processor load above which a node takes nothing until it recovers; 100 switches it off.',
  ),
  memory_degraded: threshold(70, 'SCRAPER_HEALTH_MEMORY_DEGRADED', 'Memory in use above which a node takes less.'),
  memory_unhealthy: threshold(
    90,
    'SCRAPER_HEALTH_MEMORY_UNHEALTHY',
    'Memory in use above which a node takes nothing until it recovers; 100 switches it off.',
  ),
  disk_degraded: threshold(80, 'SCRAPER_HEALTH_DISK_DEGRADED', 'Use of its disk above which a node takes less.'),
  disk_unhealthy: threshold(
    90,
    'SCRAPER_HEALTH_DISK_UNHEALTHY',
    'Use of its disk above which a node takes nothing until it recovers; 100 switches it off.',
  ),
};

export const clusterCoordination = {
  redis_url: knob(null, {
    doc: 'Redis of the cluster; null runs standalone, in one process.',
    unit: 'redis:// or rediss:// URL',
    env: 'REDIS_URL',
    sensitive: true,
    kind: nullable(textKind('a redis:// or rediss:// URL', /^rediss?:\/\/\S+$/)),
  }),
  redis_username: knob(null, {
    doc: 'User of the Redis ACL, when it is not in the URL; null is the default user.',
    env: 'REDIS_USERNAME',
    kind: nullable(text),
  }),
  redis_password: knob(null, {
    doc: 'Password of that user, when it is not in the URL.',
    env: 'REDIS_PASSWORD',
    sensitive: true,
    kind: nullable(text),
  }),
  redis_tls: knob(false, {
    doc: 'Encrypt the connections to Redis, its Sentinels included; a rediss:// URL does so by itself.',
    env: 'REDIS_TLS',
    kind: booleanKind,
  }),
  redis_ca_file: knob(null, {
    doc: 'Certificate authority that signed the certificate of Redis; null takes those that Node.js knows.',
    unit: 'path of a PEM file',
    env: 'REDIS_CA_FILE',
    kind: nullable(textKind('a path')),
  }),
  redis_sentinels: knob([], {
    doc: 'Sentinels that know where the master is, instead of redis_url.',
    unit: 'host:port, in the environment separated by commas',
    env: 'REDIS_SENTINELS',
    kind: addressList('["10.0.0.5:26379"]'),
  }),
  redis_sentinel_master: knob(null, {
    doc: 'Name the Sentinels know the master by.',
    env: 'REDIS_SENTINEL_MASTER',
    kind: nullable(text),
  }),
  redis_sentinel_password: knob(null, {
    doc: 'Password of the Sentinels themselves; null when they ask for none.',
    env: 'REDIS_SENTINEL_PASSWORD',
    sensitive: true,
    kind: nullable(text),
  }),
  redis_cluster_nodes: knob([], {
    doc: 'Some nodes of a Redis Cluster, instead of redis_url; they name the others.',
    unit: 'host:port, in the environment separated by commas',
    env: 'REDIS_CLUSTER_NODES',
    kind: addressList('["10.0.0.5:6379"]'),
  }),
  heartbeat_interval: knob(30, {
    doc: 'Time between two signs of life of a node; one that has missed three is shown offline.',
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
    doc: 'How cities are spread over nodes: every healthy node serves every city in turns, or each city has a node of its own, and another one while that is gone or unhealthy.',
    env: 'SCRAPER_WORK_DISTRIBUTION_STRATEGY',
    kind: choiceKind(['round_robin', 'sticky']),
  }),
  drain_seconds: knob(30, {
    doc: 'How long a node that stops may finish what is active before it gives that back.',
    unit: 's',
    env: 'SCRAPER_DRAIN_SECONDS',
    kind: numberKind('a number of 0 or more', { min: 0 }),
  }),
  health,
};
