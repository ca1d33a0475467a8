/** The texts of the page of the cluster. */
import type { NodeStatus } from '../../queues/node-registry.ts';
import type { DayOutcome } from '../../queues/schedule-book.ts';
import type { BreakerChangeKind, BreakerStatus } from '../../src/resilience/breaker-state.ts';
import type { Translated } from './common.ts';

export interface ClusterTexts {
  readonly title: string;
  readonly noCluster: string;
  readonly away: string;
  readonly stale: (time: string) => string;
  readonly seenAt: (time: string) => string;
  readonly nodes: string;
  readonly noNodes: string;
  readonly nodeCount: (total: string, healthy: string) => string;
  readonly underWay: (runs: string) => string;
  readonly nothingUnderWay: string;
  readonly node: string;
  readonly status: string;
  readonly statuses: Readonly<Record<NodeStatus, string>>;
  readonly draining: string;
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string;
  readonly activeJobs: string;
  readonly share: string;
  readonly problems: string;
  readonly problemCount: (errors: string, warnings: string) => string;
  readonly city: string;
  readonly cities: string;
  readonly version: string;
  readonly lastHeartbeat: string;
  readonly schedule: string;
  readonly nextRun: (when: string) => string;
  readonly noNextRun: string;
  readonly pausedSince: (when: string, by: string) => string;
  readonly notSetUp: string;
  readonly switchedOff: string;
  readonly pattern: (pattern: string, timezone: string) => string;
  readonly schedulers: (names: string) => string;
  readonly noScheduler: string;
  readonly day: string;
  readonly outcome: string;
  readonly outcomes: Readonly<Record<DayOutcome, string>>;
  readonly noted: string;
  readonly run: string;
  readonly breakers: string;
  readonly breaker: string;
  readonly portal: string;
  readonly breakerStatuses: Readonly<Record<BreakerStatus, string>>;
  readonly heldOpen: string;
  readonly failures: string;
  readonly nextTrial: string;
  readonly history: string;
  readonly changeCount: (count: string) => string;
  readonly changes: Readonly<Record<BreakerChangeKind, string>>;
  readonly isolated: (node: string, until: string) => string;
  readonly limits: string;
  readonly rate: string;
  readonly configured: (value: string) => string;
  readonly workers: string;
  readonly budget: string;
  readonly wholePortal: string;
  readonly paused: string;
  readonly unlimited: string;
  readonly queues: string;
  readonly queue: string;
  readonly waiting: string;
  readonly active: string;
  readonly delayed: string;
  readonly waitingForChildren: string;
  readonly failed: string;
  readonly completed: string;
}

const en: ClusterTexts = {
  title: 'Cluster',
  noCluster:
    'There is no cluster here: runs are made by one process, started by hand or by cron. Its breakers and budgets are below; budgets as of the published data.',
  away: 'Redis does not answer, so nothing is known of the cluster now. The other pages go on; this one tries again by itself.',
  stale: (time) => `No answer since ${time}`,
  seenAt: (time) => `Seen at ${time}`,
  nodes: 'Nodes',
  noNodes: 'No node is running. Start them with: oikotie store, oikotie worker, oikotie scheduler',
  nodeCount: (total, healthy) => `${healthy} of ${total} nodes are healthy.`,
  underWay: (runs) => `Under way: ${runs}`,
  nothingUnderWay: 'No run is under way.',
  node: 'Node',
  status: 'Status',
  statuses: { healthy: 'healthy', degraded: 'degraded', unhealthy: 'unhealthy', offline: 'offline' },
  draining: 'draining',
  cpu: 'CPU',
  memory: 'Memory',
  disk: 'Disk',
  activeJobs: 'Active jobs',
  share: 'Waiting for it',
  problems: 'Problems',
  problemCount: (errors, warnings) => `${errors} errors, ${warnings} warnings`,
  city: 'City',
  cities: 'Cities',
  version: 'Version',
  lastHeartbeat: 'Last heartbeat',
  schedule: 'Schedule',
  nextRun: (when) => `The next run starts ${when}.`,
  noNextRun: 'The schedule names no time to come.',
  pausedSince: (when, by) => `Paused since ${when}, from ${by}: no run starts by itself.`,
  notSetUp: 'No scheduler has set it up yet; these are the configured times.',
  switchedOff: 'It is switched off in the configuration.',
  pattern: (pattern, timezone) => `${pattern} (${timezone})`,
  schedulers: (names) => `Scheduler: ${names}`,
  noScheduler: 'No scheduler is running, so nothing starts by itself. Start one with: oikotie scheduler',
  day: 'Day',
  outcome: 'Outcome',
  outcomes: {
    ran: 'started on time',
    caught_up: 'started later',
    already_run: 'was there already',
    missed: 'missed',
    paused: 'left out: paused',
  },
  noted: 'Noted',
  run: 'Run',
  breakers: 'Circuit breakers',
  breaker: 'Breaker',
  portal: 'The whole portal',
  breakerStatuses: { CLOSED: 'closed', OPEN: 'open', HALF_OPEN: 'on trial' },
  heldOpen: 'held open',
  failures: 'Failures in a row',
  nextTrial: 'Next trial',
  history: 'History',
  changeCount: (count) => (count === '1' ? '1 change' : `${count} changes`),
  changes: {
    opened: 'opened',
    half_opened: 'on trial',
    closed: 'closed',
    node_isolated: 'keeps one node from asking',
    node_returned: 'lets a node ask again',
    forced_open: 'held open by an operator',
    forced_closed: 'closed by an operator',
    reset: 'reset by an operator',
  },
  isolated: (node, until) => `${node} does not ask until ${until}`,
  limits: 'Limits and budgets of today',
  rate: 'Requests/s',
  configured: (value) => `configured: ${value}`,
  workers: 'Pages at once',
  budget: 'Requests of the budget',
  wholePortal: 'The whole portal',
  paused: 'paused',
  unlimited: 'no limit',
  queues: 'Queues',
  queue: 'Queue',
  waiting: 'Waiting',
  active: 'Active',
  delayed: 'Delayed',
  waitingForChildren: 'Waiting for others',
  failed: 'Failed',
  completed: 'Completed (24 h)',
};

