/**
 * `oikotie simulator`: starts the local stand-in for the portal alone and keeps it running until Ctrl-C.
 * It prints its address and control API to stderr and never contacts another machine.
 */
import { defaultCities } from '../simulator/cities.ts';
import { controlHelp } from '../simulator/control.ts';
import { startSimulator } from '../simulator/server.ts';
import { createWorld } from '../simulator/world.ts';
import { aborted } from '../src/crawl/on-abort.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';

export interface SimulatorCommandOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly seed: number;
  /** Listings for sale in the largest city; the other counts keep their proportion. */
  readonly listings?: number;
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
}

/** Runs until the signal aborts; gives back 0, or 2 when it cannot listen on the port. */
export async function runSimulator(options: SimulatorCommandOptions, io: CommandIo): Promise<number> {
  const { port, seed, host = '127.0.0.1' } = options;
  const world = createWorld({ seed, cities: scaledCities(options.listings) });
  let simulator: Awaited<ReturnType<typeof startSimulator>>;
  try {
    simulator = await startSimulator({ world, port, host });
  } catch (error) {
    io.stderr.write(`Simulator failed to listen on ${host}:${port}: ${String(error)}; choose another --port\n`);
    return exitCodes.badInput;
  }
  const searches = defaultCities.map(({ name }) => `  ${simulator.searchUrl(name, 'sale')}`);
  const lines = [`Simulator of the portal at ${simulator.origin} (seed ${seed})`, ...searches, 'Control API:'];
  io.stderr.write(`${[...lines, ...controlHelp.map((line) => `  ${line}`), 'Ctrl-C stops it.'].join('\n')}\n`);
  await aborted(io.signal);
  await simulator.close();
  return exitCodes.ok;
}

function scaledCities(listings: number | undefined) {
  const [largest] = defaultCities;
  if (listings === undefined || largest === undefined) return defaultCities;
  const scale = listings / largest.saleCount;
  return defaultCities.map((city) => ({
    ...city,
    saleCount: Math.max(1, Math.round(city.saleCount * scale)),
    rentCount: Math.max(1, Math.round(city.rentCount * scale)),
  }));
}
