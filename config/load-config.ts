/**
 * Reads the configuration once, from file, environment and options, and gives it back frozen, or all of its problems
 * at once. This is the only place that touches the process environment.
 */
import { ConfigError } from '../src/errors.ts';
import { checkAlerts } from './alerts-schema.ts';
import type { TaskFacts } from './check-task.ts';
import { checkTask, isLoopback } from './check-task.ts';
import type { Config } from './config.ts';
import { readJsonFile } from './json-file.ts';
import { flattenKnobs } from './knob.ts';
import { describeProblem, nearestWords, showValue } from './problem.ts';
import { checkRawArchive } from './read-archive.ts';
import { readAuditKeys } from './read-audit-keys.ts';
import type { EffectiveKnob, SectionSources } from './read-section.ts';
import { acceptedValue, readSection } from './read-section.ts';
import { readRedisTarget } from './redis-target.ts';
import type { Settings } from './schema.ts';
import { settingsSchema } from './schema.ts';
import { showSettings } from './shown-settings.ts';
import type { Task } from './task-schema.ts';
import { taskSchema } from './task-schema.ts';
import { toConfig } from './to-config.ts';
import { isPlainObject } from './unknown-keys.ts';

export interface ConfigSources {
  /** The configuration file. */
  readonly path: string;
  /** Environment variables; by default those of this process. An empty one counts as not set. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Values of command-line options by full path, e.g. `global_settings.database_path`; they win over all others.
   * Undefined counts as not given.
   */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Every knob with its value in the file's own unit and where the value came from. */
  readonly knobs: readonly EffectiveKnob[];
  /** What is allowed but likely not meant; one sentence each. */
  readonly warnings: readonly string[];
}

type Sources = Required<ConfigSources>;

/**
 * The effective configuration.
 * @throws ConfigError with one line per problem: missing or broken file, unknown key, wrong type, unknown city, url
 * that may not be asked, box that is no box, city that comes twice, Redis named in two ways.
 */
export function loadConfig({ path, environment = process.env, overrides = {} }: ConfigSources): LoadedConfig {
  const sources = { path, environment, overrides };
  const file = readJsonFile(path);
  if (!isPlainObject(file)) {
    throw new ConfigError([
      describeProblem({ path, expected: 'an object', got: showValue(file), remedy: 'correct it' }),
    ]);
  }
  const global = readSection(settingsSchema, sectionOf(sources, 'global_settings.', file['global_settings']));
  const hostsPath = 'global_settings.allowed_hosts';
  const allowedHosts = acceptedValue(global.knobs, hostsPath, settingsSchema.allowed_hosts) ?? [];
  const tasks = readTasks(file['tasks'], sources, allowedHosts);
  const redis = readRedisTarget(global.knobs);
  const auditKeys = readAuditKeys(global.knobs);
  const problems = [
    ...describeUnknownTopKeys(file),
    ...tasks.problems,
    ...global.problems,
    ...describeUnknownOverrides(overrides, tasks.count),
    ...checkRetry(global.knobs, path),
    ...checkRawArchive(global.knobs),
    ...checkAlerts(global.knobs),
    ...auditKeys.problems,
    ...redis.problems,
    ...checkHealth(global.knobs, path),
  ];
  if (global.values === null || problems.length > 0) throw new ConfigError(problems);
  const knobs = [...tasks.knobs, ...global.knobs];
  return {
    config: toConfig({
      settings: global.values,
      tasks: tasks.values,
      redis: redis.target,
      auditKeys: auditKeys.keys,
      shownSettings: showSettings(knobs),
      searchPath: environment['PATH'],
    }),
    knobs,
    warnings: [...tasks.warnings, ...adviseOnWhole(global.values, tasks.values)],
  };
}

function sectionOf(sources: Sources, prefix: string, file: unknown): SectionSources {
  return { prefix, filePath: sources.path, file, environment: sources.environment, overrides: sources.overrides };
}

