/**
 * The one-way rooms of ARCHITECTURE.md as rules: which room may import which, and which room alone may use a package.
 * A rule's comment is what a person is told when it breaks.
 */

/** Rooms nobody outside may import; tests and benchmarks may look anywhere. */
const watchers = '^(tests|bench|scripts)/';

/** `room` may import only what `allowed` matches (project files; packages have their own rules). */
function onlyFrom(name, room, allowed, comment, extra = {}) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: room },
    to: {
      path: '^(config|src|queues|workers|dashboard|cli|simulator|examples|tests|bench|scripts)/|^index[.]ts$',
      pathNot: allowed,
      ...extra,
    },
  };
}

/** The packages may be imported only by the rooms. */
function packagesOnlyIn(name, packages, rooms, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { pathNot: rooms },
    to: { path: `node_modules/(${packages})(/|$)` },
  };
}

const roomRules = [
  onlyFrom('src-imports-src', '^src/', '^src/', 'src/ is what the other rooms share; it knows none of them.'),
  onlyFrom('listings-alone', '^src/listings/', '^src/listings/', 'listings is the data contract; it imports nothing.'),
  onlyFrom(
    'base-files-alone',
    '^src/[^/]+[.]ts$',
    '^src/[^/]+[.]ts$',
    'errors, clock and log are the ground; they know no room.',
  ),
  onlyFrom(
    'portal-knows-listings',
    '^src/portal/',
    '^src/(portal|listings)/|^src/(errors|clock)[.]ts$',
    'portal turns text into values; it fetches and stores nothing.',
  ),
  onlyFrom(
    'quality-knows-listings',
    '^src/quality/',
    '^src/(quality|listings)/|^src/(errors|clock)[.]ts$',
    'quality judges counts and records; it does no input or output.',
  ),
  onlyFrom(
    'metrics-show-figures',
    '^src/metrics/',
    '^src/(metrics|quality|resilience)/|^src/(errors|clock)[.]ts$|^src/crawl/request-log[.]ts$',
    'metrics shows what it is told; it reads no queue and no database.',
  ),
  onlyFrom(
    'alerts-judge-only',
    '^src/alerts/',
    '^src/(alerts|quality|resilience)/|^src/metrics/figures[.]ts$',
    'alerts judges what others have seen; it sends nothing.',
  ),
  onlyFrom(
    'lineage-knows-listings',
    '^src/lineage/',
    '^src/(lineage|listings)/|^src/(errors|clock|day-file|file-problem)[.]ts$',
    'lineage knows records, errors and files of lines only.',
  ),
  onlyFrom(
    'geo-knows-listings',
    '^src/geo/',
    '^src/(geo|listings)/|^src/(errors|clock|file-problem)[.]ts$',
    'geo knows records and errors only.',
  ),
  onlyFrom(
    'storage-knows-its-ports',
    '^src/storage/',
    '^src/(storage|listings|quality)/|^src/(errors|clock|log|file-problem)[.]ts$|^src/jobs/(series-store|store-writes)[.]ts$|^src/crawl/(request-log|archiving-fetcher)[.]ts$|^src/lineage/(audit-event|audit-line|audit-chain|audit-key|chain-check|audit-report|data-lineage)[.]ts$',
    'storage is behind its ports; it knows no handler, no fetcher, no portal.',
  ),
  {
    name: 'storage-ports-are-types',
    comment: 'storage sees the ports it implements, and the receipt, as types only.',
    severity: 'error',
    from: { path: '^src/storage/' },
    to: { path: '^src/(jobs|crawl|quality)/', dependencyTypesNot: ['type-only'] },
  },
  onlyFrom(
    'resilience-alone',
    '^src/resilience/',
    '^src/resilience/|^src/(errors|clock)[.]ts$',
    'resilience decides; clock and state are passed in.',
  ),
  {
    name: 'resilience-without-io',
    comment: 'resilience does no input or output of its own.',
    severity: 'error',
    from: { path: '^src/resilience/' },
    to: { dependencyTypes: ['core', 'npm'] },
  },
  onlyFrom(
    'crawl-fetches-only',
    '^src/crawl/',
    '^src/(crawl|portal|resilience)/|^src/(errors|clock|log)[.]ts$',
    'crawl fetches; what a job means is not its business.',
  ),
  onlyFrom(
    'jobs-without-adapters',
    '^src/jobs/',
    '^src/(jobs|listings|portal|quality|resilience|crawl|storage|lineage|geo)/|^src/(errors|clock|log)[.]ts$',
    'jobs imports src/ only.',
  ),
  {
    name: 'jobs-sees-interfaces',
    comment: 'jobs sees crawl, storage and lineage as interfaces: import type.',
    severity: 'error',
    from: { path: '^src/jobs/' },
    to: { path: '^src/(crawl|storage|lineage)/', dependencyTypesNot: ['type-only'] },
  },
  onlyFrom('queues-import-src', '^queues/', '^(queues|src)/', 'queues knows how jobs travel; it imports src/ only.'),
  onlyFrom(
    'config-knows-little',
    '^config/',
    '^config/|^src/errors[.]ts$|^src/portal/(search-url|listing-url|known-location-ids)[.]ts$',
    "config may use errors and the portal's url and location tables.",
  ),
  onlyFrom(
    'simulator-knows-listings',
    '^simulator/',
    '^simulator/|^src/listings/',
    'the simulator must not share code with the parser it tests.',
  ),
  {
    name: 'workers-import-no-cli',
    comment: 'a process never imports the command line or the dashboard.',
    severity: 'error',
    from: { path: '^workers/' },
    to: { path: '^(cli|dashboard)/' },
  },
  {
    name: 'dashboard-imports-no-process',
    comment: 'the dashboard only reads; it starts no worker and no command.',
    severity: 'error',
    from: { path: '^dashboard/' },
    to: { path: '^(cli|workers)/' },
  },
  onlyFrom(
    'examples-use-the-package',
    '^examples/',
    '^examples/',
    "an example imports the package by its name, as its reader will, and node's own modules.",
  ),
  {
    name: 'examples-use-nothing-else',
    comment: 'an example shows the package alone; what else it needs, its reader would have to install.',
    severity: 'error',
    from: { path: '^examples/' },
    to: { dependencyTypes: ['npm', 'npm-dev'] },
  },
  {
    name: 'nobody-imports-the-package',
    comment: 'the public interface is for programs of other people; inside, import the file that is meant.',
    severity: 'error',
    from: { pathNot: `^examples/|${watchers}` },
    to: { path: '^(examples/|index[.]ts$)' },
  },
  {
    name: 'cli-starts-what-it-needs',
    comment: 'a command may start workers and the dashboard; nobody else may.',
    severity: 'error',
    from: { pathNot: `^(cli|workers|dashboard)/|^index[.]ts$|${watchers}` },
    to: { path: '^(workers|dashboard|cli)/' },
  },
  {
    name: 'nobody-imports-tests',
    comment: 'tests, benchmarks and scripts are the end of the chain.',
    severity: 'error',
    from: { pathNot: watchers },
    to: { path: watchers },
  },
];

