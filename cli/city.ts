/**
 * `oikotie city`: shows how fast and with how many workers the cluster asks for each city, and lets an operator change it
 * while it runs. What is set holds on every node at once and for later runs, until it is reset.
 */
import type { Config } from '../config/config.ts';
import { nearestWords } from '../config/problem.ts';
import { describeLimits, describeRate } from '../workers/limits-event.ts';
import type { CityChange, CityDesk, LimitsOfCity } from '../workers/operator/city-limits.ts';
import { changeCityLimits, readCityLimits } from '../workers/operator/city-limits.ts';
import { renderCities } from './city-table.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { widthOf } from './text-table.ts';

export async function listCities(desk: CityDesk, json: boolean, io: CommandIo): Promise<number> {
  const cities = await readCityLimits(desk);
  if (json) io.stdout.write(`${JSON.stringify(cities, null, 2)}\n`);
  else io.stdout.write(renderCities(cities, desk.config.crawler.portalIntervalMs, widthOf(io.stdout)));
  return exitCodes.ok;
}

/** Sets or resets the limits of one city and prints what is in force then; 2 when it is not configured. */
export async function changeCity(desk: CityDesk, change: CityChange, json: boolean, io: CommandIo): Promise<number> {
  const changed = await changeCityLimits(desk, change);
  if (changed.kind === 'unknown_city') {
    io.stderr.write(`city ${change.action} ${change.city}: ${describeUnknown(desk.config.tasks, change.city)}\n`);
    return exitCodes.badInput;
  }
  if (changed.kind === 'nothing_set') {
    io.stderr.write(`Nothing was set for ${changed.city}: it is asked as configured.\n`);
    return exitCodes.ok;
  }
  const { limits } = changed;
  io.stdout.write(json ? `${JSON.stringify(limits, null, 2)}\n` : sentenceOf(desk.config, limits));
  return exitCodes.ok;
}

function sentenceOf(
  { crawler: { portalIntervalMs } }: Pick<Config, 'crawler'>,
  { city, configured, inForce, set }: LimitsOfCity,
): string {
  const lines =
    set === null
      ? [`${city} is asked as configured again: ${describeLimits(configured)}.`]
      : [
          `${city} is asked with ${describeLimits(inForce)} now (configured: ${describeLimits(configured)}).`,
          `It holds on every node, for later runs too, until "oikotie city reset ${city}".`,
        ];
  if (inForce.requestIntervalMs < portalIntervalMs) {
    const limit = `${describeRate(portalIntervalMs)} for the portal as a whole (crawler.max_requests_per_second)`;
    lines.push(`That is faster than ${limit}, which holds all the same.`);
  }
  return `${lines.join('\n')}\n`;
}

/** A few configured cities are all named, of many those that are spelt alike. */
function describeUnknown(tasks: Config['tasks'], name: string): string {
  const cities = tasks.map(({ city }) => city);
  if (cities.length <= mostNamed) return `expected one of ${cities.join(', ')}`;
  return `expected a configured city; did you mean ${nearestWords(name, cities, 3).join(' or ')}?`;
}

const mostNamed = 6;