interface ReadTasks {
  /** Entries in the file, readable or not. */
  readonly count: number;
  readonly values: readonly Task[];
  readonly knobs: readonly EffectiveKnob[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

function readTasks(list: unknown, sources: Sources, allowedHosts: readonly string[]): ReadTasks {
  if (!Array.isArray(list) || list.length === 0) {
    const parts = { path: 'tasks', expected: 'a list with at least one city', got: showValue(list) };
    const problems = [describeProblem({ ...parts, remedy: `add a task to ${sources.path}` })];
    return { count: 0, values: [], knobs: [], problems, warnings: [] };
  }
  const values: Task[] = [];
  const knobs: EffectiveKnob[] = [];
  const problems: string[] = [];
  const warnings: string[] = [];
  const firstPlaces = new Map<string, string>();
  for (const [index, file] of list.entries()) {
    const prefix = `tasks[${index}].`;
    const section = readSection(taskSchema, sectionOf(sources, prefix, file));
    knobs.push(...section.knobs);
    const findings = checkTask(factsOf(section.knobs, prefix), prefix, allowedHosts);
    problems.push(...section.problems, ...findings.problems);
    warnings.push(...findings.warnings);
    if (findings.city !== null) problems.push(...describeRepeatedCity(findings.city, prefix, firstPlaces));
    if (section.values !== null) values.push({ ...section.values, city: findings.city ?? section.values.city });
  }
  return { count: list.length, values, knobs, problems, warnings };
}

/** What could be read of a task, so that one bad value does not hide the next. */
function factsOf(knobs: readonly EffectiveKnob[], prefix: string): TaskFacts {
  return {
    city: acceptedValue(knobs, `${prefix}city`, taskSchema.city),
    url: acceptedValue(knobs, `${prefix}url`, taskSchema.url),
    bounds: acceptedValue(knobs, `${prefix}coordinate_bounds`, taskSchema.coordinate_bounds),
  };
}

function describeRepeatedCity(city: string, prefix: string, firstPlaces: Map<string, string>): string[] {
  const path = `${prefix}city`;
  const firstPlace = firstPlaces.get(city);
  if (firstPlace === undefined) {
    firstPlaces.set(city, path);
    return [];
  }
  const remedy = 'remove one of the two tasks';
  return [
    describeProblem({
      path,
      expected: 'a city that comes once',
      got: `${showValue(city)} as in ${firstPlace}`,
      remedy,
    }),
  ];
}

function describeUnknownTopKeys(file: object): string[] {
  const known = ['tasks', 'global_settings'];
  return Object.keys(file)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const remedy = `did you mean "${nearestWords(key, known, 1)[0]}"? Correct or remove it`;
      return describeProblem({ path: key, expected: 'a known key', got: 'an unknown one', remedy });
    });
}

function describeUnknownOverrides(overrides: object, taskCount: number): string[] {
  const known = new Set(flattenKnobs(settingsSchema, 'global_settings.').map((named) => named.path));
  for (let index = 0; index < taskCount; index += 1) {
    for (const named of flattenKnobs(taskSchema, `tasks[${index}].`)) known.add(named.path);
  }
  return Object.keys(overrides)
    .filter((path) => !known.has(path))
    .map((path) => {
      const remedy = `did you mean "${nearestWords(path, known, 1)[0]}"? Correct the option`;
      return describeProblem({ path, expected: 'a known key', got: 'an unknown one', remedy });
    });
}

function checkRetry(knobs: readonly EffectiveKnob[], filePath: string): string[] {
  const problems: string[] = [];
  for (const name of ['listing', 'city'] as const) {
    const retry = settingsSchema.retry[name];
    const path = `global_settings.retry.${name}.max_delay_seconds`;
    const base = acceptedValue(knobs, `global_settings.retry.${name}.base_delay_seconds`, retry.base_delay_seconds);
    const max = acceptedValue(knobs, path, retry.max_delay_seconds);
    if (base === null || max === null || max >= base) continue;
    const expected = `${base} (base_delay_seconds) or more`;
    problems.push(describeProblem({ path, expected, got: showValue(max), remedy: `correct it in ${filePath}` }));
  }
  return problems;
}

function checkHealth(knobs: readonly EffectiveKnob[], filePath: string): string[] {
  const { health } = settingsSchema.cluster_coordination;
  return (['cpu', 'memory', 'disk'] as const).flatMap((name) => {
    const path = `global_settings.cluster_coordination.health.${name}_degraded`;
    const degraded = acceptedValue(knobs, path, health[`${name}_degraded`]);
    const unhealthy = acceptedValue(
      knobs,
      `global_settings.cluster_coordination.health.${name}_unhealthy`,
      health[`${name}_unhealthy`],
    );
    if (degraded === null || unhealthy === null || degraded <= unhealthy) return [];
    const expected = `${unhealthy} (${name}_unhealthy) or less`;
    return [describeProblem({ path, expected, got: showValue(degraded), remedy: `correct it in ${filePath}` })];
  });
}

function adviseOnWhole(settings: Settings, tasks: readonly Task[]): string[] {
  const warnings: string[] = [];
  const enabled = tasks.filter((task) => task.enabled);
  if (enabled.length === 0) warnings.push('tasks: no city is enabled, so a run collects nothing');
  const asksPortal = enabled.some((task) => !isLoopback(new URL(task.url)));
  if (settings.crawler.contact === null && asksPortal) {
    warnings.push(
      'global_settings.crawler.contact: no contact is set; set SCRAPER_CONTACT so that the portal can reach you',
    );
  }
  return warnings;
}
