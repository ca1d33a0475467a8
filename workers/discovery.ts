/**
 * How a process reads the lists of its cities: each as its task says.
 */
import type { CityTask } from '../config/config.ts';
import type { Discovery } from '../src/jobs/discovery.ts';
import { createDiscovery } from '../src/jobs/discovery.ts';
import type { Log } from '../src/log.ts';
import type { Portal } from './portal.ts';

export function discoveryOf(portal: Portal['client'], tasks: readonly CityTask[], log: Log): Discovery {
  const fetchModes = new Map(tasks.map(({ city, fetchMode }) => [city, fetchMode]));
  return createDiscovery({
    portal,
    fetchModeOf: (city) => fetchModes.get(city) ?? 'http',
    onModeChange: (change) => log.warn(change, 'the list of a city is read in another way'),
  });
}