const packageRules = [
  packagesOnlyIn(
    'redis-in-queues',
    'bullmq|ioredis',
    '^queues/|^dashboard/|^tests/|^bench/',
    'BullMQ and Redis live in queues/.',
  ),
  packagesOnlyIn(
    'bull-board-in-dashboard',
    '@bull-board|express',
    '^dashboard/|^tests/',
    'Bull Board lives in dashboard/.',
  ),
  packagesOnlyIn('duckdb-in-storage', '@duckdb', '^src/storage/|^tests/|^bench/', 'only src/storage opens DuckDB.'),
  packagesOnlyIn(
    'fetching-in-crawl',
    '@crawlee|crawlee|playwright|playwright-core|undici',
    '^src/crawl/|^tests/|^bench/',
    'only src/crawl sends requests.',
  ),
  {
    name: 'dashboard-asks-nobody',
    comment:
      'nothing that a page is asked for makes the dashboard ask an address: it imports no way to send a request.',
    severity: 'error',
    from: { path: '^dashboard/', pathNot: '^dashboard/server[.]ts$' },
    to: {
      path: '^(node:)?(http|https|http2|net|tls|dgram|dns|child_process)(/|$)|^src/crawl/|node_modules/(axios|got|node-fetch|ky|superagent|ws)/',
      dependencyTypesNot: ['type-only'],
    },
  },
  packagesOnlyIn(
    'html-in-portal',
    'htmlparser2|entities|domhandler|cheerio|robots-parser',
    '^src/portal/|^bench/|^tests/portal/',
    'only src/portal reads pages.',
  ),
  packagesOnlyIn(
    'object-store-in-storage',
    'aws4fetch',
    '^src/storage/',
    'only src/storage speaks to an object store.',
  ),
  packagesOnlyIn('terminal-in-cli', 'commander|log-update', '^cli/', 'only cli/ speaks to a terminal.'),
  packagesOnlyIn('metrics-in-metrics', 'prom-client', '^src/metrics/', 'metrics are made in src/metrics.'),
  packagesOnlyIn('mail-in-workers', 'nodemailer', '^workers/', 'only workers/ sends messages.'),
  packagesOnlyIn('convict-in-config', 'convict|jsonc-parser', '^config/', 'only config/ reads the configuration.'),
];

const shapeRules = [
  {
    name: 'no-circular',
    comment: 'two files that need each other are one file or three.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'a file nobody imports and that imports nobody does nothing.',
    severity: 'error',
    from: { orphan: true, pathNot: '^(tests|bench|scripts|examples|dashboard/assets)/|[.]d[.]ts$' },
    to: {},
  },
  {
    name: 'not-to-unresolvable',
    comment:
      'the import leads nowhere. (What an example imports is there once the package is built; what a browser imports has the address under which the dashboard serves it.)',
    severity: 'error',
    from: { pathNot: '^(examples|dashboard/assets)/' },
    to: { couldNotResolve: true },
  },
  {
    name: 'no-dev-dependency-at-run-time',
    comment: 'what runs in production is under dependencies.',
    severity: 'error',
    from: { path: '^(config|src|queues|workers|dashboard|cli|simulator)/' },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
];

module.exports = {
  forbidden: [...roomRules, ...packageRules, ...shapeRules],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