const fi: ClusterTexts = {
  title: 'Klusteri',
  noCluster:
    'Täällä ei ole klusteria: ajot tekee yksi prosessi, jonka käynnistää ihminen tai cron. Alla ovat sen katkaisimet ja kiintiöt; kiintiöt viimeksi julkaistujen tietojen mukaan.',
  away: 'Redis ei vastaa, joten klusterista ei nyt tiedetä mitään. Muut sivut toimivat; tämä yrittää itse uudelleen.',
  stale: (time) => `Ei vastausta klo ${time} jälkeen`,
  seenAt: (time) => `Tilanne klo ${time}`,
  nodes: 'Solmut',
  noNodes: 'Yhtään solmua ei ole käynnissä. Käynnistä ne: oikotie store, oikotie worker, oikotie scheduler',
  nodeCount: (total, healthy) => `Solmuja kunnossa: ${healthy} / ${total}.`,
  underWay: (runs) => `Käynnissä: ${runs}`,
  nothingUnderWay: 'Yksikään ajo ei ole käynnissä.',
  node: 'Solmu',
  status: 'Tila',
  statuses: { healthy: 'kunnossa', degraded: 'heikentynyt', unhealthy: 'huonossa kunnossa', offline: 'poissa' },
  draining: 'tyhjentymässä',
  cpu: 'Suoritin',
  memory: 'Muisti',
  disk: 'Levy',
  activeJobs: 'Töitä kesken',
  share: 'Odottaa solmua',
  problems: 'Ongelmia',
  problemCount: (errors, warnings) => `virheitä ${errors}, varoituksia ${warnings}`,
  city: 'Kaupunki',
  cities: 'Kaupungit',
  version: 'Versio',
  lastHeartbeat: 'Viimeinen elonmerkki',
  schedule: 'Aikataulu',
  nextRun: (when) => `Seuraava ajo alkaa ${when}.`,
  noNextRun: 'Aikataulussa ei ole tulevia aikoja.',
  pausedSince: (when, by) => `Keskeytetty ${when} (${by}): yksikään ajo ei käynnisty itsestään.`,
  notSetUp: 'Ajastin ei ole vielä ottanut aikataulua käyttöön; ajat ovat asetustiedostosta.',
  switchedOff: 'Aikataulu on kytketty pois asetuksista.',
  pattern: (pattern, timezone) => `${pattern} (${timezone})`,
  schedulers: (names) => `Ajastin: ${names}`,
  noScheduler: 'Ajastin ei ole käynnissä, joten mikään ei käynnisty itsestään. Käynnistä se: oikotie scheduler',
  day: 'Päivä',
  outcome: 'Mitä tapahtui',
  outcomes: {
    ran: 'alkoi ajallaan',
    caught_up: 'alkoi myöhemmin',
    already_run: 'oli jo ajettu',
    missed: 'jäi väliin',
    paused: 'jätettiin väliin: keskeytetty',
  },
  noted: 'Kirjattu',
  run: 'Ajo',
  breakers: 'Katkaisimet',
  breaker: 'Katkaisin',
  portal: 'Koko portaali',
  breakerStatuses: { CLOSED: 'suljettu', OPEN: 'auki', HALF_OPEN: 'koekäytössä' },
  heldOpen: 'pidetään auki',
  failures: 'Virheitä peräkkäin',
  nextTrial: 'Seuraava koe',
  history: 'Historia',
  changeCount: (count) => (count === '1' ? '1 muutos' : `${count} muutosta`),
  changes: {
    opened: 'avautui',
    half_opened: 'siirtyi koekäyttöön',
    closed: 'sulkeutui',
    node_isolated: 'eristi yhden solmun',
    node_returned: 'päästi solmun takaisin',
    forced_open: 'ylläpitäjä pitää auki',
    forced_closed: 'ylläpitäjä sulki',
    reset: 'ylläpitäjä nollasi',
  },
  isolated: (node, until) => `${node} ei pyydä mitään (${until} asti)`,
  limits: 'Rajat ja tämän päivän kiintiöt',
  rate: 'Pyyntöjä/s',
  configured: (value) => `asetuksissa ${value}`,
  workers: 'Sivuja yhtä aikaa',
  budget: 'Kiintiöstä käytetty',
  wholePortal: 'Koko portaali',
  paused: 'keskeytetty',
  unlimited: 'ei rajaa',
  queues: 'Jonot',
  queue: 'Jono',
  waiting: 'Odottaa',
  active: 'Kesken',
  delayed: 'Lykätty',
  waitingForChildren: 'Odottaa muita',
  failed: 'Epäonnistunut',
  completed: 'Valmiit (24 h)',
};

export const clusterTexts: Translated<ClusterTexts> = { en, fi };
