/**
 * The doctor's checks of the portal: can it be reached, what does robots.txt say of each task, and are the location ids
 * the right ones. A few requests in all, through the same limits and rules as a run.
 */
import type { CityTask, Config } from '../config/config.ts';
import type { FetchedResponse, Fetcher } from '../src/crawl/fetcher.ts';
import type { PortalClient } from '../src/crawl/portal-client.ts';
import { productTokenOf } from '../src/crawl/robots-rules.ts';
import { categoryOf, messageOf } from '../src/errors.ts';
import { parseLocationResponse } from '../src/portal/location-response.ts';
import { readRobots } from '../src/portal/robots.ts';
import type { SearchLocation } from '../src/portal/search-url.ts';
import { locationApiUrl, readSearchUrl } from '../src/portal/search-url.ts';
import { categoryPolicies } from '../src/resilience/error-categories.ts';
import type { Finding } from './finding.ts';

export interface PortalCheckInput {
  readonly config: Pick<Config, 'tasks' | 'crawler'>;
  readonly fetcher: Fetcher;
  readonly client: PortalClient;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** No more locations than this are asked about in one go. */
const maxLocations = 12;
const largestSkewMs = 5 * 60_000;
const cityType = 6;

/** Findings for every origin of the tasks, in their order. */
export async function checkPortal(input: PortalCheckInput): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [origin, tasks] of byOrigin(input.config.tasks)) {
    const robots = await askRobots(origin, input);
    findings.push(...robots.findings);
    if (robots.response === null) continue;
    findings.push(...robotsFindings(tasks, robots.response, input.config));
    findings.push(...(await checkLocations(origin, tasks, input)));
  }
  return findings;
}

function byOrigin(tasks: readonly CityTask[]): ReadonlyMap<string, readonly CityTask[]> {
  const origins = new Map<string, CityTask[]>();
  for (const task of tasks) {
    const { origin } = new URL(task.url);
    origins.set(origin, [...(origins.get(origin) ?? []), task]);
  }
  return origins;
}

/** robots.txt is the request that shows whether the portal can be reached, and what time it has. */
async function askRobots(
  origin: string,
  { fetcher, now, signal }: PortalCheckInput,
): Promise<{ readonly response: FetchedResponse | null; readonly findings: readonly Finding[] }> {
  const name = `portal ${new URL(origin).host}`;
  try {
    const response = await fetcher.fetch({ url: `${origin}/robots.txt`, kind: 'robots', city: null, signal });
    const seen = `robots.txt answered ${response.status} in ${response.durationMs} ms`;
    const isWell = response.status < 500 && response.status !== 429;
    const remedy = 'Wait: nothing is asked while robots.txt cannot be read';
    const reached: Finding = { name, status: isWell ? 'ok' : 'problem', seen, remedy: isWell ? null : remedy };
    return { response: isWell ? response : null, findings: [reached, ...skewFindings(response, now())] };
  } catch (error) {
    signal.throwIfAborted();
    return { response: null, findings: [failure(name, error)] };
  }
}

function skewFindings(response: FetchedResponse, nowMs: number): readonly Finding[] {
  const skewMs = nowMs - Date.parse(response.headers['date'] ?? '');
  if (Number.isNaN(skewMs) || Math.abs(skewMs) <= largestSkewMs) return [];
  const seen = `this clock and the portal's differ by ${Math.round(Math.abs(skewMs) / 60_000)} minutes`;
  return [{ name: 'clock', status: 'warning', seen, remedy: 'Set the clock (NTP); days and retries go by it' }];
}

function robotsFindings(
  tasks: readonly CityTask[],
  response: FetchedResponse,
  { crawler }: Pick<Config, 'crawler'>,
): readonly Finding[] {
  const rules = readRobots(response.status === 200 ? response.body : '', productTokenOf(crawler.userAgent));
  return tasks
    .filter((task) => task.enabled)
    .map((task): Finding => {
      const name = `robots.txt for ${task.city}`;
      const delay = rules.crawlDelayMs === null ? '' : `, with ${rules.crawlDelayMs / 1000} s between requests`;
      if (rules.isAllowed(task.url))
        return { name, status: 'ok', seen: `allows its search page${delay}`, remedy: null };
      const remedy = 'Disable the task; a run would ask nothing of it';
      if (crawler.obeysRobots) return { name, status: 'problem', seen: 'disallows its search page', remedy };
      return { name, status: 'warning', seen: 'disallows its search page, and is set to be ignored', remedy };
    });
}

async function checkLocations(
  origin: string,
  tasks: readonly CityTask[],
  input: PortalCheckInput,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { task, location } of tasks.flatMap(citiesOf).slice(0, maxLocations)) {
    const name = `location id of ${location.name}`;
    try {
      const url = locationApiUrl(origin, location.name);
      const { city } = task;
      const response = await input.client.location({ url, searchPageUrl: task.url, city, signal: input.signal });
      findings.push(locationFinding(name, location, response.body));
    } catch (error) {
      input.signal.throwIfAborted();
      findings.push(failure(name, error));
      // The portal said no once; it is not asked the same of every city.
      break;
    }
  }
  return findings;
}

function citiesOf(task: CityTask): readonly { readonly task: CityTask; readonly location: SearchLocation }[] {
  const locations = readSearchUrl(task.url).search?.locations ?? [];
  return locations.filter(({ type }) => type === cityType).map((location) => ({ task, location }));
}

function locationFinding(name: string, location: SearchLocation, body: string): Finding {
  const answer = parseLocationResponse(body);
  if (answer.kind !== 'locations') {
    const remedy = 'Try again later; if it stays, the portal has changed its resolver';
    return { name, status: 'warning', seen: `the portal's answer could not be read (${answer.kind})`, remedy };
  }
  const wanted = location.name.trim().toLowerCase();
  const found = answer.locations.find(({ type, name: own }) => type === cityType && own.toLowerCase() === wanted);
  if (found === undefined) {
    return { name, status: 'warning', seen: `the portal knows no city "${location.name}"`, remedy: 'Check the name' };
  }
  if (found.id === location.id) return { name, status: 'ok', seen: `${location.id}, as the portal says`, remedy: null };
  const seen = `${location.id} in the configuration, ${found.id} at the portal`;
  const remedy = `Set locations=[[${found.id},${cityType},"${found.name}"]] in the url of the task`;
  return { name, status: 'warning', seen, remedy };
}

function failure(name: string, error: unknown): Finding {
  const { remedy } = categoryPolicies[categoryOf(error)];
  return { name, status: 'problem', seen: messageOf(error), remedy };
}
