/**
 * What a schema cannot say about one task: that its city exists, its url may be asked and its box is a box. It never
 * asks the portal; whether an id really is that city is verified by `oikotie doctor`.
 */
import { listMunicipalities } from './municipalities.ts';
import { describeProblem, nearestWords, showValue } from './problem.ts';
import type { SearchLocation } from './search-location.ts';
import { cityCardType, knownCities, readLocations } from './search-location.ts';
import type { Task } from './task-schema.ts';

export const portalHost = 'asunnot.oikotie.fi';

export interface TaskFindings {
  /** City in its usual spelling. */
  readonly city: string;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** The problems and warnings of one task; `prefix` is `tasks[0].` and so on. */
export function checkTask(task: Task, prefix: string, allowedHosts: readonly string[]): TaskFindings {
  const city = usualSpelling(task.city);
  const { locations, problems: urlProblems } = checkUrl(task.url, `${prefix}url`, allowedHosts);
  return {
    city,
    problems: [
      ...checkCity(city, `${prefix}city`, locations ?? []),
      ...urlProblems,
      ...checkBounds(task.coordinate_bounds, `${prefix}coordinate_bounds`),
    ],
    warnings: locations === null ? [] : adviseOnLocations(city, locations, `${prefix}url`),
  };
}

/** True for addresses of this machine: localhost, 127.0.0.0/8 and ::1. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}

function usualSpelling(city: string): string {
  const wanted = city.trim().toLowerCase();
  return listMunicipalities().find((name) => name.toLowerCase() === wanted) ?? city.trim();
}

function checkCity(city: string, path: string, locations: readonly SearchLocation[]): string[] {
  const known = listMunicipalities();
  const named = locations.map((location) => location.name.toLowerCase());
  if (known.includes(city) || named.includes(city.toLowerCase())) return [];
  const nearest = nearestWords(city, known, 3).map(showValue).join(', ');
  const expected = "a Finnish municipality or the name in the url's locations";
  return [describeProblem({ path, expected, got: showValue(city), remedy: `did you mean one of ${nearest}?` })];
}

function checkUrl(
  text: string,
  path: string,
  allowedHosts: readonly string[],
): { locations: SearchLocation[] | null; problems: string[] } {
  if (!URL.canParse(text)) {
    const got = showValue(text);
    return {
      locations: null,
      problems: [describeProblem({ path, expected: 'an http(s) URL', got, remedy: 'correct it' })],
    };
  }
  const url = new URL(text);
  const problems = checkHost(url, path, allowedHosts);
  const locations = readLocations(url);
  if (locations === null) {
    const expected = 'locations such as [[64,6,"Helsinki"]]';
    const remedy = 'copy the address of the search page again';
    problems.push(describeProblem({ path, expected, got: showValue(url.searchParams.get('locations')), remedy }));
  }
  return { locations, problems };
}

function checkHost(url: URL, path: string, allowedHosts: readonly string[]): string[] {
  if (url.username !== '' || url.password !== '') {
    const expected = 'a URL without user name and password';
    return [describeProblem({ path, expected, got: 'one that has them', remedy: 'remove them' })];
  }
  if (url.host === portalHost || isLoopback(url) || allowedHosts.includes(url.host)) return [];
  const expected = `a host that is ${portalHost}, this machine or in allowed_hosts`;
  const remedy = 'correct the url or add the host to global_settings.allowed_hosts';
  return [describeProblem({ path, expected, got: showValue(url.host), remedy })];
}

function checkBounds(bounds: Task['coordinate_bounds'], path: string): string[] {
  if (bounds === null) return [];
  const [minLon, minLat, maxLon, maxLat] = bounds;
  const got = showValue(bounds);
  const expected = '[min_lon, min_lat, max_lon, max_lat] in degrees';
  if ([minLon, maxLon].every(isFinnishLatitude) && [minLat, maxLat].every(isFinnishLongitude)) {
    return [
      describeProblem({ path, expected, got: `${got}, which has latitudes first`, remedy: 'put longitudes first' }),
    ];
  }
  if (minLon >= maxLon || minLat >= maxLat) {
    const remedy = 'put the smaller longitude and latitude first';
    return [describeProblem({ path, expected: `${expected} with each min below its max`, got, remedy })];
  }
  if (minLon < -180 || maxLon > 180 || minLat < -90 || maxLat > 90) {
    const within = `${expected}, longitudes within ±180 and latitudes within ±90`;
    return [describeProblem({ path, expected: within, got, remedy: 'give WGS84 degrees' })];
  }
  return [];
}

function isFinnishLatitude(degrees: number): boolean {
  return degrees >= 58 && degrees <= 71;
}

function isFinnishLongitude(degrees: number): boolean {
  return degrees >= 19 && degrees <= 33;
}

/** Warnings about ids and names that would collect something else than the city. */
function adviseOnLocations(city: string, locations: readonly SearchLocation[], path: string): string[] {
  if (locations.length === 0) return [`${path}: it has no locations, so it searches the whole country`];
  const warnings: string[] = [];
  for (const { id, cardType, name } of locations) {
    if (cardType !== cityCardType) continue;
    const known = Object.hasOwn(knownCities, city) ? knownCities[city] : undefined;
    if (name.toLowerCase() !== city.toLowerCase()) {
      warnings.push(`${path}: it searches ${showValue(name)}, but the city of the task is ${showValue(city)}`);
    } else if (known !== undefined && id !== known.locationId) {
      warnings.push(`${path}: ${adviseOnId(city, id, known)}`);
    }
  }
  return warnings;
}

function adviseOnId(city: string, id: number, known: (typeof knownCities)[string]): string {
  const what = id === known.municipalityNumber ? `is the municipality number of ${city}` : `is not known for ${city}`;
  const right = `[[${known.locationId},${cityCardType},"${city}"]]`;
  const certainty = known.isVerified ? 'the right one is' : 'the right one is probably (not verified)';
  return `location id ${id} ${what}; ${certainty} ${known.locationId}: use locations=${right}`;
}
