/**
 * What a schema cannot say about one task: that its city exists, its url may be asked and its box is a box. It never
 * asks the portal; whether an id really is that city is verified by `oikotie doctor`.
 */
import type { LocationVerdict } from '../src/portal/known-location-ids.ts';
import { checkLocationId } from '../src/portal/known-location-ids.ts';
import { portalOrigin } from '../src/portal/listing-url.ts';
import type { SearchLocation } from '../src/portal/search-url.ts';
import { readSearchUrl } from '../src/portal/search-url.ts';
import { listMunicipalities } from './municipalities.ts';
import { describeProblem, nearestWords, showValue } from './problem.ts';
import type { Task } from './task-schema.ts';

/** Type of a city in a location triple `[id, type, name]`. */
const cityType = 6;

/** What is known of a task; null stands for what could not be read. */
export interface TaskFacts {
  readonly city: string | null;
  readonly url: string | null;
  readonly bounds: Task['coordinate_bounds'];
}

export interface TaskFindings {
  /** City in its usual spelling. */
  readonly city: string | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** The problems and warnings of one task; `prefix` is `tasks[0].` and so on. */
export function checkTask(task: TaskFacts, prefix: string, allowedHosts: readonly string[]): TaskFindings {
  const city = task.city === null ? null : usualSpelling(task.city);
  const nothing: UrlFindings = { locations: null, problems: [], warnings: [] };
  const url = task.url === null ? nothing : checkUrl(task.url, `${prefix}url`, allowedHosts);
  const problems = [...url.problems, ...checkBounds(task.bounds, `${prefix}coordinate_bounds`)];
  if (city === null) return { city, problems, warnings: url.warnings };
  return {
    city,
    problems: [...checkCity(city, `${prefix}city`, url.locations ?? []), ...problems],
    warnings: [...url.warnings, ...adviseOnLocations(city, url.locations, `${prefix}url`)],
  };
}

/** The portal's own host, which is always allowed. */
export function portalHost(): string {
  return new URL(portalOrigin).host;
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
  const nearest = nearestWords(city, known, 3).map(showValue).join(' or ');
  const expected = "a Finnish municipality or the name in the url's locations";
  return [describeProblem({ path, expected, got: showValue(city), remedy: `did you mean ${nearest}?` })];
}

interface UrlFindings {
  /** Null when the url cannot be read as a search. */
  readonly locations: readonly SearchLocation[] | null;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

function checkUrl(text: string, path: string, allowedHosts: readonly string[]): UrlFindings {
  if (!URL.canParse(text)) {
    const got = showValue(text);
    const problems = [describeProblem({ path, expected: 'an http(s) URL', got, remedy: 'correct it' })];
    return { locations: null, problems, warnings: [] };
  }
  const hostProblems = checkHost(new URL(text), path, allowedHosts);
  if (hostProblems.length > 0) return { locations: null, problems: hostProblems, warnings: [] };
  const { search, problems } = readSearchUrl(text);
  const remarks = problems.map((problem) => `${path}: ${problem.replace(/^search URL: /, '')}`);
  if (search !== null) return { locations: search.locations, problems: [], warnings: remarks };
  const remedy = 'copy the address of the search page again';
  return { locations: null, problems: remarks.map((remark) => `${remark}; ${remedy}`), warnings: [] };
}

function checkHost(url: URL, path: string, allowedHosts: readonly string[]): string[] {
  if (url.username !== '' || url.password !== '') {
    const expected = 'a URL without user name and password';
    return [describeProblem({ path, expected, got: 'one that has them', remedy: 'remove them' })];
  }
  if (url.host === portalHost() || isLoopback(url) || allowedHosts.includes(url.host)) return [];
  const expected = `a host that is ${portalHost()}, this machine or in allowed_hosts`;
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
function adviseOnLocations(city: string, locations: readonly SearchLocation[] | null, path: string): string[] {
  if (locations === null) return [];
  if (locations.length === 0) return [`${path}: it has no locations, so it searches the whole country`];
  const warnings: string[] = [];
  for (const { id, type, name } of locations) {
    if (type !== cityType) continue;
    const advice =
      name.toLowerCase() === city.toLowerCase()
        ? adviseOnId(city, id, checkLocationId(id, city))
        : `it searches ${showValue(name)}, but the city of the task is ${showValue(city)}`;
    if (advice !== null) warnings.push(`${path}: ${advice}`);
  }
  return warnings;
}

/** What is wrong with a city's location id; null when nothing is known to be. */
function adviseOnId(city: string, id: number, verdict: LocationVerdict): string | null {
  if (verdict.kind !== 'municipality_number' && verdict.kind !== 'mismatch') return null;
  const isNumber = verdict.kind === 'municipality_number';
  const what = isNumber ? `is the municipality number of ${city}` : `is not the one known for ${city}`;
  const isVerified = checkLocationId(verdict.knownId, city).kind === 'verified';
  const certainty = isVerified ? 'its location id is' : 'its location id is probably (not verified)';
  const right = `[[${verdict.knownId},${cityType},"${city}"]]`;
  return `location id ${id} ${what}; ${certainty} ${verdict.knownId}: use locations=${right}`;
}
