/**
 * What a wrong configuration gets: one line per problem, all at once, each saying what was expected, what was there
 * and what to do.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flattenKnobs } from '../../config/knob.ts';
import { settingsSchema } from '../../config/schema.ts';
import { taskSchema } from '../../config/task-schema.ts';
import type { ConfigFolder } from './config-file.ts';
import { createConfigFolder, helsinkiTask } from './config-file.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
});
afterEach(() => folder.remove());

describe('the file', () => {
  it('is named when it is missing', () => {
    expect(folder.problems()).toEqual([
      'FILE: expected a readable configuration file, got no such file; create it or name another with --config',
    ]);
  });

  it.each([
    [
      '{\n  "tasks": [,]\n}',
      ['FILE:2:13: expected JSON, got no value (a comma too many, or an empty file?); correct it there'],
    ],
    ['{"tasks": [],}', ['FILE:1:14: expected JSON, got no property name (a comma too many?); correct it there']],
    ['// my cities\n{}', ['FILE:1:1: expected JSON, got a comment; correct it there']],
    ['{"tasks": []\n "global_settings": {}}', ['FILE:2:2: expected JSON, got no comma; correct it there']],
    ['{"tasks": []} true', ['FILE:1:15: expected JSON, got text after the end of the value; correct it there']],
    ['', ['FILE:1:1: expected JSON, got no value (a comma too many, or an empty file?); correct it there']],
    ['{\n"tasks": 1,\n"tasks": 2}', ['FILE:3:1: expected "tasks" once, got it again; remove one']],
    ['[1]', ['FILE: expected an object, got [1]; correct it']],
  ])('%j is refused by line and column', (text, problems) => {
    folder.write(text);

    expect(folder.problems()).toEqual(problems);
  });

  it('may begin with a byte order mark', () => {
    folder.write(`\uFEFF${JSON.stringify({ tasks: [helsinkiTask()] })}`);

    expect(folder.problems()).toEqual([]);
  });
});

describe('tasks', () => {
  it.each([
    [undefined, 'nothing'],
    [[], '[]'],
    [{}, '{}'],
    ['Helsinki', '"Helsinki"'],
  ])('as %j are refused', (tasks, got) => {
    folder.write({ tasks });

    expect(folder.problems()).toEqual([
      `tasks: expected a list with at least one city, got ${got}; add a task to FILE`,
    ]);
  });

  it('without their required keys get one problem for each', () => {
    folder.write({ tasks: [{}] });

    expect(folder.problems()).toEqual([
      'tasks[0].city: expected the name of a city, got nothing; add it to FILE',
      'tasks[0].enabled: expected true or false, got nothing; add it to FILE',
      'tasks[0].url: expected an http(s) URL, got nothing; add it to FILE',
    ]);
  });

  it('with the same city twice are refused, whatever its spelling', () => {
    folder.write({ tasks: [helsinkiTask(), helsinkiTask({ city: 'HELSINKI' })] });

    expect(folder.problems()).toEqual([
      'tasks[1].city: expected a city that comes once, got "Helsinki" as in tasks[0].city; remove one of the two tasks',
    ]);
  });

  it('with an unknown city get the nearest names', () => {
    folder.write({ tasks: [helsinkiTask({ city: 'Helsinky' })] });

    expect(folder.problems()).toEqual([
      'tasks[0].city: expected a Finnish municipality or the name in the url\'s locations, got "Helsinky"; ' +
        'did you mean "Helsinki"?',
    ]);
  });
});

const urlStart = 'tasks[0].url: expected';
const boundsStart = 'tasks[0].coordinate_bounds: expected [min_lon, min_lat, max_lon, max_lat] in degrees';

describe('a value of a task', () => {
  it.each([
    ['enabled', 'yes', 'tasks[0].enabled: expected true or false, got "yes"; correct it in FILE'],
    [
      'max_detail_workers',
      '5',
      'tasks[0].max_detail_workers: expected a whole number from 1 to 100, got "5"; correct it in FILE',
    ],
    [
      'rate_limit_seconds',
      -1,
      'tasks[0].rate_limit_seconds: expected a number of 0 or more, got -1; correct it in FILE',
    ],
    ['priority', 1.5, 'tasks[0].priority: expected a whole number from -1000 to 1000, got 1.5; correct it in FILE'],
    [
      'listing_limit',
      0,
      'tasks[0].listing_limit: expected a whole number of 1 or more, or null, got 0; correct it in FILE',
    ],
    ['data_governance', null, 'tasks[0].data_governance: expected an object, got null; correct it in FILE'],
    [
      'data_governance',
      { max_requests_per_second: -2 },
      'tasks[0].data_governance.max_requests_per_second: expected a number above 0, or null, got -2; correct it in FILE',
    ],
    [
      'geospatial_sources',
      'osm_buildings',
      'tasks[0].geospatial_sources: expected a list of names such as ["osm_buildings"], got "osm_buildings"; correct it in FILE',
    ],
    [
      'url',
      'ftp://asunnot.oikotie.fi/',
      `${urlStart} an http(s) URL, got "ftp://asunnot.oikotie.fi/"; correct it in FILE`,
    ],
    ['url', 'https://[', `${urlStart} an http(s) URL, got "https://["; correct it`],
    [
      'url',
      'https://asunnot.oikotie.example/x',
      `${urlStart} a host that is asunnot.oikotie.fi, this machine or in allowed_hosts, got "asunnot.oikotie.example"; ` +
        'correct the url or add the host to global_settings.allowed_hosts',
    ],
    [
      'url',
      'https://asunnot.oikotie.fi:8443/x',
      `${urlStart} a host that is asunnot.oikotie.fi, this machine or in allowed_hosts, got "asunnot.oikotie.fi:8443"; ` +
        'correct the url or add the host to global_settings.allowed_hosts',
    ],
    [
      'url',
      'https://me:secret@asunnot.oikotie.fi/x',
      `${urlStart} a URL without user name and password, got one that has them; remove them`,
    ],
    [
      'url',
      'https://asunnot.oikotie.fi/myytavat-asunnot?locations=Helsinki',
      `tasks[0].url: locations: expected triples such as [[64,6,"Helsinki"]], got "Helsinki"; copy the address of the search page again`,
    ],
    [
      'url',
      'https://asunnot.oikotie.fi/uutiset',
      `${urlStart} a path such as /myytavat-asunnot, got "/uutiset"; copy the address of the search page again`,
    ],
    ['coordinate_bounds', [24, 60, 25], `${boundsStart}, or null, got [24,60,25]; correct it in FILE`],
    [
      'coordinate_bounds',
      [25.3, 60, 24.8, 60.3],
      `${boundsStart} with each min below its max, got [25.3,60,24.8,60.3]; put the smaller longitude and latitude first`,
    ],
    [
      'coordinate_bounds',
      [60, 24.8, 60.3, 25.3],
      `${boundsStart}, got [60,24.8,60.3,25.3], which has latitudes first; put longitudes first`,
    ],
    [
      'coordinate_bounds',
      [24, 60, 250, 61],
      `${boundsStart}, longitudes within ±180 and latitudes within ±90, got [24,60,250,61]; give WGS84 degrees`,
    ],
  ])('%s = %j is refused', (key, value, problem) => {
    folder.write({ tasks: [helsinkiTask({ [key]: value })] });

    expect(folder.problems()).toEqual([problem]);
  });

  it('may be a host that is listed, or this machine', () => {
    const hosts = ['http://127.0.0.1:81', 'http://localhost', 'http://[::1]:8080', 'https://mirror.example:8443'];
    const cities = ['Helsinki', 'Espoo', 'Vantaa', 'Turku'];
    const tasks = hosts.map((host, index) => ({ city: cities[index], enabled: true, url: `${host}/myytavat-asunnot` }));
    folder.write({ tasks, global_settings: { allowed_hosts: ['mirror.example:8443'] } });

    expect(folder.problems()).toEqual([]);
  });
});

describe('a value of the global settings', () => {
  const start = 'global_settings.';

  it.each([
    [{ log_level: 'LOUD' }, 'log_level: expected "DEBUG" or "INFO" or "WARN" or "WARNING" or "ERROR", got "LOUD"'],
    [
      { cluster_coordination: { work_distribution_strategy: 'random' } },
      'cluster_coordination.work_distribution_strategy: expected "round_robin" or "sticky", got "random"',
    ],
    [
      { cluster_coordination: { health: { cpu_unhealthy: 60 } } },
      'cluster_coordination.health.cpu_degraded: expected 60 (cpu_unhealthy) or less, got 70',
    ],
    [
      { cluster_coordination: { redis_url: 'http://me:secret@cache/' } },
      'cluster_coordination.redis_url: expected a redis:// or rediss:// URL, or null, got "http://me:***@cache/"',
    ],
    [
      { crawler: { user_agent: 'Mozilla/5.0 (X11)' } },
      'crawler.user_agent: expected a name of your own in printable ASCII, not a browser\'s ("Mozilla/…"), or null, got "Mozilla/5.0 (X11)"',
    ],
    [
      { crawler: { user_agent: 'study/1 Chrome/156.0' } },
      'crawler.user_agent: expected a name of your own in printable ASCII, not a browser\'s ("Mozilla/…"), or null, got "study/1 Chrome/156.0"',
    ],
    [
      { crawler: { contact: 'me\r\nX-Evil: 1' } },
      'crawler.contact: expected an e-mail address or an http(s) URL, or null, got "me\\r\\nX-Evil: 1"',
    ],
    [
      { crawler: { robots_ttl_hours: 48 } },
      'crawler.robots_ttl_hours: expected a number above 0 and at most 24, got 48',
    ],
    [
      { allowed_hosts: ['https://x.example/'] },
      'allowed_hosts: expected a list of hosts such as ["mirror.example.org:8080"], got ["https://x.example/"]',
    ],
    [
      { retry: { listing: { base_delay_seconds: 400 } } },
      'retry.listing.max_delay_seconds: expected 400 (base_delay_seconds) or more, got 300',
    ],
    [
      { schedule: { pattern: '5:30' } },
      'schedule.pattern: expected a cron pattern of 5 fields such as "30 5 * * *" (minute hour day month weekday), or 6 with seconds first, got "5:30"',
    ],
    [
      { schedule: { timezone: 'Helsinki' } },
      'schedule.timezone: expected a time zone such as "Europe/Helsinki" or "UTC", got "Helsinki"',
    ],
    [
      { schedule: { timezone: '+02:00' } },
      'schedule.timezone: expected a time zone such as "Europe/Helsinki" or "UTC", got "+02:00"',
    ],
    [{ database: [] }, 'database: expected an object, got []'],
  ])('%j is refused', (settings, problem) => {
    folder.write({ tasks: [helsinkiTask()], global_settings: settings });

    expect(folder.problems()).toEqual([`${start}${problem}; correct it in FILE`]);
  });

  it('that keeps pages without keeping personal data is refused', () => {
    const settings = { raw_archive_directory: 'archive' };
    folder.write({ tasks: [helsinkiTask()], global_settings: settings });
    const problems = folder.problems();
    folder.write({ tasks: [helsinkiTask()], global_settings: { ...settings, collect_personal_data: true } });

    expect(problems).toEqual([
      'global_settings.raw_archive_directory: expected null while collect_personal_data is false, since archived pages name people and their phones, got "archive"; set collect_personal_data to true, or raw_archive_directory to null',
    ]);
    expect(folder.problems()).toEqual([]);
  });

  const bucket = { bucket: 'pages', access_key_id: 'id', secret_access_key: 'tip-top-secret' };
  const endpointProblem = 'global_settings.raw_archive_s3.endpoint: expected';
  it.each([
    [{ raw_archive_s3: bucket }, []],
    [{ raw_archive_s3: { ...bucket, endpoint: 'http://127.0.0.1:9000' } }, []],
    [
      { raw_archive_s3: { ...bucket, endpoint: 'http://objects.example.org' } },
      [
        `${endpointProblem} https, since it is not this machine, got "http://objects.example.org"; correct it or SCRAPER_S3_ENDPOINT`,
      ],
    ],
    [
      { raw_archive_s3: { ...bucket, endpoint: 'https://cdn.oikotie.fi' } },
      [
        `${endpointProblem} an object store, which is no host that is collected from, got "cdn.oikotie.fi"; correct it or SCRAPER_S3_ENDPOINT`,
      ],
    ],
    [
      { raw_archive_s3: { ...bucket, endpoint: 'https://mirror.example.org' }, allowed_hosts: ['mirror.example.org'] },
      [
        `${endpointProblem} an object store, which is no host that is collected from, got "mirror.example.org"; correct it or SCRAPER_S3_ENDPOINT`,
      ],
    ],
    [
      { raw_archive_s3: { ...bucket, endpoint: 'https://id:tip-top-secret@objects.example.org' } },
      [
        `${endpointProblem} scheme, host and port alone; the bucket and the keys have settings of their own, got more than that; correct it or SCRAPER_S3_ENDPOINT`,
      ],
    ],
    [
      { raw_archive_s3: { ...bucket, secret_access_key: null } },
      [
        'global_settings.raw_archive_s3.secret_access_key: expected the key of the bucket, got nothing; set AWS_SECRET_ACCESS_KEY in the environment',
      ],
    ],
    [
      { raw_archive_s3: bucket, raw_archive_directory: 'archive' },
      [
        'global_settings.raw_archive_directory: expected one of raw_archive_directory and raw_archive_s3.bucket, got both; set the one that you do not mean to null',
      ],
    ],
    [
      { raw_archive_s3: { ...bucket, prefix: '../' } },
      [
        'global_settings.raw_archive_s3.prefix: expected letters, digits, dots, dashes and underscores between slashes, one at the end, got "../"; correct it in FILE',
      ],
    ],
    [
      { raw_archive_s3: bucket, collect_personal_data: false },
      [
        'global_settings.raw_archive_s3.bucket: expected null while collect_personal_data is false, since archived pages name people and their phones, got "pages"; set collect_personal_data to true, or raw_archive_s3.bucket to null',
      ],
    ],
  ])('with an archive in a bucket as in %j is told what is wrong, and never a key', (settings, problems) => {
    folder.write({ tasks: [helsinkiTask()], global_settings: { collect_personal_data: true, ...settings } });

    expect(folder.problems()).toEqual(problems);
    expect(problems.join()).not.toContain('tip-top-secret');
  });

  it('with a key of the audit trail takes it from the file or from itself, and repeats none that it refuses', () => {
    const problemsOf = (audit: object) => {
      folder.write({ tasks: [helsinkiTask()], global_settings: { audit } });
      return folder.problems();
    };
    const file = join(mkdtempSync(join(tmpdir(), 'oikotie-key-')), 'audit.key');
    const path = 'global_settings.audit';
    const missing = problemsOf({ key_file: file });
    writeFileSync(file, 'short secret\n');
    const short = problemsOf({ key_file: file });
    writeFileSync(file, `${'s'.repeat(64)}\n`);

    expect(missing).toEqual([expect.stringContaining(`${path}.key_file: expected a file that can be read, got`)]);
    expect(short).toEqual([
      expect.stringContaining('expected a file with one word of 32 characters or more, got some'),
    ]);
    expect(problemsOf({ key_file: file })).toEqual([]);
    expect(problemsOf({ key_file: file, key: 'k'.repeat(32) })).toEqual([
      expect.stringContaining(`${path}.key_file: expected null while audit.key is set`),
    ]);
    expect(problemsOf({ key: 'secret' })).toEqual([expect.stringContaining(`${path}.key: expected a text of 32`)]);
    expect([...short, ...problemsOf({ key: 'secret' })].join()).not.toMatch(/got "(short )?secret/);
    rmSync(dirname(file), { recursive: true });
  });

  it('from the environment is refused under its variable, not half read', () => {
    folder.write({ tasks: [helsinkiTask()] });

    expect(folder.problems({ environment: { HEARTBEAT_INTERVAL: '30s', SCRAPER_OBEY_ROBOTS: 'maybe' } })).toEqual([
      'global_settings.crawler.obey_robots: expected true or false, got "maybe"; correct SCRAPER_OBEY_ROBOTS in the environment',
      'global_settings.cluster_coordination.heartbeat_interval: expected a number above 0, got "30s"; correct HEARTBEAT_INTERVAL in the environment',
    ]);
  });

  it('from an option is refused as such, and so is an option for no key', () => {
    folder.write({ tasks: [helsinkiTask()] });
    const overrides = { 'global_settings.concurrent_cities': 0, 'global_settings.databse_path': 'x' };

    expect(folder.problems({ overrides })).toEqual([
      'global_settings.concurrent_cities: expected a whole number of 1 or more, got 0; correct the option',
      'global_settings.databse_path: expected a known key, got an unknown one; did you mean "global_settings.database_path"? Correct the option',
    ]);
  });
});

describe('unknown keys', () => {
  it.each([
    [{ task: [] }, 'task: expected a known key, got an unknown one; did you mean "tasks"? Correct or remove it'],
    [
      { global_settings: { databse_path: 'x' } },
      'global_settings.databse_path: expected a known key, got an unknown one; did you mean "database_path"? Correct or remove it',
    ],
    [
      { global_settings: { redis_url: null } },
      'global_settings.redis_url: expected a known key, got an unknown one; move it to "global_settings.cluster_coordination.redis_url"',
    ],
    [
      { tasks: [helsinkiTask({ data_governance: { cache_hours: 1 } })] },
      'tasks[0].data_governance.cache_hours: expected a known key, got an unknown one; did you mean "cache_duration_hours"? Correct or remove it',
    ],
  ])('%j get the nearest known one', (extra, problem) => {
    folder.write({ tasks: [helsinkiTask()], ...extra });

    expect(folder.problems()).toEqual([problem]);
  });

  it('are refused with their path, whatever they are called and wherever they are', () => {
    const groups = ['', 'global_settings.', 'global_settings.retry.city.', 'tasks[0].', 'tasks[0].data_governance.'];
    const known = new Set(
      [...flattenKnobs(settingsSchema), ...flattenKnobs(taskSchema)].flatMap(({ path }) => path.split('.')),
    );
    const keys = fc
      .oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', 'Tasks'))
      .filter((key) => !known.has(key) && key !== 'tasks' && key !== 'global_settings');

    fc.assert(
      fc.property(fc.constantFrom(...groups), keys, fc.jsonValue(), (group, key, value) => {
        folder.write(fileWith(group, key, value));

        const problems = folder.problems();

        expect(problems).toHaveLength(1);
        expect(problems[0]?.startsWith(`${group}${key}: expected a known key, got an unknown one; `)).toBe(true);
      }),
    );
  });
});

it('whatever JSON the file holds, it loads or says its problems', () => {
  const values = fc.jsonValue();
  const tasks = fc.array(
    fc.record({ city: values, enabled: values, url: values, coordinate_bounds: values, data_governance: values }),
  );
  const files = fc.oneof(values, fc.record({ tasks: fc.oneof(tasks, values), global_settings: values }));

  fc.assert(
    fc.property(files, (file) => {
      folder.write(JSON.stringify(file));

      expect(folder.problems()).not.toContain('');
    }),
  );
});

/** The text of a file that is right but for one key; made as text, because `__proto__` is no ordinary key in code. */
function fileWith(group: string, key: string, value: unknown): string {
  const extra = (name: string): string => (name === group ? `${JSON.stringify(key)}: ${JSON.stringify(value)}, ` : '');
  const task = JSON.stringify(helsinkiTask()).slice(1, -1);
  return `{ ${extra('')}
    "tasks": [{ ${extra('tasks[0].')} ${task}, "data_governance": { ${extra('tasks[0].data_governance.')} "cache_duration_hours": 1 } }],
    "global_settings": { ${extra('global_settings.')} "retry": { "city": { ${extra('global_settings.retry.city.')} "jitter": 0 } } }
  }`;
}

it('reports every problem of a file at once, one not hiding another', () => {
  folder.write({
    tasks: [
      helsinkiTask({ city: 'Hlsinki', priorty: 1, coordinate_bounds: [25, 60, 24, 61] }),
      helsinkiTask({ rate_limit_seconds: -1, url: 'https://elsewhere.example/' }),
      helsinkiTask({ city: 'helsinki', enabled: 'yes' }),
    ],
    global_settings: { log_level: 3, retry: { city: { base_delay_seconds: 5000 } } },
    tsks: [],
  });

  const paths = folder.problems().map((problem) => problem.slice(0, problem.indexOf(':')));

  expect(paths).toEqual([
    'tsks',
    'tasks[0].priorty',
    'tasks[0].city',
    'tasks[0].coordinate_bounds',
    'tasks[1].rate_limit_seconds',
    'tasks[1].url',
    'tasks[2].enabled',
    'tasks[2].city',
    'global_settings.log_level',
    'global_settings.retry.city.max_delay_seconds',
  ]);
});
