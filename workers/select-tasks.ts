/** Which cities a run collects. */
import type { CityTask } from '../config/config.ts';
import { ConfigError } from '../src/errors.ts';

/** The tasks of the named cities, or the enabled ones for null. @throws ConfigError when a city has no task or nothing is left to do. */
export function selectTasks(tasks: readonly CityTask[], cities: readonly string[] | null): readonly CityTask[] {
  if (cities === null) {
    const enabled = tasks.filter((task) => task.enabled);
    if (enabled.length > 0) return enabled;
    throw new ConfigError([
      'tasks: expected at least one with "enabled": true, got none; enable one or name it with --city',
    ]);
  }
  const known = new Map(tasks.map((task) => [task.city.toLowerCase(), task]));
  const problems: string[] = [];
  const selected = new Set<CityTask>();
  for (const city of cities) {
    const task = known.get(city.toLowerCase());
    if (task !== undefined) selected.add(task);
    else
      problems.push(`--city ${city}: expected one of ${tasks.map((each) => each.city).join(', ')}; add a task for it`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return [...selected];
}
